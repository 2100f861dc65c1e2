//! Rows of protocols.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::care::follow_up::ProtocolId;
use crate::care::protocol::{Protocol, ProtocolStep};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::text::Word;
use crate::procedures::ProcedureKind;
use crate::schema::follow_up_protocols::dsl;

#[derive(HasQuery)]
#[diesel(table_name = crate::schema::follow_up_protocols)]
struct ProtocolRow {
    id: ProtocolId,
    procedure_kind: Word<ProcedureKind>,
    name: String,
    steps: serde_json::Value,
    created_at: DateTime<Utc>,
}

impl TryFrom<ProtocolRow> for Protocol {
    type Error = diesel::result::Error;

    fn try_from(row: ProtocolRow) -> QueryResult<Self> {
        Ok(Self {
            id: Some(row.id),
            procedure_kind: row.procedure_kind.0,
            name: row.name,
            steps: read_json(row.steps)?,
            created_at: Some(row.created_at),
        })
    }
}

/// Reads what was written as JSON, or says that the row cannot be read.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(
    value: serde_json::Value,
) -> QueryResult<T> {
    serde_json::from_value(value)
        .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
}

/// Writes a value as JSON.
pub(super) fn write_json<T: serde::Serialize>(value: &T) -> QueryResult<serde_json::Value> {
    serde_json::to_value(value)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
}

/// The protocol in force for a kind of procedure: the newest, or the shipped one.
pub(crate) async fn in_force(
    transaction: &OpenTransaction<'_>,
    kind: ProcedureKind,
) -> Stored<Protocol> {
    let row = ProtocolRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::procedure_kind.eq(Word(kind)))
        .order(dsl::id.desc())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row
        .map(Protocol::try_from)
        .transpose()?
        .unwrap_or_else(|| Protocol::shipped(kind)))
}

/// The protocols in force for all kinds of procedure.
pub(crate) async fn all_in_force(transaction: &OpenTransaction<'_>) -> Stored<Vec<Protocol>> {
    let rows = ProtocolRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .order((dsl::procedure_kind, dsl::id.desc()))
        .distinct_on(dsl::procedure_kind)
        .load::<ProtocolRow>(&mut transaction.connection())
        .await?;
    let mut written = rows
        .into_iter()
        .map(Protocol::try_from)
        .collect::<QueryResult<Vec<Protocol>>>()?;
    for kind in ProcedureKind::ALL {
        if !written
            .iter()
            .any(|protocol| protocol.procedure_kind == *kind)
        {
            written.push(Protocol::shipped(*kind));
        }
    }
    Ok(written)
}

pub(crate) async fn find(
    transaction: &OpenTransaction<'_>,
    id: ProtocolId,
) -> Stored<Option<Protocol>> {
    let row = ProtocolRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Protocol::try_from).transpose()?)
}

pub(crate) async fn insert(
    transaction: &OpenTransaction<'_>,
    (kind, name, steps): (ProcedureKind, &str, &[ProtocolStep]),
) -> Stored<Protocol> {
    let practice_id: Uuid = transaction.practice_id();
    let id = ProtocolId::fresh(transaction.now());
    diesel::insert_into(dsl::follow_up_protocols)
        .values((
            dsl::practice_id.eq(practice_id),
            dsl::id.eq(id),
            dsl::procedure_kind.eq(Word(kind)),
            dsl::name.eq(name),
            dsl::steps.eq(write_json(&steps)?),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(Protocol {
        id: Some(id),
        procedure_kind: kind,
        name: name.to_owned(),
        steps: steps.to_vec(),
        created_at: Some(transaction.now()),
    })
}
