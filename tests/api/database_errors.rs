//! What becomes of a statement that Postgres does not carry out. The code of the error decides,
//! whatever language the server speaks.

use serde_json::json;

use crate::assert_problem;
use crate::harness::*;

/// Lets the next updates of a patient fail with this code and a German message, so many times.
async fn fail(clinic: &Clinic, code: &str, times: u32) {
    let sql = format!(
        "DROP SEQUENCE IF EXISTS failures CASCADE;
         CREATE SEQUENCE failures;
         CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN
             -- A sequence counts on when the transaction is rolled back.
             IF nextval('failures') <= {times} THEN
                 RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = 'Verklemmung entdeckt',
                     HINT = 'Einzelheiten stehen im Serverlog.';
             END IF;
             RETURN NEW;
         END $$;
         CREATE OR REPLACE TRIGGER fail BEFORE UPDATE ON patients
             FOR EACH ROW EXECUTE FUNCTION fail()"
    );
    clinic.sql(&sql).await;
}

/// Changes a patient, and says how often the transaction ran.
async fn change(clinic: &Clinic) -> (Reply, String) {
    let desk = clinic.front_desk().await;
    let path = format!("/patients/{ANA}");
    let etag = desk.get(&path).await.etag();
    let reply = desk
        .patch(&path, &etag, json!({ "phone": "+1 555 0199" }))
        .await;
    let ran = clinic.ask("SELECT last_value::text FROM failures").await;
    (reply, ran)
}

#[tokio::test]
async fn a_deadlock_in_any_language_runs_the_transaction_again() {
    let clinic = Clinic::open().await;
    for code in ["40P01", "40001"] {
        fail(&clinic, code, 2).await;
        let (reply, ran) = change(&clinic).await;
        assert_eq!((reply.status, ran.as_str()), (200, "3"), "{code}");
    }
    fail(&clinic, "40P01", 99).await;
    let (reply, ran) = change(&clinic).await;
    assert_problem!(reply, 503, "/problems/busy");
    assert_eq!(ran, "4");
}

#[tokio::test]
async fn a_database_that_does_not_keep_up_or_takes_no_writes_is_a_503() {
    let clinic = Clinic::open().await;
    // Cancelled, a lock is not free, the disk is full, no connection is left, a standby.
    for code in [
        "57014", "55P03", "53100", "53300", "25006", "57P01", "08006",
    ] {
        fail(&clinic, code, 1).await;
        let (reply, ran) = change(&clinic).await;
        let reply = assert_problem!(reply, 503, "/problems/busy");
        assert_eq!(
            (reply.header("retry-after").as_str(), ran.as_str()),
            ("1", "1"),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_true_lock_timeout_is_a_503_and_a_lost_connection_is_replaced() {
    let clinic = Clinic::open_with_connections(1).await;
    let desk = clinic.front_desk().await;
    let path = format!("/patients/{ANA}");
    let held = clinic.sql("BEGIN; LOCK TABLE patients; SELECT pg_sleep(6); COMMIT");
    let read = async {
        let locked = "SELECT count(*)::text FROM pg_locks \
                      WHERE relation = 'patients'::regclass AND mode = 'AccessExclusiveLock'";
        while clinic.ask(locked).await == "0" {}
        desk.get(&path).await
    };
    let ((), reply) = futures_util::future::join(held, read).await;
    assert_problem!(reply, 503, "/problems/busy");
    let others = "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_ne!(clinic.ask(others).await, "0");
    desk.get(&path).await.ok();
}
