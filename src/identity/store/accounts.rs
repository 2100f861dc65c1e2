//! Users, the practices they belong to, and what they reach there.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::{memberships, patient_links, practices, users};
use crate::platform::access::Role;
use crate::platform::database::Stored;

/// A user as one practice knows them.
#[derive(Queryable)]
pub(in crate::identity) struct Member {
    pub(in crate::identity) user_id: Uuid,
    pub(in crate::identity) email: String,
    pub(in crate::identity) display_name: String,
    pub(in crate::identity) disabled_at: Option<DateTime<Utc>>,
    pub(in crate::identity) role: Role,
    pub(in crate::identity) provider_id: Option<Uuid>,
    pub(in crate::identity) practice_id: Uuid,
    pub(in crate::identity) slug: String,
    pub(in crate::identity) practice_name: String,
    pub(in crate::identity) time_zone: String,
}

type MemberColumns = (
    users::id,
    users::email,
    users::display_name,
    users::disabled_at,
    memberships::role,
    memberships::provider_id,
    practices::id,
    practices::slug,
    practices::name,
    practices::time_zone,
);

fn member_columns() -> MemberColumns {
    (
        users::id,
        users::email,
        users::display_name,
        users::disabled_at,
        memberships::role,
        memberships::provider_id,
        practices::id,
        practices::slug,
        practices::name,
        practices::time_zone,
    )
}

/// The memberships in force of the account with this address.
pub(in crate::identity) async fn members(
    mut connection: &AsyncPgConnection,
    email: &str,
) -> Stored<Vec<Member>> {
    let members = users::table
        .inner_join(memberships::table.on(memberships::user_id.eq(users::id)))
        .inner_join(practices::table.on(practices::id.eq(memberships::practice_id)))
        .filter(users::email.eq(email))
        .filter(memberships::suspended_at.is_null())
        .order(practices::slug)
        .select(member_columns())
        .load(&mut connection)
        .await?;
    Ok(members)
}

/// The hash of the password of the account with this address.
pub(in crate::identity) async fn password_hash(
    mut connection: &AsyncPgConnection,
    email: &str,
) -> Stored<Option<String>> {
    let hash = users::table
        .filter(users::email.eq(email))
        .select(users::password_hash)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(hash)
}

/// One user in one practice.
pub(in crate::identity) async fn member(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    user_id: Uuid,
) -> Stored<Option<Member>> {
    let member = users::table
        .inner_join(memberships::table.on(memberships::user_id.eq(users::id)))
        .inner_join(practices::table.on(practices::id.eq(memberships::practice_id)))
        .filter(memberships::practice_id.eq(practice_id))
        .filter(users::id.eq(user_id))
        .filter(memberships::suspended_at.is_null())
        .select(member_columns())
        .first(&mut connection)
        .await
        .optional()?;
    Ok(member)
}

/// The patient records a user may reach in a practice, in ascending order.
pub(in crate::identity) async fn linked_patients(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<Vec<Uuid>> {
    let linked = patient_links::table
        .filter(patient_links::practice_id.eq(practice_id))
        .filter(patient_links::user_id.eq(user_id))
        .filter(patient_links::revoked_at.is_null())
        .filter(
            patient_links::ends_at
                .is_null()
                .or(patient_links::ends_at.gt(now)),
        )
        .order(patient_links::patient_id)
        .select(patient_links::patient_id)
        .load(&mut connection)
        .await?;
    Ok(linked)
}

/// A user about to be made.
#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(in crate::identity) struct NewUser<'a> {
    pub(in crate::identity) id: Uuid,
    pub(in crate::identity) email: &'a str,
    pub(in crate::identity) display_name: &'a str,
    pub(in crate::identity) password_hash: String,
    pub(in crate::identity) created_at: DateTime<Utc>,
    pub(in crate::identity) updated_at: DateTime<Utc>,
}

pub(in crate::identity) async fn insert_user(
    mut connection: &AsyncPgConnection,
    user: &NewUser<'_>,
) -> Stored<()> {
    diesel::insert_into(users::table)
        .values(user)
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(in crate::identity) async fn change_password(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    hash: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(users::table)
        .filter(users::id.eq(user_id))
        .set((users::password_hash.eq(hash), users::updated_at.eq(now)))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(in crate::identity) async fn prove_mailbox(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(users::table)
        .filter(users::id.eq(user_id))
        .set(users::email_proven_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(in crate::identity) async fn insert_membership(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    user_id: Uuid,
    (role, provider_id): (Role, Option<Uuid>),
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(memberships::table)
        .values((
            memberships::practice_id.eq(practice_id),
            memberships::user_id.eq(user_id),
            memberships::role.eq(role),
            memberships::provider_id.eq(provider_id),
            memberships::created_at.eq(now),
            memberships::updated_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(in crate::identity) async fn practice_id(
    mut connection: &AsyncPgConnection,
    slug: &str,
) -> Stored<Option<Uuid>> {
    let id = practices::table
        .filter(practices::slug.eq(slug))
        .select(practices::id)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(id)
}

pub(in crate::identity) async fn practice_name(
    mut connection: &AsyncPgConnection,
    id: Uuid,
) -> Stored<String> {
    let name = practices::table
        .filter(practices::id.eq(id))
        .select(practices::name)
        .first(&mut connection)
        .await?;
    Ok(name)
}

pub(in crate::identity) async fn insert_practice(
    mut connection: &AsyncPgConnection,
    id: Uuid,
    (slug, name, time_zone): (&str, &str, &str),
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(practices::table)
        .values((
            practices::id.eq(id),
            practices::slug.eq(slug),
            practices::name.eq(name),
            practices::time_zone.eq(time_zone),
            practices::version.eq(1),
            practices::created_at.eq(now),
            practices::updated_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Whether the database takes writes. A standby does not.
pub(in crate::identity) async fn takes_writes(mut connection: &AsyncPgConnection) -> Stored<bool> {
    let read_only =
        diesel::dsl::sql::<diesel::sql_types::Text>("current_setting('transaction_read_only')");
    let read_only: String = diesel::select(read_only)
        .get_result(&mut connection)
        .await?;
    Ok(read_only == "off")
}
