//! Rows of links and codes. Both lie in the schema `control`, where no row-level security narrows
//! them: every statement names the practice or the hash of a code.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::{activations, memberships, patient_links, practices, users};
use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};

use super::code::Code;
use super::{Holder, LinkedPatient, PatientLink, Relationship, Scope};

pub(super) async fn insert_code(
    transaction: &OpenTransaction<'_>,
    patient: LinkedPatient,
    link: &PatientLink,
    code: &Code,
) -> Stored<()> {
    diesel::insert_into(activations::table)
        .values((
            activations::id.eq(link.id),
            activations::practice_id.eq(transaction.practice_id()),
            activations::patient_id.eq(patient.id),
            activations::code_hash.eq(code.hash()),
            activations::proof_hash.eq(code.proof(patient.birth_date)),
            activations::holder_name.eq(&link.holder.name),
            activations::relationship.eq(link.holder.relationship),
            activations::scope.eq(link.holder.scope),
            activations::link_ends_at.eq(link.holder.ends_at),
            activations::created_by.eq(transaction.principal().user_id),
            activations::created_at.eq(link.created_at),
            activations::expires_at.eq(link.code_expires_at.unwrap_or(link.created_at)),
            activations::failures.eq(0),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Takes back the codes for a patient themselves that were not used.
pub(super) async fn withdraw_own_codes(
    transaction: &OpenTransaction<'_>,
    patient_id: Uuid,
) -> Stored<()> {
    diesel::update(activations::table)
        .filter(activations::practice_id.eq(transaction.practice_id()))
        .filter(activations::patient_id.eq(patient_id))
        .filter(activations::relationship.eq(Relationship::Self_))
        .filter(activations::used_at.is_null())
        .filter(activations::withdrawn_at.is_null())
        .set((
            activations::withdrawn_at.eq(transaction.now()),
            activations::withdrawn_by.eq(transaction.principal().user_id),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Takes one code back; says whether there was one to take.
pub(super) async fn withdraw(
    transaction: &OpenTransaction<'_>,
    patient_id: Uuid,
    id: Uuid,
) -> Stored<bool> {
    let withdrawn = diesel::update(activations::table)
        .filter(activations::practice_id.eq(transaction.practice_id()))
        .filter(activations::patient_id.eq(patient_id))
        .filter(activations::id.eq(id))
        .filter(activations::used_at.is_null())
        .filter(activations::withdrawn_at.is_null())
        .filter(activations::expires_at.gt(transaction.now()))
        .set((
            activations::withdrawn_at.eq(transaction.now()),
            activations::withdrawn_by.eq(transaction.principal().user_id),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(withdrawn == 1)
}

/// Ends a link in force; says whether there was one.
pub(super) async fn revoke(
    transaction: &OpenTransaction<'_>,
    patient_id: Uuid,
    id: Uuid,
) -> Stored<bool> {
    let now = transaction.now();
    let revoked = diesel::update(patient_links::table)
        .filter(patient_links::practice_id.eq(transaction.practice_id()))
        .filter(patient_links::patient_id.eq(patient_id))
        .filter(patient_links::id.eq(id))
        .filter(patient_links::revoked_at.is_null())
        .filter(
            patient_links::ends_at
                .is_null()
                .or(patient_links::ends_at.gt(now)),
        )
        .set((
            patient_links::revoked_at.eq(now),
            patient_links::revoked_by.eq(transaction.principal().user_id),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(revoked == 1)
}

/// The accounts that reach or reached a record.
pub(super) async fn linked(
    transaction: &OpenTransaction<'_>,
    patient_id: Uuid,
) -> Stored<Vec<PatientLink>> {
    type Row = (
        Uuid,
        String,
        String,
        Relationship,
        Scope,
        DateTime<Utc>,
        Option<DateTime<Utc>>,
        Option<DateTime<Utc>>,
    );
    let rows: Vec<Row> = patient_links::table
        .inner_join(users::table.on(users::id.eq(patient_links::user_id)))
        .filter(patient_links::practice_id.eq(transaction.practice_id()))
        .filter(patient_links::patient_id.eq(patient_id))
        .select((
            patient_links::id,
            users::display_name,
            users::email,
            patient_links::relationship,
            patient_links::scope,
            patient_links::created_at,
            patient_links::ends_at,
            patient_links::revoked_at,
        ))
        .load(&mut transaction.connection())
        .await?;
    let link = |(id, name, email, relationship, scope, created_at, ends_at, revoked_at): Row| {
        PatientLink {
            id,
            holder: Holder {
                name,
                relationship,
                scope,
                ends_at,
            },
            email: Some(email),
            created_at,
            code_expires_at: None,
            revoked_at,
        }
    };
    Ok(rows.into_iter().map(link).collect())
}

/// The codes for a record that were not used.
pub(super) async fn offered(
    transaction: &OpenTransaction<'_>,
    patient_id: Uuid,
) -> Stored<Vec<PatientLink>> {
    let rows: Vec<CodeRow> = activations::table
        .filter(activations::practice_id.eq(transaction.practice_id()))
        .filter(activations::patient_id.eq(patient_id))
        .filter(activations::used_at.is_null())
        .select(CodeRow::as_select())
        .load(&mut transaction.connection())
        .await?;
    let link = |row: CodeRow| PatientLink {
        id: row.id,
        created_at: row.created_at,
        code_expires_at: Some(row.expires_at),
        revoked_at: row.withdrawn_at,
        email: None,
        holder: row.holder(),
    };
    Ok(rows.into_iter().map(link).collect())
}

/// A code as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = activations, check_for_backend(diesel::pg::Pg))]
pub(super) struct CodeRow {
    pub(super) id: Uuid,
    pub(super) practice_id: Uuid,
    pub(super) patient_id: Uuid,
    holder_name: String,
    relationship: Relationship,
    scope: Scope,
    link_ends_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    withdrawn_at: Option<DateTime<Utc>>,
}

impl CodeRow {
    pub(super) fn holder_name(&self) -> &str {
        &self.holder_name
    }

    fn holder(self) -> Holder {
        Holder {
            name: self.holder_name,
            relationship: self.relationship,
            scope: self.scope,
            ends_at: self.link_ends_at,
        }
    }
}

/// A code that can be used now, with the hash that proves its holder. Locked until the transaction
/// ends.
pub(super) async fn usable(
    mut connection: &AsyncPgConnection,
    code: &Code,
    (now, most_failures): (DateTime<Utc>, i32),
) -> Stored<Option<(CodeRow, Vec<u8>)>> {
    let usable = activations::table
        .filter(activations::code_hash.eq(code.hash()))
        .filter(activations::used_at.is_null())
        .filter(activations::withdrawn_at.is_null())
        .filter(activations::expires_at.gt(now))
        .filter(activations::failures.lt(most_failures))
        .select((CodeRow::as_select(), activations::proof_hash))
        .for_update()
        .first(&mut connection)
        .await
        .optional()?;
    Ok(usable)
}

/// Counts a wrong try with a code, if there is such a code.
pub(super) async fn count_failure(mut connection: &AsyncPgConnection, code: &Code) -> Stored<()> {
    diesel::update(activations::table)
        .filter(activations::code_hash.eq(code.hash()))
        .set(activations::failures.eq(activations::failures + 1))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// An account by its address: id, hash of the password, whether it may sign in.
pub(super) async fn account(
    mut connection: &AsyncPgConnection,
    email: &str,
) -> Stored<Option<(Uuid, String, bool)>> {
    let account = users::table
        .filter(users::email.eq(email))
        .select((
            users::id,
            users::password_hash,
            users::disabled_at.is_null(),
        ))
        .first(&mut connection)
        .await
        .optional()?;
    Ok(account)
}

/// The role of an account in a practice, and whether it may act there.
pub(super) async fn role_in(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    user_id: Uuid,
) -> Stored<Option<(Role, bool)>> {
    let role = memberships::table
        .filter(memberships::practice_id.eq(practice_id))
        .filter(memberships::user_id.eq(user_id))
        .select((memberships::role, memberships::suspended_at.is_null()))
        .first(&mut connection)
        .await
        .optional()?;
    Ok(role)
}

/// Uses a code up: the account reaches the record from now on.
pub(super) async fn link(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    row: CodeRow,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(activations::table)
        .filter(activations::id.eq(row.id))
        .set(activations::used_at.eq(now))
        .execute(&mut connection)
        .await?;
    // An account that was linked before under other terms is linked under these.
    diesel::insert_into(patient_links::table)
        .values((
            patient_links::practice_id.eq(row.practice_id),
            patient_links::user_id.eq(user_id),
            patient_links::patient_id.eq(row.patient_id),
            patient_links::id.eq(row.id),
            patient_links::relationship.eq(row.relationship),
            patient_links::scope.eq(row.scope),
            patient_links::created_at.eq(now),
            patient_links::ends_at.eq(row.link_ends_at),
        ))
        .on_conflict((
            patient_links::practice_id,
            patient_links::user_id,
            patient_links::patient_id,
        ))
        .do_update()
        .set((
            patient_links::id.eq(excluded(patient_links::id)),
            patient_links::relationship.eq(excluded(patient_links::relationship)),
            patient_links::scope.eq(excluded(patient_links::scope)),
            patient_links::created_at.eq(excluded(patient_links::created_at)),
            patient_links::ends_at.eq(excluded(patient_links::ends_at)),
            patient_links::revoked_at.eq(None::<DateTime<Utc>>),
            patient_links::revoked_by.eq(None::<Uuid>),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The slug of a practice, to sign in with.
pub(super) async fn slug(mut connection: &AsyncPgConnection, practice_id: Uuid) -> Stored<String> {
    let slug = practices::table
        .filter(practices::id.eq(practice_id))
        .select(practices::slug)
        .first(&mut connection)
        .await?;
    Ok(slug)
}
