//! Providers over HTTP.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::blank::trimmed;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{Paged, PathId};
use crate::practice::listing::ListByName;

use super::{
    Add, Change, Provider, ProviderChanges, ProviderDetails, ProviderError, ProviderId, Read, add,
    change, is_npi, list, read,
};

/// Adds the operations on providers.
pub(in crate::practice) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_providers)
        .service(add_provider)
        .service(get_provider)
        .service(change_provider);
}

/// A provider to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddProviderBody {
    /// The user who signs in as this provider: one of the practice in the role provider.
    user_id: Option<Uuid>,
    #[schema(min_length = 1, max_length = 200, example = "Dr. Imani Okafor")]
    name: String,
    #[schema(min_length = 1, max_length = 100, example = "MD")]
    credentials: Option<String>,
    /// National Provider Identifier of the United States.
    #[schema(pattern = "^[0-9]{10}$", example = "1234567893")]
    npi: Option<String>,
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeProviderBody {
    /// The user who signs in as this provider: one of the practice in the role provider.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<Uuid>)]
    user_id: Option<Option<Uuid>>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    name: Option<String>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    credentials: Option<Option<String>>,
    /// National Provider Identifier of the United States.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{10}$", example = "1234567893")]
    npi: Option<Option<String>>,
    /// False when they leave: nothing new is booked with them.
    #[schema(nullable = false)]
    active: Option<bool>,
}

/// A provider.
#[derive(Serialize, ToSchema)]
struct ProviderBody {
    id: ProviderId,
    user_id: Option<Uuid>,
    name: String,
    credentials: Option<String>,
    npi: Option<String>,
    /// Whether anything new is booked with them.
    active: bool,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// A provider who was changed.
#[derive(Serialize, ToSchema)]
struct ChangedProviderBody {
    #[serde(flatten)]
    provider: ProviderBody,
    /// When they leave: what is booked with them and still to come; it stays booked.
    appointments_outside: Vec<Uuid>,
}

impl From<Provider> for ProviderBody {
    fn from(provider: Provider) -> Self {
        let details = provider.details;
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

impl AddProviderBody {
    fn details(&self) -> Result<ProviderDetails, Problem> {
        let mut errors = Vec::new();
        let name = trimmed(&self.name, "/name", &mut errors);
        check_npi(self.npi.as_deref(), &mut errors);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(ProviderDetails {
            user_id: self.user_id,
            name,
            credentials: self.credentials.clone(),
            npi: self.npi.clone(),
            active: true,
        })
    }
}

impl ChangeProviderBody {
    fn changes(&self) -> Result<ProviderChanges, Problem> {
        let mut errors = Vec::new();
        let name = self
            .name
            .as_deref()
            .map(|text| trimmed(text, "/name", &mut errors));
        check_npi(self.npi.as_ref().and_then(Option::as_deref), &mut errors);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(ProviderChanges {
            user_id: self.user_id,
            name,
            credentials: self.credentials.clone(),
            npi: self.npi.clone(),
            active: self.active,
        })
    }
}

fn answer(provider: Provider) -> Result<Answer, Problem> {
    let version = provider.version;
    Ok(Answer::ok(&ProviderBody::from(provider))?.version(version))
}

fn check_npi(npi: Option<&str>, errors: &mut Vec<FieldError>) {
    if npi.is_some_and(|npi| !is_npi(npi)) {
        errors.push(FieldError::new(
            "/npi",
            "is no National Provider Identifier: its last digit does not fit",
        ));
    }
}

/// Lists the providers, by name.
#[utoipa::path(
    operation_id = "listProviders", tag = "practice", context_path = "/api/v1",
    params(ListByName, PageParameters),
    responses((status = 200, description = "The providers.", body = Page<ProviderBody>))
)]
#[get("/providers")]
async fn list_providers(permit: Permit<Read>, query: Paged<ListByName>) -> Result<Answer, Problem> {
    let window = query.window()?;
    permit
        .transaction(async |transaction| {
            let found = list(transaction, query.updated_since(), &window).await?;
            let key = |provider: &Provider| (provider.details.name.clone(), provider.id.uuid());
            Answer::ok(&Page::of(found, window.size, key, ProviderBody::from))
        })
        .await
}

/// Adds a provider.
#[utoipa::path(
    operation_id = "addProvider", tag = "practice", context_path = "/api/v1",
    request_body = AddProviderBody,
    params(Once),
    responses((status = 201, description = "Added.", body = ProviderBody), Refused<ProviderError>)
)]
#[post("/providers")]
async fn add_provider(
    permit: Permit<Add>,
    once: Once,
    body: Json<AddProviderBody>,
) -> Result<Answer, Problem> {
    let details = body.details()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let added = add(transaction, &details).await?;
            let (version, location) = (added.version, format!("/api/v1/providers/{}", added.id));
            Ok(Answer::created(&ProviderBody::from(added), location)?.version(version))
        })
        .await
}

/// Reads a provider.
#[utoipa::path(
    operation_id = "getProvider", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider.")),
    responses((status = 200, description = "The provider.", body = ProviderBody))
)]
#[get("/providers/{provider_id}")]
async fn get_provider(permit: Permit<Read>, id: PathId<ProviderId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, id.0).await?))
        .await
}

/// Changes a provider.
#[utoipa::path(
    operation_id = "changeProvider", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), IfMatch),
    request_body = ChangeProviderBody,
    responses(
        (status = 200, description = "As it is now.", body = ChangedProviderBody),
        Refused<ProviderError>
    )
)]
#[patch("/providers/{provider_id}")]
async fn change_provider(
    permit: Permit<Change>,
    id: PathId<ProviderId>,
    if_match: IfMatch,
    body: Json<ChangeProviderBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes()?;
    permit
        .transaction(async |transaction| {
            let changed = change(transaction, id.0, &if_match, &changes).await?;
            let version = changed.provider.version;
            let body = ChangedProviderBody {
                provider: changed.provider.into(),
                appointments_outside: changed.appointments_outside,
            };
            Ok(Answer::ok(&body)?.version(version))
        })
        .await
}
