//! Service accounts over HTTP.

use std::net::IpAddr;

use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::{DateTime, Utc};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::access::{Permit, ServiceScope};
use crate::platform::blank::trimmed;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, PathIds, Query};
use crate::platform::timestamp::Timestamp;

use super::account::{Details, Key, ServiceAccount, ServiceAccountId, ServiceKeyId};
use super::change::{
    AccountError, Changes, ManageServiceAccounts, ReadServiceAccounts, add, change, list, read,
};
use super::keys::{KeyError, hand_out, take_back};

/// Adds the operations on service accounts.
pub(in crate::identity) fn configure(services: &mut Operations<'_>) {
    services
        .service(add_service_account)
        .service(list_service_accounts)
        .service(get_service_account)
        .service(change_service_account)
        .service(hand_out_key)
        .service(take_key_back);
}

/// A program that is to work in the practice.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddServiceAccountBody {
    /// What it is for; no two of a practice have the same name.
    #[schema(min_length = 1, max_length = 100, example = "Telephone reminders")]
    name: String,
    /// What it may read or change.
    #[schema(min_items = 1, max_items = 9)]
    scopes: Vec<ServiceScope>,
    /// Where its requests must come from; from anywhere when it is left out.
    #[serde(default)]
    #[schema(required = false, max_items = 20, example = json!(["203.0.113.0/24"]))]
    networks: Vec<String>,
}

/// The changes; a field that is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeServiceAccountBody {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// What it may read or change, in place of what it may now.
    #[schema(min_items = 1, max_items = 9, nullable = false)]
    scopes: Option<Vec<ServiceScope>>,
    /// Where its requests must come from, in place of what holds now; from anywhere when it is empty.
    #[schema(max_items = 20, nullable = false)]
    networks: Option<Vec<String>>,
    /// Whether none of its keys is taken.
    #[schema(nullable = false)]
    disabled: Option<bool>,
}

/// A service account.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceAccount)]
struct ServiceAccountBody {
    id: ServiceAccountId,
    name: String,
    scopes: Vec<ServiceScope>,
    #[schema(example = json!(["203.0.113.0/24"]))]
    networks: Vec<String>,
    disabled: bool,
    /// Those that were not taken back, without their secrets.
    keys: Vec<ServiceKeyBody>,
    created_at: DateTime<Utc>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<ServiceAccount> for ServiceAccountBody {
    fn from(account: ServiceAccount) -> Self {
        let details = account.details;
        Self {
            id: account.id,
            name: details.name,
            scopes: details.scopes,
            networks: details.networks.iter().map(ToString::to_string).collect(),
            disabled: account.disabled_at.is_some(),
            keys: account.keys.into_iter().map(ServiceKeyBody::from).collect(),
            created_at: account.created_at,
            version: account.version,
            updated_at: account.updated_at,
        }
    }
}

/// A key of a service account, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceKey)]
struct ServiceKeyBody {
    id: ServiceKeyId,
    /// The beginning of the key, by which people tell it from others.
    #[schema(example = "tautband_4f1c02a9be37")]
    prefix: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    last_used_at: Option<DateTime<Utc>>,
}

impl From<Key> for ServiceKeyBody {
    fn from(key: Key) -> Self {
        Self {
            id: key.id,
            prefix: key.prefix,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// For how long a key is to be good.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HandOutKeyBody {
    /// Within 365 days; that long when it is left out.
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    expires_at: Option<Timestamp>,
}

/// A key that was just handed out.
#[derive(Serialize, ToSchema)]
struct NewServiceKeyBody {
    #[serde(flatten)]
    about: ServiceKeyBody,
    /// Goes into `Authorization: Bearer`; it is shown here and never again.
    key: String,
}

/// A name that is no blank, or nothing and an error.
fn named(name: &str, errors: &mut Vec<FieldError>) -> String {
    trimmed(name, "/name", errors)
}

fn networks_of(texts: &[String], errors: &mut Vec<FieldError>) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let network = text.parse::<IpNet>().map(|network| network.trunc());
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        match network.or_else(|_| address()) {
            Ok(network) => networks.push(network),
            Err(_) => errors.push(FieldError::new(
                format!("/networks/{index}"),
                "must be an address or a network such as 203.0.113.0/24 or 2001:db8::/48",
            )),
        }
    }
    networks
}

/// Each scope once, in one order.
fn once(scopes: &[ServiceScope]) -> Vec<ServiceScope> {
    let named = |scope: &&ServiceScope| scopes.contains(scope);
    ServiceScope::ALL.iter().filter(named).copied().collect()
}

fn whole<T>(value: T, errors: Vec<FieldError>) -> Result<T, Problem> {
    if errors.is_empty() {
        Ok(value)
    } else {
        Err(Problem::invalid(errors))
    }
}

impl AddServiceAccountBody {
    fn details(&self) -> Result<Details, Problem> {
        let mut errors = Vec::new();
        let details = Details {
            name: named(&self.name, &mut errors),
            scopes: once(&self.scopes),
            networks: networks_of(&self.networks, &mut errors),
        };
        whole(details, errors)
    }
}

impl ChangeServiceAccountBody {
    fn changes(&self) -> Result<Changes, Problem> {
        let mut errors = Vec::new();
        let changes = Changes {
            name: self.name.as_deref().map(|name| named(name, &mut errors)),
            scopes: self.scopes.as_deref().map(once),
            networks: self
                .networks
                .as_deref()
                .map(|texts| networks_of(texts, &mut errors)),
            disabled: self.disabled,
        };
        whole(changes, errors)
    }
}

/// Makes a service account for a program. It can do nothing until it has a key.
#[utoipa::path(
    operation_id = "addServiceAccount", tag = "service accounts", context_path = "/api/v1",
    request_body = AddServiceAccountBody,
    responses(
        (status = 201, description = "Made.", body = ServiceAccountBody),
        Refused<AccountError>
    )
)]
#[post("/service-accounts")]
async fn add_service_account(
    permit: Permit<ManageServiceAccounts>,
    body: Json<AddServiceAccountBody>,
) -> Result<Answer, Problem> {
    let details = body.details()?;
    permit
        .transaction(async |transaction| {
            let account = add(transaction, details.clone()).await?;
            let location = format!("/api/v1/service-accounts/{}", account.id);
            let version = account.version;
            let answer = Answer::created(&ServiceAccountBody::from(account), location)?;
            Ok(answer.version(version))
        })
        .await
}

/// Lists the service accounts of the practice, the newest first.
#[utoipa::path(
    operation_id = "listServiceAccounts", tag = "service accounts", context_path = "/api/v1",
    params(PageParameters),
    responses((status = 200, description = "Service accounts.", body = Page<ServiceAccountBody>))
)]
#[get("/service-accounts")]
async fn list_service_accounts(
    permit: Permit<ReadServiceAccounts>,
    query: Query<PageParameters>,
) -> Result<Answer, Problem> {
    let window = query.window::<Uuid>()?;
    permit
        .transaction(async |transaction| {
            let accounts = list(transaction, &window).await?;
            let key = |account: &ServiceAccount| account.id.uuid();
            Answer::ok(&Page::of(
                accounts,
                window.size,
                key,
                ServiceAccountBody::from,
            ))
        })
        .await
}

fn answer(account: ServiceAccount) -> Result<Answer, Problem> {
    let version = account.version;
    Ok(Answer::ok(&ServiceAccountBody::from(account))?.version(version))
}

/// Reads a service account.
#[utoipa::path(
    operation_id = "getServiceAccount", tag = "service accounts", context_path = "/api/v1",
    params(("service_account_id" = ServiceAccountId, Path, description = "The service account.")),
    responses((status = 200, description = "The service account.", body = ServiceAccountBody))
)]
#[get("/service-accounts/{service_account_id}")]
async fn get_service_account(
    permit: Permit<ReadServiceAccounts>,
    id: PathId<ServiceAccountId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, id.0).await?))
        .await
}

/// Changes what a service account may do and from where, or keeps it out. This holds for its very next request.
#[utoipa::path(
    operation_id = "changeServiceAccount", tag = "service accounts", context_path = "/api/v1",
    params(("service_account_id" = ServiceAccountId, Path, description = "The service account."), IfMatch),
    request_body = ChangeServiceAccountBody,
    responses(
        (status = 200, description = "As it is now.", body = ServiceAccountBody),
        Refused<AccountError>
    )
)]
#[patch("/service-accounts/{service_account_id}")]
async fn change_service_account(
    permit: Permit<ManageServiceAccounts>,
    id: PathId<ServiceAccountId>,
    if_match: IfMatch,
    body: Json<ChangeServiceAccountBody>,
) -> Result<Answer, Problem> {
    let body = body.into_inner();
    body.changes()?;
    permit
        .transaction(async |transaction| {
            let changes = body.changes()?;
            answer(change(transaction, id.0, &if_match, changes).await?)
        })
        .await
}

/// Hands out a key of a service account.
///
/// The key is shown in this answer and never again. It is stored as a hash alone, which is why this takes no
/// `Idempotency-Key`: take back a key whose answer was lost. An account has two keys at most, so that the second
/// can be put in place before the first is taken back.
#[utoipa::path(
    operation_id = "handOutServiceKey", tag = "service accounts", context_path = "/api/v1",
    params(("service_account_id" = ServiceAccountId, Path, description = "The service account.")),
    request_body = HandOutKeyBody,
    responses(
        (status = 201, description = "Handed out.", body = NewServiceKeyBody),
        Refused<KeyError>
    )
)]
#[post("/service-accounts/{service_account_id}/keys")]
async fn hand_out_key(
    permit: Permit<ManageServiceAccounts>,
    id: PathId<ServiceAccountId>,
    body: Json<HandOutKeyBody>,
) -> Result<Answer, Problem> {
    let expires_at = body.expires_at.map(|at| at.0);
    permit
        .transaction(async |transaction| {
            let (key, text) = hand_out(transaction, id.0, expires_at).await?;
            let body = NewServiceKeyBody {
                about: key.into(),
                key: text,
            };
            Answer::created(&body, format!("/api/v1/service-accounts/{}", id.0))
        })
        .await
}

/// Takes a key back at once.
#[utoipa::path(
    operation_id = "takeServiceKeyBack", tag = "service accounts", context_path = "/api/v1",
    params(
        ("service_account_id" = ServiceAccountId, Path, description = "The service account."),
        ("key_id" = ServiceKeyId, Path, description = "The key.")
    ),
    responses((status = 204, description = "Taken back."), Refused<KeyError>)
)]
#[delete("/service-accounts/{service_account_id}/keys/{key_id}")]
async fn take_key_back(
    permit: Permit<ManageServiceAccounts>,
    ids: PathIds<ServiceAccountId, ServiceKeyId>,
) -> Result<HttpResponse, Problem> {
    let PathIds(account_id, key_id) = ids;
    permit
        .transaction(async |transaction| Ok(take_back(transaction, account_id, key_id).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
