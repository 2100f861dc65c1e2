//! Sealing a visit, and adding to a sealed one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::prepared;
use crate::schema::visit_addenda;
use crate::schema::visits::dsl;
use crate::visits::seal::{ProcedureUnderWay, Signature};
use crate::visits::visit::{Addendum, LockedVisit, Visit, VisitId};

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = Text)]
    content: String,
}

#[derive(QueryableByName)]
struct UnderWayRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    status: String,
}

/// Returns the canonical text of a visit, everything under it, and who signs it when. The seal is the
/// digest of it.
pub(in crate::visits) async fn content(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
    signed_by: Uuid,
    signed_at: DateTime<Utc>,
) -> Stored<String> {
    let row: Content = prepared(
        diesel::sql_query("SELECT visit_content($1, $2, $3, $4) AS content")
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(id)
            .bind::<SqlUuid, _>(signed_by)
            .bind::<Timestamptz, _>(signed_at),
    )
    .get_result(&mut transaction.connection())
    .await?;
    Ok(row.content)
}

/// Returns the procedures of a visit that are planned or under way.
pub(in crate::visits) async fn procedures_under_way(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Vec<ProcedureUnderWay>> {
    let rows: Vec<UnderWayRow> = prepared(
        diesel::sql_query("SELECT id, status FROM procedures_under_way($1, $2)")
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(id),
    )
    .load(&mut transaction.connection())
    .await?;
    let noun = |row: UnderWayRow| ProcedureUnderWay {
        id: row.id,
        status: row.status,
    };
    Ok(rows.into_iter().map(noun).collect())
}

/// Closes every row under a locked visit.
pub(super) async fn close_rows(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> QueryResult<usize> {
    let close = prepared(
        diesel::sql_query("SELECT close_rows_under_visit($1, $2)")
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(id),
    );
    close.execute(&mut transaction.connection()).await
}

/// Records the signature of a locked visit, after closing every row under it: their foreign keys
/// refuse a signature that leaves one of them open.
pub(in crate::visits) async fn record_signature(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    signature: &Signature,
) -> Stored<()> {
    let sign = diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set((
            dsl::signed_at.eq(signature.signed_at),
            dsl::signed_by.eq(signature.signed_by),
            dsl::content_sha256.eq(signature.seal.bytes()),
            dsl::content_format.eq(signature.format.number()),
            dsl::content_signature.eq(signature.by_key.map(|signed| signed.bytes())),
            dsl::version.eq(visit.version.next()),
            dsl::changes_at_version.eq(visit.changes_under),
            dsl::updated_at.eq(signature.signed_at),
        ));
    let mut for_sign = transaction.connection();
    pipelined!(
        close_rows(transaction, visit.id),
        sign.execute(&mut for_sign)
    )?;
    Ok(())
}

pub(in crate::visits) async fn insert_addendum(
    transaction: &OpenTransaction<'_>,
    visit: &Visit,
    addendum: &Addendum,
) -> Stored<()> {
    use visit_addenda::dsl;
    diesel::insert_into(dsl::visit_addenda)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(addendum.id),
            dsl::visit_id.eq(visit.id),
            dsl::patient_id.eq(visit.record_id),
            dsl::text.eq(&addendum.text),
            dsl::written_by.eq(addendum.written_by),
            dsl::written_at.eq(addendum.written_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
