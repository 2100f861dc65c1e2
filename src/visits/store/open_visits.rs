//! Inserting visits, and locking them while something is recorded.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::patients::{PatientId, person_id_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::pipeline::pipelined;
use crate::practice::{LocationId, ProviderId};
use crate::schema::visits::dsl;
use crate::schema::{locations, patients, providers, visits};
use crate::visits::visit::{LockedVisit, NewVisit, OpenVisit, VisitId};

use super::visit_row::{Diagnoses, VisitRow};
use super::visits::changes_under;

/// Inserts a visit.
pub(in crate::visits) async fn insert(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
    visit: &NewVisit,
) -> Stored<()> {
    let now = transaction.now();
    diesel::insert_into(dsl::visits)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id),
            dsl::patient_id.eq(visit.patient_id),
            dsl::provider_id.eq(visit.provider_id),
            dsl::location_id.eq(visit.location_id),
            dsl::appointment_id.eq(visit.appointment_id),
            dsl::started_at.eq(visit.started_at),
            dsl::late_entry_reason.eq(visit.late_entry_reason.as_deref()),
            dsl::diagnoses.eq(Diagnoses(Vec::new())),
            dsl::version.eq(Version::FIRST),
            dsl::changes_at_version.eq(0),
            dsl::created_at.eq(now),
            dsl::updated_at.eq(now),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Returns the fields of a walk-in that name nothing in this practice.
pub(in crate::visits) async fn unknown_references(
    transaction: &OpenTransaction<'_>,
    visit: &NewVisit,
) -> Stored<Vec<&'static str>> {
    let practice_id = transaction.practice_id();
    let patient = patients::table
        .filter(patients::practice_id.eq(practice_id))
        .filter(patients::id.eq(visit.patient_id));
    let provider = providers::table
        .filter(providers::practice_id.eq(practice_id))
        .filter(providers::id.eq(visit.provider_id));
    let location = locations::table
        .filter(locations::practice_id.eq(practice_id))
        .filter(locations::id.eq(visit.location_id));
    let (patient, provider, location): (bool, bool, bool) =
        diesel::select((exists(patient), exists(provider), exists(location)))
            .get_result(&mut transaction.connection())
            .await?;
    let fields = [
        ("/patient_id", patient),
        ("/provider_id", provider),
        ("/location_id", location),
    ];
    Ok(fields
        .into_iter()
        .filter(|(_, known)| !known)
        .map(|(field, _)| field)
        .collect())
}

/// Locks an open visit, so that it can be changed. A signed visit cannot be locked: row-level
/// security hides it from the lock.
pub(in crate::visits) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Option<LockedVisit>> {
    let ids = [id];
    let (row, changes) = pipelined!(lock_row(transaction, id), changes_under(transaction, &ids),)?;
    let changes = changes.get(&id).copied().unwrap_or_default();
    Ok(row.map(|row| row.locked(changes)))
}

async fn lock_row(transaction: &OpenTransaction<'_>, id: VisitId) -> Stored<Option<VisitRow>> {
    Ok(VisitRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = visits, check_for_backend(Pg))]
struct OpenVisitRow {
    id: VisitId,
    patient_id: PatientId,
    provider_id: ProviderId,
    location_id: LocationId,
    started_at: DateTime<Utc>,
    late_entry_reason: Option<String>,
}

/// Locks an open visit against signing. Others may lock it in the same way at the same time.
pub(in crate::visits) async fn lock_against_signing(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Option<OpenVisit>> {
    let practice_id = transaction.practice_id();
    let person_id = person_id_of!("visits", practice_id);
    let row: Option<(OpenVisitRow, PatientId)> = dsl::visits
        .filter(dsl::practice_id.eq(practice_id))
        .filter(dsl::id.eq(id))
        .select((OpenVisitRow::as_select(), person_id))
        .for_share()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(|(row, person_id)| OpenVisit {
        id: row.id,
        patient_id: row.patient_id,
        person_id,
        provider_id: row.provider_id,
        location_id: row.location_id,
        started_at: row.started_at,
        is_late_entry: row.late_entry_reason.is_some(),
    }))
}
