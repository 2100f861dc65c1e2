//! Rows and queries of service accounts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ipnet::IpNet;
use uuid::Uuid;

use crate::identity::schema::control::{service_account_keys, service_accounts};
use crate::platform::access::ServiceScope;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::Window;

use super::account::{Details, Key, Place, ServiceAccount, ServiceAccountId, ServiceKeyId};

#[derive(Queryable, Selectable)]
#[diesel(table_name = service_accounts, check_for_backend(Pg))]
struct AccountRow {
    id: ServiceAccountId,
    name: String,
    scopes: Vec<Option<ServiceScope>>,
    networks: Vec<Option<String>>,
    disabled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: Version,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = service_account_keys, check_for_backend(Pg))]
struct KeyRow {
    id: ServiceKeyId,
    service_account_id: ServiceAccountId,
    place: i16,
    prefix: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl AccountRow {
    fn account(self, keys: Vec<Key>) -> Stored<ServiceAccount> {
        let networks = self.networks.into_iter().flatten();
        let networks: Result<Vec<IpNet>, _> = networks.map(|one| one.parse()).collect();
        let unreadable = |_| InconsistentRow::new("control.service_accounts", "networks", self.id);
        Ok(ServiceAccount {
            id: self.id,
            details: Details {
                name: self.name,
                scopes: self.scopes.into_iter().flatten().collect(),
                networks: networks.map_err(unreadable)?,
            },
            disabled_at: self.disabled_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
            keys,
        })
    }
}

impl From<KeyRow> for Key {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id,
            place: if row.place == 1 {
                Place::First
            } else {
                Place::Second
            },
            prefix: row.prefix,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

const fn number(place: Place) -> i16 {
    match place {
        Place::First => 1,
        Place::Second => 2,
    }
}

/// As a column holds them: an element of an array might be empty.
fn texts(networks: &[IpNet]) -> Vec<Option<String>> {
    networks.iter().map(|one| Some(one.to_string())).collect()
}

fn words(scopes: &[ServiceScope]) -> Vec<Option<ServiceScope>> {
    scopes.iter().copied().map(Some).collect()
}

pub(super) async fn insert(
    transaction: &OpenTransaction<'_>,
    account: &ServiceAccount,
) -> Stored<()> {
    let details = &account.details;
    diesel::insert_into(service_accounts::table)
        .values((
            service_accounts::id.eq(account.id),
            service_accounts::practice_id.eq(transaction.practice_id()),
            service_accounts::name.eq(&details.name),
            service_accounts::scopes.eq(words(&details.scopes)),
            service_accounts::networks.eq(texts(&details.networks)),
            service_accounts::created_by.eq(transaction.principal().user_id),
            service_accounts::created_at.eq(account.created_at),
            service_accounts::updated_at.eq(account.updated_at),
            service_accounts::version.eq(account.version),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(
    transaction: &OpenTransaction<'_>,
    account: &ServiceAccount,
) -> Stored<()> {
    let details = &account.details;
    diesel::update(service_accounts::table)
        .filter(service_accounts::practice_id.eq(transaction.practice_id()))
        .filter(service_accounts::id.eq(account.id))
        .set((
            service_accounts::name.eq(&details.name),
            service_accounts::scopes.eq(words(&details.scopes)),
            service_accounts::networks.eq(texts(&details.networks)),
            service_accounts::disabled_at.eq(account.disabled_at),
            service_accounts::updated_at.eq(account.updated_at),
            service_accounts::version.eq(account.version),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Locks an account against other changes until this transaction ends.
pub(super) async fn lock(transaction: &OpenTransaction<'_>, id: ServiceAccountId) -> Stored<()> {
    service_accounts::table
        .filter(service_accounts::practice_id.eq(transaction.practice_id()))
        .filter(service_accounts::id.eq(id))
        .select(service_accounts::id)
        .for_no_key_update()
        .first::<Uuid>(&mut transaction.connection())
        .await
        .optional()?;
    Ok(())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    id: ServiceAccountId,
) -> Stored<Option<ServiceAccount>> {
    let row = service_accounts::table
        .filter(service_accounts::practice_id.eq(transaction.practice_id()))
        .filter(service_accounts::id.eq(id))
        .select(AccountRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    let found = with_keys(transaction, row.into_iter().collect()).await?;
    Ok(found.into_iter().next())
}

/// The accounts, the newest first.
pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    window: &Window<Uuid>,
) -> Stored<Vec<ServiceAccount>> {
    let mut query = service_accounts::table
        .filter(service_accounts::practice_id.eq(transaction.practice_id()))
        .order(service_accounts::id.desc())
        .limit(window.probe())
        .select(AccountRow::as_select())
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(service_accounts::id.lt(after));
    }
    let rows = query.load(&mut transaction.connection()).await?;
    with_keys(transaction, rows).await
}

async fn with_keys(
    transaction: &OpenTransaction<'_>,
    rows: Vec<AccountRow>,
) -> Stored<Vec<ServiceAccount>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let keys: Vec<KeyRow> = service_account_keys::table
        .filter(service_account_keys::service_account_id.eq_any(ids))
        .filter(service_account_keys::revoked_at.is_null())
        .order(service_account_keys::id)
        .select(KeyRow::as_select())
        .load(&mut transaction.connection())
        .await?;
    let mut by_account: HashMap<Uuid, Vec<Key>> = HashMap::new();
    for row in keys {
        let account = by_account.entry(row.service_account_id.uuid());
        account.or_default().push(row.into());
    }
    rows.into_iter()
        .map(|row| {
            let keys = by_account.remove(&row.id.uuid()).unwrap_or_default();
            row.account(keys)
        })
        .collect()
}

pub(super) async fn insert_key(
    transaction: &OpenTransaction<'_>,
    account_id: ServiceAccountId,
    key: &Key,
    hash: &[u8],
) -> Stored<()> {
    diesel::insert_into(service_account_keys::table)
        .values((
            service_account_keys::id.eq(key.id),
            service_account_keys::service_account_id.eq(account_id),
            service_account_keys::place.eq(number(key.place)),
            service_account_keys::prefix.eq(&key.prefix),
            service_account_keys::secret_hash.eq(hash),
            service_account_keys::created_by.eq(transaction.principal().user_id),
            service_account_keys::created_at.eq(key.created_at),
            service_account_keys::expires_at.eq(key.expires_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Takes a key back; says whether there was one.
pub(super) async fn revoke_key(
    transaction: &OpenTransaction<'_>,
    account_id: ServiceAccountId,
    key_id: ServiceKeyId,
) -> Stored<bool> {
    let revoked = diesel::update(service_account_keys::table)
        .filter(service_account_keys::service_account_id.eq(account_id))
        .filter(service_account_keys::id.eq(key_id))
        .filter(service_account_keys::revoked_at.is_null())
        .set(service_account_keys::revoked_at.eq(transaction.now()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(revoked == 1)
}

pub(super) async fn names(transaction: &OpenTransaction<'_>) -> Stored<HashMap<Uuid, String>> {
    let names: Vec<(Uuid, String)> = service_accounts::table
        .filter(service_accounts::practice_id.eq(transaction.practice_id()))
        .select((service_accounts::id, service_accounts::name))
        .load(&mut transaction.connection())
        .await?;
    Ok(names.into_iter().collect())
}
