//! Appointments and their history.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use uuid::Uuid;

use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::id;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::pipeline::pipelined;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId, TimeZone};
use crate::scheduling::appointment::{
    Appointment, AppointmentId, Cancellation, Change, Milestones, Occurrence, PastStep, Place,
    SeriesId,
};
use crate::scheduling::appointment_status::{Act, CancelReason, Status, VisitState};
use crate::schema::{appointment_changes, appointments, locations, visits};

use super::follow_ups;

/// A row of `appointments`.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = appointments, primary_key(practice_id, id), check_for_backend(Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct AppointmentRow {
    practice_id: Uuid,
    id: AppointmentId,
    patient_id: PatientId,
    provider_id: ProviderId,
    location_id: LocationId,
    room_id: Option<RoomId>,
    appointment_type_id: AppointmentTypeId,
    status: Status,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    reason: Option<String>,
    override_reason: Option<String>,
    cancel_reason_code: Option<CancelReason>,
    cancel_note: Option<String>,
    arrived_at: Option<DateTime<Utc>>,
    roomed_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    cancelled_at: Option<DateTime<Utc>>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    series_id: Option<SeriesId>,
    occurrence: Option<i16>,
    cancelled_late: bool,
    undoable_steps: i16,
    note: Option<String>,
}

impl TryFrom<AppointmentRow> for Appointment {
    type Error = InconsistentRow;

    fn try_from(row: AppointmentRow) -> Result<Self, InconsistentRow> {
        let inconsistent = |column| InconsistentRow::new("appointments", column, row.id);
        let series = match (row.series_id, row.occurrence) {
            (Some(series_id), Some(number)) => Some(Occurrence { series_id, number }),
            (None, None) => None,
            _ => return Err(inconsistent("occurrence")),
        };
        if (row.status == Status::Cancelled) != row.cancel_reason_code.is_some() {
            return Err(inconsistent("cancel_reason_code"));
        }
        let cancel_note = row.cancel_note;
        Ok(Self {
            id: row.id,
            patient_id: row.patient_id,
            appointment_type_id: row.appointment_type_id,
            place: Place {
                provider_id: row.provider_id,
                location_id: row.location_id,
                room_id: row.room_id,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
            },
            status: row.status,
            reason: row.reason,
            note: row.note,
            override_reason: row.override_reason,
            cancellation: row.cancel_reason_code.map(|reason_code| Cancellation {
                reason_code,
                note: cancel_note,
                is_late: row.cancelled_late,
            }),
            series,
            milestones: Milestones {
                arrived_at: row.arrived_at,
                roomed_at: row.roomed_at,
                started_at: row.started_at,
                completed_at: row.completed_at,
                cancelled_at: row.cancelled_at,
            },
            undoable_steps: row.undoable_steps,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl AppointmentRow {
    fn new(practice_id: Uuid, appointment: &Appointment) -> Self {
        let place = appointment.place;
        let milestones = appointment.milestones;
        let cancellation = appointment.cancellation.clone();
        Self {
            practice_id,
            id: appointment.id,
            patient_id: appointment.patient_id,
            provider_id: place.provider_id,
            location_id: place.location_id,
            room_id: place.room_id,
            appointment_type_id: appointment.appointment_type_id,
            status: appointment.status,
            starts_at: place.starts_at,
            ends_at: place.ends_at,
            reason: appointment.reason.clone(),
            override_reason: appointment.override_reason.clone(),
            cancel_reason_code: cancellation.as_ref().map(|why| why.reason_code),
            cancelled_late: cancellation.as_ref().is_some_and(|why| why.is_late),
            cancel_note: cancellation.and_then(|why| why.note),
            arrived_at: milestones.arrived_at,
            roomed_at: milestones.roomed_at,
            started_at: milestones.started_at,
            completed_at: milestones.completed_at,
            cancelled_at: milestones.cancelled_at,
            undoable_steps: appointment.undoable_steps,
            version: appointment.version,
            created_at: appointment.created_at,
            updated_at: appointment.updated_at,
            series_id: appointment.series.map(|series| series.series_id),
            occurrence: appointment.series.map(|series| series.number),
            note: appointment.note.clone(),
        }
    }
}

pub(in crate::scheduling) async fn find(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Stored<Option<Appointment>> {
    let row = appointments::table
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::id.eq(id))
        .select(AppointmentRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Appointment::try_from).transpose()?)
}

pub(in crate::scheduling) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Stored<Option<Appointment>> {
    let row = appointments::table
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::id.eq(id))
        .select(AppointmentRow::as_select())
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Appointment::try_from).transpose()?)
}

/// The appointments of a series in order, locked; none when there is no such series.
pub(in crate::scheduling) async fn lock_series(
    transaction: &OpenTransaction<'_>,
    id: SeriesId,
) -> Stored<Vec<Appointment>> {
    // Ids were made in the order of the occurrence numbers.
    let rows: Vec<AppointmentRow> = appointments::table
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::series_id.eq(id))
        .order(appointments::id)
        .select(AppointmentRow::as_select())
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    let appointments: Result<_, InconsistentRow> =
        rows.into_iter().map(Appointment::try_from).collect();
    Ok(appointments?)
}

/// The appointments of a person whose patient has not been seen yet.
pub(in crate::scheduling) async fn ahead_of(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<AppointmentId>> {
    let not_seen = [
        Status::Booked,
        Status::Confirmed,
        Status::Arrived,
        Status::Roomed,
    ];
    Ok(appointments::table
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(appointments::status.eq_any(not_seen))
        .order(appointments::id)
        .select(appointments::id)
        .load(&mut transaction.connection())
        .await?)
}

/// Inserts a new appointment; [`record`] writes the first line of its history.
pub(in crate::scheduling) async fn insert(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
) -> Stored<()> {
    diesel::insert_into(appointments::table)
        .values(AppointmentRow::new(transaction.practice_id(), appointment))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Records a change: the appointment, a line of its history, and the follow-ups it was booked for.
pub(in crate::scheduling) async fn record(
    transaction: &OpenTransaction<'_>,
    change: &Change,
) -> Stored<()> {
    match change.act() {
        Act::Book => {}
        // The follow-up was for the patient who does not come now.
        Act::ReplacePatient => {
            pipelined!(
                update(transaction, change.after()),
                follow_ups::part_from(transaction, change.after().id),
            )?;
        }
        // What is no step neither completes a follow-up nor opens it again.
        act if !act.is_step() => update(transaction, change.after()).await?,
        _ => {
            pipelined!(
                update(transaction, change.after()),
                follow_ups::move_along(transaction, change),
            )?;
        }
    }
    insert_line(transaction, change);
    Ok(())
}

async fn update(transaction: &OpenTransaction<'_>, appointment: &Appointment) -> Stored<()> {
    let row = AppointmentRow::new(transaction.practice_id(), appointment);
    diesel::update(appointments::table)
        .filter(appointments::practice_id.eq(row.practice_id))
        .filter(appointments::id.eq(row.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// How many appointments ahead of a person the caller has booked.
pub(in crate::scheduling) async fn count_booked_ahead(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<i64> {
    let by_caller = appointment_changes::table
        .filter(appointment_changes::practice_id.eq(transaction.practice_id()))
        .filter(appointment_changes::appointment_id.eq(appointments::id))
        .filter(appointment_changes::change.eq(Act::Book))
        .filter(appointment_changes::changed_by.eq(transaction.principal().user_id));
    let count = appointments::table
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(appointments::status.eq_any([Status::Booked, Status::Confirmed]))
        .filter(appointments::starts_at.gt(transaction.now()))
        .filter(exists(by_caller))
        .count()
        .get_result(&mut transaction.connection())
        .await?;
    Ok(count)
}

/// The state of the visit of a locked appointment. Visits are opened and signed under the same
/// lock. Visits belong to a feature above this one; they are read here as data.
pub(in crate::scheduling) async fn visit_of(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Stored<Option<VisitState>> {
    let is_signed: Option<bool> = visits::table
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::appointment_id.eq(id))
        .filter(visits::discarded_at.is_null())
        .select(visits::signed_at.is_not_null())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(is_signed.map(|is_signed| {
        if is_signed {
            VisitState::Signed
        } else {
            VisitState::Open
        }
    }))
}

/// Updates the room when another one was won.
pub(in crate::scheduling) async fn set_room(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
    room_id: Option<RoomId>,
) -> Stored<()> {
    diesel::update(appointments::table)
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::id.eq(id))
        .set(appointments::room_id.eq(room_id))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = appointment_changes, treat_none_as_default_value = false)]
struct NewChangeRow {
    practice_id: Uuid,
    id: Uuid,
    appointment_id: AppointmentId,
    patient_id: PatientId,
    change: Act,
    status: Status,
    starts_at: DateTime<Utc>,
    provider_id: ProviderId,
    location_id: LocationId,
    room_id: Option<RoomId>,
    reason: Option<String>,
    version: Version,
    changed_by: Uuid,
    changed_at: DateTime<Utc>,
}

fn insert_line(transaction: &OpenTransaction<'_>, change: &Change) {
    let after = change.after();
    let row = NewChangeRow {
        practice_id: transaction.practice_id(),
        id: id::fresh(transaction.now()),
        appointment_id: after.id,
        patient_id: after.patient_id,
        change: change.act(),
        status: after.status,
        starts_at: after.place.starts_at,
        provider_id: after.place.provider_id,
        location_id: after.place.location_id,
        room_id: after.place.room_id,
        reason: change.reason().map(str::to_owned),
        version: after.version,
        changed_by: transaction.principal().user_id,
        changed_at: transaction.now(),
    };
    transaction.at_end(|mut connection| {
        async move {
            let insertion = diesel::insert_into(appointment_changes::table).values(row);
            insertion.execute(&mut connection).await?;
            Ok(())
        }
        .boxed_local()
    });
}

/// One line of an appointment's history.
#[derive(Queryable, Selectable)]
#[diesel(table_name = appointment_changes, check_for_backend(Pg))]
pub(in crate::scheduling) struct HistoryLine {
    pub(in crate::scheduling) id: Uuid,
    pub(in crate::scheduling) change: Act,
    pub(in crate::scheduling) status: Status,
    pub(in crate::scheduling) starts_at: DateTime<Utc>,
    pub(in crate::scheduling) provider_id: ProviderId,
    pub(in crate::scheduling) location_id: LocationId,
    pub(in crate::scheduling) room_id: Option<RoomId>,
    /// Of the location.
    #[diesel(select_expression = locations::time_zone)]
    pub(in crate::scheduling) time_zone: TimeZone,
    pub(in crate::scheduling) reason: Option<String>,
    pub(in crate::scheduling) version: Version,
    pub(in crate::scheduling) changed_by: Uuid,
    pub(in crate::scheduling) changed_at: DateTime<Utc>,
}

impl From<&HistoryLine> for PastStep {
    fn from(line: &HistoryLine) -> Self {
        Self {
            act: line.change,
            status: line.status,
            provider_id: line.provider_id,
            location_id: line.location_id,
            room_id: line.room_id,
            starts_at: line.starts_at,
        }
    }
}

/// The history of an appointment after this version, in order, at most `limit` lines.
pub(in crate::scheduling) async fn history(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
    (after, limit): (i64, i64),
) -> Stored<Vec<HistoryLine>> {
    let lines = appointment_changes::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(appointment_changes::practice_id)
                .and(locations::id.eq(appointment_changes::location_id))),
        )
        .filter(appointment_changes::practice_id.eq(transaction.practice_id()))
        .filter(appointment_changes::appointment_id.eq(id))
        .filter(appointment_changes::version.gt(after))
        .order(appointment_changes::version)
        .limit(limit)
        .select(HistoryLine::as_select())
        .load(&mut transaction.connection())
        .await?;
    Ok(lines)
}
