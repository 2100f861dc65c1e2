//! Follow-ups that an appointment was made for, as far as its steps move them.
//!
//! Whoever keeps the appointment has done the follow-up; when it is cancelled or missed the
//! follow-up is open again. That is written with the step itself, in one statement, so that no
//! reader has to look at two tables and no step can be missed. What somebody has put into words is
//! theirs: it stays done whatever becomes of the appointment.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::prepared::constant_sql;
use crate::scheduling::appointment::Change;
use crate::scheduling::appointment_status::Status;
use crate::schema::follow_ups;

/// Moves the follow-ups that the appointment was made for; each becomes a new version.
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
