//! Rows of providers, linked identities and sign-ins under way. They lie in the schema `control`; what is
//! secret in them only sign-in reads.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::identity::schema::control::{
    identity_providers, memberships, practices, provider_sign_ins, provider_subjects,
};
use crate::platform::database::{OpenTransaction, Stored};

use super::provider::{NamedProvider, Provider};

/// A provider as admins see it: without its secret.
#[derive(Queryable, Selectable)]
#[diesel(table_name = identity_providers, check_for_backend(Pg))]
pub(super) struct ProviderRow {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) second_factor_values: Vec<Option<String>>,
    pub(super) is_enabled: bool,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// Keeps the settings; without a secret the one that is there stays.
pub(super) async fn put_provider(
    transaction: &OpenTransaction<'_>,
    named: &NamedProvider,
    now: DateTime<Utc>,
) -> Stored<()> {
    let secret = named.client_secret.as_ref();
    let secret = secret.map(ExposeSecret::expose_secret);
    let values: Vec<Option<&str>> = named
        .second_factor_values
        .iter()
        .map(|value| Some(value.as_str()))
        .collect();
    let settings = (
        identity_providers::issuer.eq(&named.issuer),
        identity_providers::client_id.eq(&named.client_id),
        identity_providers::redirect_uri.eq(&named.redirect_uri),
        identity_providers::second_factor_values.eq(&values),
        identity_providers::is_enabled.eq(named.is_enabled),
        identity_providers::updated_at.eq(now),
        // `None` in a change leaves the column as it is.
        secret.map(|secret| identity_providers::client_secret.eq(secret)),
    );
    let practice_id = transaction.practice_id();
    let changed = diesel::update(identity_providers::table)
        .filter(identity_providers::practice_id.eq(practice_id))
        .set(settings)
        .execute(&mut transaction.connection())
        .await?;
    if changed == 0 {
        diesel::insert_into(identity_providers::table)
            .values((
                identity_providers::practice_id.eq(practice_id),
                identity_providers::created_at.eq(now),
                settings,
            ))
            .execute(&mut transaction.connection())
            .await?;
    }
    Ok(())
}

pub(super) async fn read_provider(
    transaction: &OpenTransaction<'_>,
) -> Stored<Option<ProviderRow>> {
    let row = identity_providers::table
        .filter(identity_providers::practice_id.eq(transaction.practice_id()))
        .select(ProviderRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row)
}

/// Forgets the provider; says whether there was one.
pub(super) async fn delete_provider(transaction: &OpenTransaction<'_>) -> Stored<bool> {
    let deleted = diesel::delete(identity_providers::table)
        .filter(identity_providers::practice_id.eq(transaction.practice_id()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(deleted == 1)
}

/// Issuer, client id, client secret, page of the client, and what stands for a second factor.
type ProviderColumns = (String, String, Option<String>, String, Vec<Option<String>>);

const PROVIDER_COLUMNS: (
    identity_providers::issuer,
    identity_providers::client_id,
    identity_providers::client_secret,
    identity_providers::redirect_uri,
    identity_providers::second_factor_values,
) = (
    identity_providers::issuer,
    identity_providers::client_id,
    identity_providers::client_secret,
    identity_providers::redirect_uri,
    identity_providers::second_factor_values,
);

fn provider(columns: ProviderColumns) -> Provider {
    let (issuer, client_id, client_secret, redirect_uri, second_factor_values) = columns;
    Provider {
        issuer,
        client_id,
        client_secret: client_secret.map(SecretString::from),
        redirect_uri,
        second_factor_values: second_factor_values.into_iter().flatten().collect(),
    }
}

/// The provider in use of the practice with this slug.
pub(super) async fn provider_of(
    mut connection: &AsyncPgConnection,
    slug: &str,
) -> Stored<Option<(Uuid, Provider)>> {
    let found: Option<(Uuid, ProviderColumns)> = identity_providers::table
        .inner_join(practices::table)
        .filter(practices::slug.eq(slug))
        .filter(identity_providers::is_enabled)
        .select((practices::id, PROVIDER_COLUMNS))
        .first(&mut connection)
        .await
        .optional()?;
    Ok(found.map(|(practice_id, columns)| (practice_id, provider(columns))))
}

/// The provider in use of this practice.
pub(super) async fn provider_in(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
) -> Stored<Option<Provider>> {
    let found: Option<ProviderColumns> = identity_providers::table
        .filter(identity_providers::practice_id.eq(practice_id))
        .filter(identity_providers::is_enabled)
        .select(PROVIDER_COLUMNS)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(found.map(provider))
}

/// A sign-in under way.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = provider_sign_ins, check_for_backend(Pg), treat_none_as_default_value = false)]
pub(super) struct SignInRow {
    pub(super) token_hash: Vec<u8>,
    pub(super) state_hash: Vec<u8>,
    pub(super) practice_id: Uuid,
    pub(super) issuer: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) invitation_hash: Option<Vec<u8>>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn insert_sign_in(
    mut connection: &AsyncPgConnection,
    row: &SignInRow,
) -> Stored<()> {
    diesel::insert_into(provider_sign_ins::table)
        .values(row)
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Takes a sign-in away, so that it is finished once.
pub(super) async fn take_sign_in(
    mut connection: &AsyncPgConnection,
    token_hash: &[u8],
) -> Stored<Option<SignInRow>> {
    let row = diesel::delete(provider_sign_ins::table)
        .filter(provider_sign_ins::token_hash.eq(token_hash))
        .returning(SignInRow::as_returning())
        .get_result(&mut connection)
        .await
        .optional()?;
    Ok(row)
}

/// A user about to be linked.
#[derive(Insertable)]
#[diesel(table_name = provider_subjects, treat_none_as_default_value = false)]
pub(super) struct NewLink<'a> {
    pub(super) practice_id: Uuid,
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
    pub(super) user_id: Uuid,
    pub(super) linked_at: DateTime<Utc>,
    pub(super) linked_by: Option<Uuid>,
}

pub(super) async fn insert_link(
    mut connection: &AsyncPgConnection,
    link: &NewLink<'_>,
) -> Stored<()> {
    diesel::insert_into(provider_subjects::table)
        .values(link)
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The user whom this subject of the issuer is.
pub(super) async fn linked_user(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    (issuer, subject): (&str, &str),
) -> Stored<Option<Uuid>> {
    let user_id = provider_subjects::table
        .filter(provider_subjects::practice_id.eq(practice_id))
        .filter(provider_subjects::issuer.eq(issuer))
        .filter(provider_subjects::subject.eq(subject))
        .select(provider_subjects::user_id)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(user_id)
}

/// Whether the user belongs to the practice.
pub(super) async fn is_member(transaction: &OpenTransaction<'_>, user_id: Uuid) -> Stored<bool> {
    let found = memberships::table
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .filter(memberships::user_id.eq(user_id));
    let found = diesel::select(exists(found))
        .get_result(&mut transaction.connection())
        .await?;
    Ok(found)
}

/// The identity of a user.
#[derive(Queryable, Selectable)]
#[diesel(table_name = provider_subjects, check_for_backend(Pg))]
pub(super) struct LinkRow {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) linked_at: DateTime<Utc>,
    pub(super) linked_by: Option<Uuid>,
}

pub(super) async fn read_link(
    transaction: &OpenTransaction<'_>,
    user_id: Uuid,
) -> Stored<Option<LinkRow>> {
    let row = provider_subjects::table
        .filter(provider_subjects::practice_id.eq(transaction.practice_id()))
        .filter(provider_subjects::user_id.eq(user_id))
        .select(LinkRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row)
}

/// Parts a user from their identity; says whether there was one.
pub(super) async fn delete_link(transaction: &OpenTransaction<'_>, user_id: Uuid) -> Stored<bool> {
    let deleted = diesel::delete(provider_subjects::table)
        .filter(provider_subjects::practice_id.eq(transaction.practice_id()))
        .filter(provider_subjects::user_id.eq(user_id))
        .execute(&mut transaction.connection())
        .await?;
    Ok(deleted == 1)
}
