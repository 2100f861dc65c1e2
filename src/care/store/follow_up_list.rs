//! The work list of follow-ups: those that fit a filter, a page at a time.

use chrono::{DateTime, Utc};
use diesel::helper_types::IntoBoxed;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;

use crate::care::follow_up::FollowUpId;
use crate::care::follow_up_status::FollowUpStatus;
use crate::care::listed_follow_up::{FollowUpFilter, FollowUpKey, ListedFollowUp};
use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::platform::prepared::constant_sql;
use crate::schema::follow_ups;

use super::follow_ups::{FollowUpRow, shown};

/// Whether the appointment of a row has fallen through, by the rule of
/// [`crate::scheduling::AppointmentStanding::has_fallen_through`]. The words stand here because the
/// database must know them to find a page; a test compares them with the rule. An appointment that
/// row-level security hides counts as none. Asked only when a row has an appointment.
macro_rules! fallen {
    () => {
        "coalesce((SELECT made.status IN ('cancelled', 'no_show') FROM appointments made \
         WHERE made.practice_id = follow_ups.practice_id AND made.id = follow_ups.appointment_id), \
         true)"
    };
}

/// The SQL of [`crate::care::follow_up::FollowUp::status`], without the window of time.
const fn standing(status: FollowUpStatus) -> &'static str {
    match status {
        FollowUpStatus::Upcoming | FollowUpStatus::Due | FollowUpStatus::Overdue => concat!(
            "follow_ups.status = 'open' AND (follow_ups.appointment_id IS NULL OR ",
            fallen!(),
            ")"
        ),
        FollowUpStatus::Booked => concat!(
            "follow_ups.status = 'open' AND follow_ups.appointment_id IS NOT NULL AND NOT ",
            fallen!()
        ),
        FollowUpStatus::Done => "follow_ups.status = 'done'",
        FollowUpStatus::Cancelled => "follow_ups.status = 'cancelled'",
    }
}

type Query<'a> = IntoBoxed<'a, follow_ups::table, Pg>;

/// Follow-ups that fit, by the end of their windows.
pub(crate) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: &FollowUpFilter,
    window: &Window<FollowUpKey>,
) -> Stored<Vec<ListedFollowUp>> {
    let mut query = follow_ups::table
        .filter(follow_ups::practice_id.eq(transaction.practice_id()))
        .order((follow_ups::due_by, follow_ups::id))
        .limit(window.probe())
        .into_boxed();
    if let Some(status) = filter.status {
        query = with_status(query, status, transaction.now());
    }
    if let Some(ids) = &filter.patient_ids {
        query = match ids.as_slice() {
            [id] => {
                let records = records_of(transaction, PatientId::from(*id));
                query.filter(follow_ups::patient_id.eq_any(records))
            }
            ids => query.filter(follow_ups::patient_id.eq_any(ids.to_vec())),
        };
    }
    query = with_rest(query, filter);
    if let Some((due_by, id)) = window.after {
        query = query.filter(
            follow_ups::due_by.ge(due_by).and(
                follow_ups::due_by
                    .gt(due_by)
                    .or(follow_ups::id.gt(FollowUpId::from(id))),
            ),
        );
    }
    let rows = query
        .select(FollowUpRow::as_select())
        .load::<FollowUpRow>(&mut transaction.connection())
        .await?;
    shown(transaction, rows).await
}

fn with_status(query: Query<'_>, status: FollowUpStatus, now: DateTime<Utc>) -> Query<'_> {
    let query = query.filter(constant_sql::<Bool, 0>([], [], standing(status)));
    match status {
        FollowUpStatus::Upcoming => query.filter(follow_ups::due_from.gt(now)),
        FollowUpStatus::Due => query
            .filter(follow_ups::due_from.le(now))
            .filter(follow_ups::due_by.gt(now)),
        FollowUpStatus::Overdue => query.filter(follow_ups::due_by.le(now)),
        FollowUpStatus::Booked | FollowUpStatus::Done | FollowUpStatus::Cancelled => query,
    }
}

/// What a filter asks for beside the status and the patients.
fn with_rest<'a>(mut query: Query<'a>, filter: &FollowUpFilter) -> Query<'a> {
    if let Some(kind) = filter.kind {
        query = query.filter(follow_ups::kind.eq(kind));
    }
    // Constants and not parameters, because the partial index is declared with these words.
    query = match filter.urgent {
        Some(true) => query.filter(constant_sql::<Bool, 0>([], [], "follow_ups.urgent")),
        Some(false) => query.filter(constant_sql::<Bool, 0>([], [], "NOT follow_ups.urgent")),
        None => query,
    };
    if let Some(id) = filter.procedure_id {
        query = query.filter(follow_ups::procedure_id.eq(id.uuid()));
    }
    if let Some(from) = filter.from {
        query = query.filter(follow_ups::due_by.gt(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(follow_ups::due_from.lt(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(follow_ups::updated_at.ge(since));
    }
    query
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use crate::scheduling::{AppointmentId, AppointmentStanding, Status as AppointmentStatus};

    use super::*;

    #[test]
    fn the_list_knows_the_statuses_of_appointments_that_have_fallen_through() {
        for status in AppointmentStatus::ALL {
            let appointment = AppointmentStanding {
                id: AppointmentId::fresh(DateTime::UNIX_EPOCH),
                status: *status,
                starts_at: DateTime::UNIX_EPOCH,
                zone: Tz::UTC,
            };
            let is_named = fallen!().contains(&format!("'{status}'"));
            assert_eq!(is_named, appointment.has_fallen_through(), "{status}");
        }
    }
}
