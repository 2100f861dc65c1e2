//! One person behind several records.
//!
//! Records that turned out to be one person are merged without rewriting a row under them: every
//! row keeps the record it was written to. A read by patient therefore asks for all records of
//! the person, by [`records_of`], and gets the same whichever of the records was named. The
//! record that stands for the person is the one the others point to; [`persons`], [`person_of`],
//! [`person_id`] and [`person_id_of!`] say which that is, for what is shown.

use std::collections::HashMap;

use diesel::dsl::{IntoBoxed, Select};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::patients::patient::{PatientId, shown_name};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::prepared::{ConstantSql, constant_sql};
use crate::schema::patients;

/// A query for the ids of all records of a person.
pub(crate) type Records = IntoBoxed<'static, Select<patients::table, patients::id>, Pg>;

/// The ids of all records of the person that a record belongs to, for `eq_any`.
pub(crate) fn records_of(transaction: &OpenTransaction<'_>, id: PatientId) -> Records {
    patients::table
        .select(patients::id)
        .into_boxed()
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(constant_sql::<Bool, 2>(
            [
                "patients.person_id = (SELECT asked.person_id FROM patients asked \
                 WHERE asked.practice_id = ",
                " AND asked.id = ",
            ],
            [transaction.practice_id(), id.uuid()],
            ")",
        ))
}

/// The ids of all records of a person, in ascending order.
pub(crate) async fn record_ids(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
) -> Stored<Vec<PatientId>> {
    Ok(records_of(transaction, id)
        .order(patients::id)
        .load(&mut transaction.connection())
        .await?)
}

/// What [`person_id_of!`] is.
pub(crate) type PersonIdOf = ConstantSql<SqlUuid, 0>;

/// What [`person_id_of!`] is when it names the practice.
pub(crate) type PersonIdIn = ConstantSql<SqlUuid, 1>;

/// In a statement that reads a table: the person that a row of it belongs to, which is what is shown
/// of the row, whichever record it was written to.
///
/// A statement that locks names the practice by a parameter, because a distributed Postgres then
/// sees that one node has everything.
macro_rules! person_id_of {
    ($table:literal, $practice_id:expr) => {
        $crate::platform::prepared::constant_sql::<diesel::sql_types::Uuid, 1>(
            ["(SELECT person.person_id FROM patients person WHERE person.practice_id = "],
            [$practice_id],
            concat!(" AND person.id = ", $table, ".patient_id)"),
        )
    };
    ($table:literal) => {
        $crate::platform::prepared::constant_sql::<diesel::sql_types::Uuid, 0>(
            [],
            [],
            concat!(
                "(SELECT person.person_id FROM patients person WHERE person.practice_id = ",
                $table,
                ".practice_id AND person.id = ",
                $table,
                ".patient_id)"
            ),
        )
    };
}
pub(crate) use person_id_of;

/// The record that stands for a person.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct Person {
    pub(crate) id: PatientId,
    given_name: String,
    family_name: String,
    pub(crate) phone: Option<String>,
    is_archived: bool,
    has_died: bool,
}

impl Person {
    /// Both names, as they are shown.
    pub(crate) fn name(&self) -> String {
        shown_name(&self.given_name, &self.family_name)
    }

    /// Whether the record is in use, so that something can be planned for the person.
    pub(crate) const fn is_in_use(&self) -> bool {
        !self.is_archived && !self.has_died
    }
}

/// The person a record belongs to; nothing when it is not within reach.
pub(crate) async fn person_of(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
) -> Stored<Option<Person>> {
    let found = patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(records_of(transaction, id)))
        .filter(patients::merged_into_id.is_null())
        .select((
            patients::id,
            patients::given_name,
            patients::family_name,
            patients::phone,
            patients::archived_at.is_not_null(),
            patients::died_on.is_not_null(),
        ))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(found)
}

/// Holds the record that stands for a person until the transaction ends, so that what a person has
/// once is decided by one transaction at a time, whichever of their records it names; a merge waits
/// for it, and it for a merge. Answers that record; nothing when it is not within reach.
pub(crate) async fn lock_person(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
) -> Stored<Option<PatientId>> {
    let mut standing = person_id(transaction, id).await?;
    while let Some(locked) = standing {
        patients::table
            .filter(patients::practice_id.eq(transaction.practice_id()))
            .filter(patients::id.eq(locked))
            .select(patients::id)
            .for_no_key_update()
            .execute(&mut transaction.connection())
            .await?;
        // Merged or parted while it was waited for, another record stands for the person.
        standing = person_id(transaction, id).await?;
        if standing == Some(locked) {
            break;
        }
    }
    Ok(standing)
}

/// The record that stands for the person of a record; nothing when the record named is not within
/// reach, while the one that stands for the person need not be.
pub(crate) async fn person_id(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
) -> Stored<Option<PatientId>> {
    let found = patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq(id))
        .select(patients::person_id)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(found)
}

/// The persons that these merged records point to, by id. Most rows belong to records that were
/// never merged: then there is nothing to ask for.
pub(crate) async fn persons(
    transaction: &OpenTransaction<'_>,
    merged_into: impl IntoIterator<Item = Option<PatientId>>,
) -> Stored<HashMap<PatientId, Person>> {
    let ids: Vec<PatientId> = merged_into.into_iter().flatten().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<Person> = patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(ids))
        .select((
            patients::id,
            patients::given_name,
            patients::family_name,
            patients::phone,
            patients::archived_at.is_not_null(),
            patients::died_on.is_not_null(),
        ))
        .load(&mut transaction.connection())
        .await?;
    Ok(found
        .into_iter()
        .map(|person| (person.id, person))
        .collect())
}
