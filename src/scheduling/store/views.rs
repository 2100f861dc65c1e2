//! Reads appointments with the names of patient, provider, location, room and type, in one
//! statement.

use chrono::TimeDelta;
use diesel::dsl::auto_type;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;

use crate::patients::{PatientId, persons, records_of, shown_name};
use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::Window;
use crate::platform::prepared::constant_sql;
use crate::practice::{AffectedCause, TimeZone};
use crate::scheduling::allowed_acts::{PatientRules, allowed_acts};
use crate::scheduling::appointment::{Appointment, AppointmentId, SeriesId};
use crate::scheduling::appointment_view::{AppointmentView, ListFilter, ListKey};
use crate::schema::{appointment_types, appointments, locations, patients, providers, rooms};

use super::affected_by::AFFECTED_BY;
use super::appointments::AppointmentRow;

type ViewRow = (
    AppointmentRow,
    (String, String, Option<String>, Option<PatientId>),
    String,
    (String, TimeZone),
    Option<String>,
    TypeRow,
    Option<AffectedCause>,
);

/// Name, colour, cut-off in minutes, and whether patients book it.
type TypeRow = (String, String, i32, bool);

fn view_of(
    transaction: &OpenTransaction<'_>,
    row: ViewRow,
) -> Result<AppointmentView, InconsistentRow> {
    let (
        row,
        (given_name, family_name, phone, _),
        provider_name,
        location,
        room_name,
        of_type,
        affected_by,
    ) = row;
    let (type_name, color, cutoff_minutes, patient_bookable) = of_type;
    let mut appointment = Appointment::try_from(row)?;
    let is_staff = transaction.principal().role != Role::Patient;
    appointment.note = appointment.note.filter(|_| is_staff);
    let rules = PatientRules {
        cancel_cutoff_minutes: cutoff_minutes.into(),
        is_patient_bookable: patient_bookable,
    };
    Ok(AppointmentView {
        allowed: allowed_acts(transaction, &appointment.standing(), rules),
        appointment,
        patient_name: shown_name(&given_name, &family_name),
        patient_phone: phone.filter(|_| is_staff),
        affected_by: affected_by.filter(|_| is_staff),
        provider_name,
        location_name: location.0,
        zone: location.1.0,
        room_name,
        type_name,
        color,
    })
}

#[auto_type(no_type_alias)]
fn named() -> _ {
    let patient = patients::practice_id
        .eq(appointments::practice_id)
        .and(patients::id.eq(appointments::patient_id));
    let provider = providers::practice_id
        .eq(appointments::practice_id)
        .and(providers::id.eq(appointments::provider_id));
    let location = locations::practice_id
        .eq(appointments::practice_id)
        .and(locations::id.eq(appointments::location_id));
    let appointment_type = appointment_types::practice_id
        .eq(appointments::practice_id)
        .and(appointment_types::id.eq(appointments::appointment_type_id));
    let room = rooms::practice_id
        .eq(appointments::practice_id)
        .and(rooms::id.nullable().eq(appointments::room_id));
    appointments::table
        .inner_join(patients::table.on(patient))
        .inner_join(providers::table.on(provider))
        .inner_join(locations::table.on(location))
        .inner_join(appointment_types::table.on(appointment_type))
        .left_join(rooms::table.on(room))
}

macro_rules! shown {
    () => {
        (
            AppointmentRow::as_select(),
            (
                patients::given_name,
                patients::family_name,
                patients::phone,
                patients::merged_into_id,
            ),
            providers::name,
            (locations::name, locations::time_zone),
            rooms::name.nullable(),
            (
                appointment_types::name,
                appointment_types::color,
                appointment_types::cancel_cutoff_minutes,
                appointment_types::patient_bookable,
            ),
            constant_sql::<Nullable<Text>, 0>([], [], AFFECTED_BY),
        )
    };
}

/// Makes views of rows. A merged record is shown as the person it was merged into.
async fn shown(
    transaction: &OpenTransaction<'_>,
    rows: Vec<ViewRow>,
) -> Stored<Vec<AppointmentView>> {
    let persons = persons(transaction, rows.iter().map(|row| row.1.3)).await?;
    let view = |row: ViewRow| {
        let merged_into = row.1.3;
        let mut view = view_of(transaction, row)?;
        if let Some(person) = merged_into.and_then(|id| persons.get(&id)) {
            view.appointment.patient_id = person.id;
            view.patient_name = person.name();
        }
        Ok(view)
    };
    rows.into_iter().map(view).collect()
}

/// One appointment.
pub(in crate::scheduling) async fn view(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Stored<Option<AppointmentView>> {
    let row: Option<ViewRow> = named()
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::id.eq(id))
        .select(shown!())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(shown(transaction, row.into_iter().collect()).await?.pop())
}

/// Appointments by their start.
pub(in crate::scheduling) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: &ListFilter,
    window: &Window<ListKey>,
) -> Stored<Vec<AppointmentView>> {
    use appointments::{
        ends_at, id, location_id, patient_id, practice_id, provider_id, series_id, starts_at,
        status, updated_at,
    };
    let mut query = named()
        .filter(practice_id.eq(transaction.practice_id()))
        .order((starts_at, id))
        .limit(window.probe())
        .select(shown!())
        .into_boxed();
    if let Some(from) = filter.from {
        // No appointment is longer than eight hours; the bound on the start is for the index.
        query = query.filter(starts_at.gt(from - TimeDelta::hours(8)));
        query = query.filter(ends_at.gt(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(starts_at.lt(to));
    }
    if let Some(provider) = filter.provider_id {
        query = query.filter(provider_id.eq(provider));
    }
    if let Some(location) = filter.location_id {
        query = query.filter(location_id.eq(location));
    }
    if let Some(patient) = filter.patient_id {
        query = query.filter(patient_id.eq_any(records_of(transaction, patient)));
    }
    if let Some(series) = filter.series_id {
        query = query.filter(series_id.eq(series));
    }
    if let Some(wanted) = filter.status {
        query = query.filter(status.eq(wanted));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(updated_at.ge(since));
    }
    if let Some((start, last)) = window.after {
        query = query.filter(starts_at.ge(start));
        query = query.filter(starts_at.gt(start).or(id.gt(last)));
    }
    let rows: Vec<ViewRow> = query.load(&mut transaction.connection()).await?;
    shown(transaction, rows).await
}

/// The appointments with these ids, in no order.
pub(super) async fn of_ids(
    transaction: &OpenTransaction<'_>,
    ids: &[AppointmentId],
) -> Stored<Vec<AppointmentView>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ViewRow> = named()
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::id.eq_any(ids))
        .select(shown!())
        .load(&mut transaction.connection())
        .await?;
    shown(transaction, rows).await
}

/// All the appointments of a series, in order.
pub(in crate::scheduling) async fn of_series(
    transaction: &OpenTransaction<'_>,
    id: SeriesId,
) -> Stored<Vec<AppointmentView>> {
    let rows: Vec<ViewRow> = named()
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::series_id.eq(id))
        .order(appointments::occurrence)
        .select(shown!())
        .load(&mut transaction.connection())
        .await?;
    shown(transaction, rows).await
}
