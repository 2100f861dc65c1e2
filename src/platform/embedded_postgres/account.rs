//! The account that runs the server when the service is run by root.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::{EmbeddedPostgresError, at};

/// Who runs the server when the service is run by root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// Nothing unless the service is run by root.
    pub(super) fn for_server() -> Result<Option<Self>, EmbeddedPostgresError> {
        if !is_root() {
            return Ok(None);
        }
        let path = Path::new("/etc/passwd");
        let accounts = fs::read_to_string(path).map_err(at("read", path))?;
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Self::parse(&accounts, name))
            .map(Some)
            .ok_or(EmbeddedPostgresError::NoUnprivilegedUser)
    }

    pub(super) fn parse(accounts: &str, name: &str) -> Option<Self> {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let found = fields.next().filter(|found| *found == name)?;
            let uid = fields.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
            let gid = fields.next()?.parse().ok()?;
            Some(Self {
                name: found.to_owned(),
                uid,
                gid,
            })
        })
    }

    pub(super) fn give(&self, path: &Path) -> Result<(), EmbeddedPostgresError> {
        lchown(path, Some(self.uid), Some(self.gid)).map_err(at("hand over", path))
    }

    pub(super) fn can_enter(&self, directory: &fs::Metadata) -> bool {
        let permission = if directory.uid() == self.uid {
            0o100
        } else if directory.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        directory.mode() & permission != 0
    }
}

fn is_root() -> bool {
    // The owner of /proc/self would be wrong for a program whose file is not readable.
    let effective = fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
            line.split_whitespace().nth(1).map(str::to_owned)
        });
    effective
        .or_else(|| first_line_of("id", "-u"))
        .is_some_and(|uid| uid == "0")
}

pub(super) fn first_line_of(program: impl AsRef<OsStr>, argument: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

/// A command with none of the service's environment, which holds its secrets.
pub(super) fn command_as(account: Option<&Account>, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env_clear().env("LC_ALL", "C");
    for name in ["PATH", "LD_LIBRARY_PATH", "TZ"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name_and_is_never_root() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:7::/:/bin/sh\n\
                        postgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\nodd:x:0:0::/:\n";
        let found = Account::parse(accounts, "postgres");
        assert_eq!(
            found,
            Some(Account {
                name: "postgres".to_owned(),
                uid: 101,
                gid: 104
            })
        );
        assert_eq!(Account::parse(accounts, "nobody"), None);
        assert_eq!(Account::parse(accounts, "odd"), None);
    }
}
