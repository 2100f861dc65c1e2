//! Moves the follow-ups that an appointment was booked for.
//!
//! A completed appointment completes its follow-up; a cancelled or missed one opens it again. This
//! is written in one statement with the step, so readers need only one table and no step is lost. A
//! follow-up that has a written outcome stays done.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::prepared::constant_sql;
use crate::scheduling::appointment::{AppointmentId, Change};
use crate::scheduling::appointment_status::Status;
use crate::schema::follow_ups;

/// Opens the follow-ups again that the appointment was booked for, and unlinks them from it.
pub(super) async fn part_from(transaction: &OpenTransaction<'_>, id: AppointmentId) -> Stored<()> {
    diesel::update(follow_ups::table)
        .filter(follow_ups::practice_id.eq(transaction.practice_id()))
        .filter(follow_ups::appointment_id.eq(id.uuid()))
        .filter(follow_ups::status.eq("open"))
        .set((
            follow_ups::appointment_id.eq(None::<Uuid>),
            follow_ups::version.eq(constant_sql::<BigInt, 0>([], [], "version + 1")),
            follow_ups::updated_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Updates the follow-ups that the appointment was booked for; each gets a new version.
pub(super) async fn move_along(transaction: &OpenTransaction<'_>, change: &Change) -> Stored<()> {
    let after = change.after();
    let now = transaction.now();
    let is_kept = after.status == Status::Completed;
    let by = transaction.principal().user_id;
    diesel::update(follow_ups::table)
        .filter(follow_ups::practice_id.eq(transaction.practice_id()))
        .filter(follow_ups::appointment_id.eq(after.id.uuid()))
        .filter(follow_ups::status.ne("cancelled"))
        .filter(follow_ups::outcome.is_null())
        .set((
            follow_ups::status.eq(if is_kept { "done" } else { "open" }),
            follow_ups::closed_at.eq(is_kept.then_some(now)),
            follow_ups::closed_by.eq(is_kept.then_some(by)),
            follow_ups::version.eq(constant_sql::<BigInt, 0>([], [], "version + 1")),
            follow_ups::updated_at.eq(now),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
