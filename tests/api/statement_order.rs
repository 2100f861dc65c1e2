//! The order in which statements reach Postgres. It decides what a lock holds and what an insertion
//! sees, so that two statements that change places fail a test.

use serde_json::Value;

use crate::harness::*;
use crate::scheduling::{book, follow_up, wednesday};

#[tokio::test]
async fn a_booking_and_a_read_send_their_statements_in_a_stated_order() {
    let (clinic, recording) = Clinic::open_recorded().await;
    let desk = clinic.front_desk().await;
    // The first time, the connection learns the statements.
    let first = book(&desk, follow_up(&wednesday("09:00"))).await;
    recording.take();
    book(&desk, follow_up(&wednesday("10:00"))).await;
    insta::assert_snapshot!("booking", recording.take().join("\n"));

    let path = format!("/appointments/{first}");
    desk.get(&path).await.ok();
    recording.take();
    desk.get(&path).await.ok();
    insta::assert_snapshot!("read_of_an_appointment", recording.take().join("\n"));
}

#[tokio::test]
async fn a_completion_sends_its_statements_in_a_stated_order() {
    let (clinic, recording) = Clinic::open_recorded().await;
    let ada = clinic.provider().await;
    completed(&ada, ANA).await;
    let path = under_way(&ada, ANA).await;
    let solution_id = drawn(&ada, &path, ("1", "1"), LIDOCAINE).await;
    inject(&ada, &path, site(&solution_id, "1")).await;
    read_warnings(&ada, &path).await;
    recording.take();
    ada.act_now(&format!("{path}/complete"), Value::Null)
        .await
        .ok();
    insta::assert_snapshot!("completion", recording.take().join("\n"));
}
