//! What a backup is worth is what comes back from it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use age::secrecy::ExposeSecret as _;
use tautband::backup::{Target, verify, write};

use crate::harness::*;

/// A folder that is removed with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(format!("tautband-backup-{process}-{number}"));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn signed_visit(clinic: &Clinic) {
    let ada = clinic.provider().await;
    let path = format!("/visits/{}", walk_in(&ada, ANA).await);
    ada.act_now(&format!("{path}/sign"), serde_json::Value::Null)
        .await
        .ok();
}

async fn save(clinic: &Clinic, file: &Path, recipients: &[String]) -> anyhow::Result<i64> {
    let target = Target::File(file.to_owned());
    let written = write(&clinic.service.database_url, target, recipients, |_| {}).await?;
    Ok(written.rows)
}

#[tokio::test]
async fn a_backup_comes_back_whole_with_its_seals_and_trails() {
    let (clinic, folder) = (Clinic::open().await, Folder::new());
    signed_visit(&clinic).await;
    let file = folder.file("clinic.backup");
    let rows = save(&clinic, &file, &[]).await.unwrap();
    let restored = verify(&file, None).await.unwrap();
    assert_eq!((restored.rows, restored.seals), (rows, 1));
    let practices = clinic
        .ask("SELECT count(*)::text FROM control.practices")
        .await;
    assert_eq!(restored.trails.to_string(), practices);
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "others could read it");
}

#[tokio::test]
async fn an_encrypted_backup_is_read_with_its_identity_alone() {
    let (clinic, folder) = (Clinic::open().await, Folder::new());
    let identity = age::x25519::Identity::generate();
    let keys = folder.file("identity.txt");
    std::fs::write(&keys, identity.to_string().expose_secret()).unwrap();
    let other = folder.file("other.txt");
    let stranger = age::x25519::Identity::generate().to_string();
    std::fs::write(&other, stranger.expose_secret()).unwrap();

    let file = folder.file("clinic.backup.age");
    let recipient = identity.to_public().to_string();
    save(&clinic, &file, &[recipient]).await.unwrap();
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/"));
    assert!(!String::from_utf8_lossy(&bytes).contains("tautband-backup"));

    let without = verify(&file, None).await.unwrap_err().to_string();
    assert!(without.contains("--identity-file"), "{without}");
    let wrong = verify(&file, Some(&other)).await.unwrap_err().to_string();
    assert!(wrong.contains("not encrypted for this identity"), "{wrong}");
    verify(&file, Some(&keys)).await.unwrap();

    let nobody = save(&clinic, &folder.file("x"), &["age1nobody".to_owned()]).await;
    let nobody = nobody.unwrap_err().to_string();
    assert!(nobody.contains("age1nobody"), "{nobody}");
}

#[tokio::test]
async fn a_backup_overwrites_nothing() {
    let (clinic, folder) = (Clinic::open().await, Folder::new());
    let file = folder.file("clinic.backup");
    std::fs::write(&file, "precious").unwrap();
    let there = save(&clinic, &file, &[]).await.unwrap_err().to_string();
    assert!(there.ends_with("is there already"), "{there}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");

    let second = folder.file("second.backup");
    save(&clinic, &second, &[]).await.unwrap();
    let full = tautband::backup::restore(&clinic.service.database_url, &second, None).await;
    let full = full.unwrap_err().to_string();
    assert!(full.contains("restore into an empty one"), "{full}");
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().collect();
    assert_eq!(left.len(), 2, "half a backup is left");
}

#[tokio::test]
async fn what_did_not_come_back_is_named() {
    let (clinic, folder) = (Clinic::open().await, Folder::new());
    let file = folder.file("clinic.backup");
    save(&clinic, &file, &[]).await.unwrap();
    // One patient more than there is.
    let bytes = std::fs::read(&file).unwrap();
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    let mut manifest: serde_json::Value = serde_json::from_slice(&bytes[..end]).unwrap();
    let patients = manifest["rows"]["public.patients"].as_i64().unwrap();
    manifest["rows"]["public.patients"] = (patients + 1).into();
    let changed = folder.file("changed.backup");
    let whole = [manifest.to_string().as_bytes(), &bytes[end..]].concat();
    std::fs::write(&changed, whole).unwrap();
    let refused = verify(&changed, None).await.unwrap_err().to_string();
    let said = format!(
        "public.patients has {patients} rows instead of {}",
        patients + 1
    );
    assert!(refused.contains(&said), "{refused}");

    // A backup that was cut off, and a file that never was one.
    let half = folder.file("half.backup");
    std::fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    let refused = verify(&half, None).await.unwrap_err().to_string();
    assert!(refused.contains("pg_restore failed"), "{refused}");
    std::fs::write(&half, "Dear diary\n").unwrap();
    let refused = verify(&half, None).await.unwrap_err().to_string();
    assert!(refused.contains("no backup of Tautband"), "{refused}");
}

#[tokio::test]
async fn a_seal_that_does_not_fit_is_found_on_the_way_back() {
    let (clinic, folder) = (Clinic::open().await, Folder::new());
    signed_visit(&clinic).await;
    clinic
        .sql("UPDATE visits SET plan = 'Written behind the service' WHERE signed_at IS NOT NULL")
        .await;
    let file = folder.file("clinic.backup");
    save(&clinic, &file, &[]).await.unwrap();
    let refused = verify(&file, None).await.unwrap_err().to_string();
    assert!(
        refused.contains("seals of these visits do not fit"),
        "{refused}"
    );
}
