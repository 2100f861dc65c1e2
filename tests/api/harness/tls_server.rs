//! A Postgres that takes encrypted connections alone, and authorities that sign certificates.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

pub const OWNER_PASSWORD: &str = "r0undabout-of-the-test";

/// Who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub certificate: String,
}

impl Authority {
    pub fn make() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Authorities of one name would be told apart by their signatures alone.
        let name = format!("authority {}", COUNT.fetch_add(1, Ordering::Relaxed));
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = parameters.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(parameters, key),
            certificate,
        }
    }

    /// A certificate for this name, and its key.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// The server; it ends with this value.
pub struct TlsServer {
    directory: PathBuf,
    programs: PathBuf,
    account: Option<(u32, u32)>,
    port: u16,
}

impl TlsServer {
    /// Starts a server whose certificate is for this name.
    pub fn start(authority: &Authority, name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = format!("tautband-tls-{}-{count}", std::process::id());
        let directory = std::env::temp_dir().join(directory);
        fs::create_dir(&directory).unwrap();
        let server = Self {
            programs: programs(),
            account: account(),
            port: free_port(),
            directory,
        };
        server.own(&server.directory);
        server.initialise();
        let (certificate, key) = authority.sign(name);
        server.write("data/server.crt", &certificate);
        server.write("data/server.key", &key);
        let hba = "hostssl all all 127.0.0.1/32 scram-sha-256\n";
        server.write("data/pg_hba.conf", hba);
        server.run();
        server
    }

    /// The address of a database as its owner, with settings of encryption.
    pub fn url(&self, host: &str, database: &str, settings: &str) -> String {
        let port = self.port;
        format!("postgres://owner:{OWNER_PASSWORD}@{host}:{port}/{database}?{settings}")
    }

    /// Puts a file beside the data; returns where it is.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.directory.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        self.own(&path);
        path.to_str().unwrap().to_owned()
    }

    fn own(&self, path: &Path) {
        if let Some((uid, gid)) = self.account {
            chown(path, Some(uid), Some(gid)).unwrap();
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn initialise(&self) {
        let password_file = self.write("password", OWNER_PASSWORD);
        let mut command = self.command("initdb");
        command
            .args([
                "--username=owner",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .arg(format!("--pwfile={password_file}"))
            .args([
                "--auth-host=scram-sha-256",
                "--auth-local=reject",
                "--pgdata",
            ])
            .arg(self.directory.join("data"));
        assert!(command.status().unwrap().success());
    }

    fn run(&self) {
        let sockets = self.directory.display();
        let settings = format!(
            "-c ssl=on -c listen_addresses=127.0.0.1 -c port={} -c fsync=off \
             -c unix_socket_directories={sockets}",
            self.port
        );
        let mut command = self.command("pg_ctl");
        command
            .args([
                "start",
                "--silent",
                "--wait",
                "--options",
                &settings,
                "--pgdata",
            ])
            .arg(self.directory.join("data"));
        assert!(command.status().unwrap().success());
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let mut command = self.command("pg_ctl");
        command
            .args(["stop", "--silent", "--mode=immediate", "--pgdata"])
            .arg(self.directory.join("data"));
        drop(command.status());
        drop(fs::remove_dir_all(&self.directory));
    }
}

fn programs() -> PathBuf {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut directories: Vec<PathBuf> = installed
        .map(|entry| entry.unwrap().path().join("bin"))
        .collect();
    directories.sort();
    let found = directories
        .into_iter()
        .rfind(|directory| directory.join("initdb").is_file());
    found.unwrap_or_else(|| {
        let output = Command::new("pg_config").arg("--bindir").output().unwrap();
        PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
    })
}

/// Postgres does not run as root.
fn account() -> Option<(u32, u32)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let is_root = status.lines().any(|line| line.starts_with("Uid:\t0\t0"));
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let line = accounts
        .lines()
        .find(|line| line.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2);
    let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    is_root.then_some((uid, gid))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
