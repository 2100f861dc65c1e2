//! Rows and queries of providers.

use crate::identity::schema::control::memberships;
use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::{Window, rows_after};
use crate::practice::listing::NameKey;
use crate::schema::providers::dsl;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Provider, ProviderDetails, ProviderId};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::providers, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ProviderRow {
    id: ProviderId,
    user_id: Option<Uuid>,
    name: String,
    credentials: Option<String>,
    npi: Option<String>,
    active: bool,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<ProviderRow> for Provider {
    fn from(row: ProviderRow) -> Self {
        Self {
            id: row.id,
            details: ProviderDetails {
                user_id: row.user_id,
                name: row.name,
                credentials: row.credentials,
                npi: row.npi,
                active: row.active,
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Provider> for ProviderRow {
    fn from(provider: &Provider) -> Self {
        let details = provider.details.clone();
        Self {
            id: provider.id,
            user_id: details.user_id,
            name: details.name,
            credentials: details.credentials,
            npi: details.npi,
            active: details.active,
            version: provider.version,
            updated_at: provider.updated_at,
        }
    }
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    id: ProviderId,
) -> Stored<Option<Provider>> {
    let row = ProviderRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Provider::from))
}

pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: ProviderId,
) -> Stored<Option<Provider>> {
    let row = ProviderRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Provider::from))
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<NameKey>,
) -> Stored<Vec<Provider>> {
    let mut query = ProviderRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .order((dsl::name, dsl::id))
        .limit(window.probe())
        .into_boxed();
    if let Some(since) = updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    rows_after!(query, window, dsl::name, dsl::id);
    let rows = query
        .load::<ProviderRow>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Provider::from).collect())
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, provider: &Provider) -> Stored<()> {
    diesel::insert_into(dsl::providers)
        .values((
            ProviderRow::from(provider),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, provider: &Provider) -> Stored<()> {
    diesel::update(dsl::providers)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(provider.id))
        .set(ProviderRow::from(provider))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Makes the user this provider; false when there is no such user in the role provider.
pub(super) async fn link_user(
    transaction: &OpenTransaction<'_>,
    user_id: Uuid,
    provider_id: ProviderId,
) -> Stored<bool> {
    let linked = diesel::update(memberships::table)
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .filter(memberships::user_id.eq(user_id))
        .filter(memberships::role.eq(Role::Provider))
        .set((
            memberships::provider_id.eq(provider_id.uuid()),
            memberships::version.eq(memberships::version + 1),
            memberships::updated_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(linked > 0)
}

/// Ends what [`link_user`] did.
pub(super) async fn unlink_user(
    transaction: &OpenTransaction<'_>,
    user_id: Uuid,
    provider_id: ProviderId,
) -> Stored<()> {
    diesel::update(memberships::table)
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .filter(memberships::user_id.eq(user_id))
        .filter(memberships::provider_id.eq(provider_id.uuid()))
        .set((
            memberships::provider_id.eq(None::<Uuid>),
            memberships::version.eq(memberships::version + 1),
            memberships::updated_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
