//! The program as a newcomer runs it, ended the hard way.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Client, plain_http};

/// A demo with a directory of its own, which goes with it.
struct Demo {
    process: Child,
    line: Value,
}

struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

fn start(directory: &Path) -> Demo {
    let mut process = Command::new(env!("CARGO_BIN_EXE_tautband"))
        .args(["demo", "--json", "--port", "0", "--data-dir"])
        .arg(directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let output = process.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    Demo {
        line: serde_json::from_str(&line).unwrap_or_else(|_| panic!("no line: {line:?}")),
        process,
    }
}

impl Demo {
    fn url(&self) -> &str {
        self.line["url"].as_str().unwrap()
    }

    async fn ready(&self) {
        let http = plain_http();
        let url = format!("{}/health/ready", self.url());
        for _ in 0..600 {
            if let Ok(answer) = http.get(&url).send().await
                && answer.status().is_success()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the demo is not ready");
    }

    async fn front_desk(&self) -> Client {
        let accounts = self.line["accounts"].as_array().unwrap();
        let account = accounts.iter().find(|one| one["role"] == "front_desk");
        let (email, password) = (&account.unwrap()["email"], &account.unwrap()["password"]);
        Client::sign_in(
            self.url(),
            email.as_str().unwrap(),
            password.as_str().unwrap(),
        )
        .await
    }

    /// `kill -9` of the service and of every server process below its directory, with no warning.
    fn kill(mut self, directory: &Path) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let lock = std::fs::read_to_string(directory.join("data/postmaster.pid"));
        let postmaster = lock.unwrap_or_default();
        if let Some(id) = postmaster.lines().next() {
            // It may have gone by itself in between.
            let _killed = Command::new("kill").args(["-9", id]).status();
        }
    }
}

#[tokio::test]
async fn a_demo_that_was_killed_recovers_with_what_was_acknowledged() {
    let name = format!("tautband-killed-{}", std::process::id());
    let directory = Directory(std::env::temp_dir().join(name));
    let demo = start(&directory.0);
    demo.ready().await;
    let desk = demo.front_desk().await;
    let patient = json!({
        "given_name": "Quentin", "family_name": "Zielonka", "birth_date": "1971-03-04",
    });
    let registered = desk.post("/patients", patient).await.created();
    demo.kill(&directory.0);

    let again = start(&directory.0);
    again.ready().await;
    let desk = again.front_desk().await;
    let path = format!("/patients/{}", registered["id"].as_str().unwrap());
    assert_eq!(desk.get(&path).await.ok()["family_name"], "Zielonka");
    again.kill(&directory.0);
}
