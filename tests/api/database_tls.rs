//! The connection to the database is encrypted, and its server proves who it is.

use std::time::{Duration, Instant};

use tautband::migrations;
use tautband::set_up;
use tokio_postgres::NoTls;

use crate::harness::*;

/// What comes of one connection to the server.
async fn reached(url: String) -> Result<(), String> {
    let answer = outside(async move { migrations::create_database(&url, "postgres").await }).await;
    answer.map_err(|error| format!("{error:#}"))
}

#[tokio::test]
async fn the_service_works_with_a_server_that_proves_its_name_and_every_connection_is_encrypted() {
    let authority = Authority::make();
    let server = TlsServer::start(&authority, "localhost");
    let file = server.write("authority.pem", &authority.certificate);
    let settings = format!("sslmode=verify-full&sslrootcert={file}&channel_binding=require");
    let url = server.url("localhost", "clinic", &settings);
    let bare = server.url("localhost", "postgres", &settings);
    outside({
        let url = url.clone();
        async move {
            migrations::create_database(&bare, "clinic").await.unwrap();
            migrations::apply(&url).await.unwrap();
        }
    })
    .await;
    let service = start_on(&url).await;
    let anonymous = Client::anonymous(&service.url);
    anonymous.get("//health/ready").await.ok();
    let login =
        serde_json::json!({ "email": "nobody@clinic.example", "password": "not known here" });
    assert_eq!(anonymous.post("/auth/login", login).await.status, 401);
    let unencrypted = server.url("localhost", "clinic", "sslmode=disable");
    let plain = tokio_postgres::connect(&unencrypted, NoTls);
    let refusal = plain.await.err().unwrap();
    assert_eq!(
        refusal.code().unwrap().code(),
        "28000",
        "the server takes encrypted connections alone"
    );
}

#[tokio::test]
async fn a_server_of_another_name_or_another_authority_is_refused() {
    let (authority, stranger) = (Authority::make(), Authority::make());
    let server = TlsServer::start(&authority, "localhost");
    let ours = server.write("authority.pem", &authority.certificate);
    let theirs = server.write("stranger.pem", &stranger.certificate);
    for (host, settings, refusal) in [
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={ours}"),
            None,
        ),
        (
            "127.0.0.1",
            format!("sslmode=verify-full&sslrootcert={ours}"),
            Some("not valid for name"),
        ),
        (
            "127.0.0.1",
            format!("sslmode=verify-ca&sslrootcert={ours}"),
            None,
        ),
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={theirs}"),
            Some("UnknownIssuer"),
        ),
        (
            "localhost",
            format!("sslmode=verify-ca&sslrootcert={theirs}"),
            Some("UnknownIssuer"),
        ),
        (
            "localhost",
            format!("sslmode=require&sslrootcert={theirs}"),
            Some("UnknownIssuer"),
        ),
        // Nobody but the public authorities is trusted when no file is named.
        (
            "localhost",
            "sslmode=verify-full".to_owned(),
            Some("UnknownIssuer"),
        ),
        ("127.0.0.1", "sslmode=require".to_owned(), None),
        ("127.0.0.1", String::new(), None),
        (
            "127.0.0.1",
            "sslmode=disable".to_owned(),
            Some("no encryption"),
        ),
    ] {
        let answer = reached(server.url(host, "postgres", &settings)).await;
        match (&answer, refusal) {
            (Ok(()), None) => {}
            (Err(words), Some(expected)) if words.contains(expected) => {}
            _ => panic!("{host} {settings}: {answer:?}, expected {refusal:?}"),
        }
    }
}

#[tokio::test]
async fn a_start_does_not_wait_for_a_server_that_cannot_prove_who_it_is() {
    let (authority, stranger) = (Authority::make(), Authority::make());
    let server = TlsServer::start(&authority, "localhost");
    let theirs = server.write("stranger.pem", &stranger.certificate);
    let url = server.url(
        "localhost",
        "postgres",
        &format!("sslmode=verify-full&sslrootcert={theirs}"),
    );
    let began = Instant::now();
    outside(async move {
        set_up::wait_for_database(&url, Duration::from_secs(60))
            .await
            .unwrap();
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(10));
}
