//! Writing what puts visits right: discards, hand-overs and retractions.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::prepared;
use crate::practice::ProviderId;
use crate::schema::visits::dsl;
use crate::schema::{providers, visit_hand_overs};
use crate::visits::visit::{HandOver, LockedVisit, Retraction, VisitId};
use crate::visits::voided::Voided;

use super::seals::close_rows;

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

/// Whether something lies under a visit that was not entered in error.
pub(in crate::visits) async fn has_content(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<bool> {
    let row: Answer = prepared(
        diesel::sql_query("SELECT visit_has_content($1, $2) AS answer")
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(id),
    )
    .get_result(&mut transaction.connection())
    .await?;
    Ok(row.answer)
}

/// Records the discard of a locked visit, after closing what was voided under it.
pub(in crate::visits) async fn record_discard(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    discarded: &Voided,
) -> Stored<()> {
    let discard = diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set((
            dsl::discarded_at.eq(discarded.at),
            dsl::discarded_by.eq(discarded.by),
            dsl::discard_reason.eq(&discarded.reason),
            dsl::version.eq(visit.version.next()),
            dsl::changes_at_version.eq(visit.changes_under),
            dsl::updated_at.eq(discarded.at),
        ));
    let mut for_discard = transaction.connection();
    pipelined!(
        close_rows(transaction, visit.id),
        discard.execute(&mut for_discard)
    )?;
    Ok(())
}

/// Whether there is such a provider who still works here.
pub(in crate::visits) async fn is_active_provider(
    transaction: &OpenTransaction<'_>,
    id: ProviderId,
) -> Stored<bool> {
    let provider = providers::table
        .filter(providers::practice_id.eq(transaction.practice_id()))
        .filter(providers::id.eq(id))
        .filter(providers::active);
    Ok(diesel::select(exists(provider))
        .get_result(&mut transaction.connection())
        .await?)
}

/// Records that another provider goes on with a locked visit.
pub(in crate::visits) async fn record_hand_over(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    handed_over: &HandOver,
) -> Stored<()> {
    use visit_hand_overs::dsl as columns;
    diesel::insert_into(columns::visit_hand_overs)
        .values((
            columns::practice_id.eq(transaction.practice_id()),
            columns::id.eq(handed_over.id),
            columns::visit_id.eq(visit.id),
            columns::patient_id.eq(visit.patient_id),
            columns::from_provider_id.eq(handed_over.from_provider_id),
            columns::to_provider_id.eq(handed_over.to_provider_id),
            columns::reason.eq(&handed_over.reason),
            columns::handed_over_by.eq(handed_over.handed_over_by),
            columns::handed_over_at.eq(handed_over.handed_over_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set((
            dsl::provider_id.eq(handed_over.to_provider_id),
            dsl::version.eq(visit.version.next()),
            dsl::changes_at_version.eq(visit.changes_under),
            dsl::updated_at.eq(handed_over.handed_over_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Marks a signed visit and everything under it as entered in error. Returns false when it was
/// marked before.
pub(in crate::visits) async fn record_retraction(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
    retraction: &Retraction,
) -> Stored<bool> {
    let voided = &retraction.voided;
    let row: Answer = prepared(
        diesel::sql_query("SELECT retract_visit($1, $2, $3, $4, $5, $6, $7, $8) AS answer")
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(id)
            .bind::<SqlUuid, _>(voided.by)
            .bind::<Timestamptz, _>(voided.at)
            .bind::<Text, _>(&voided.reason)
            .bind::<Nullable<SqlUuid>, _>(retraction.belongs_to_patient_id)
            .bind::<Binary, _>(retraction.seal.bytes())
            .bind::<Nullable<Binary>, _>(retraction.by_key.map(|signed| signed.bytes())),
    )
    .get_result(&mut transaction.connection())
    .await?;
    Ok(row.answer)
}
