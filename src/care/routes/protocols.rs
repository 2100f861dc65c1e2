//! Follow-up protocols over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::care::change_protocol::{
    ChangeProtocol, NewProtocol, ProtocolError, ReadProtocols, change_protocol, read_protocol,
    read_protocols,
};
use crate::care::follow_up::ProtocolId;
use crate::care::protocol::{Protocol, ProtocolStep};
use crate::platform::access::Permit;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::Page;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::procedures::ProcedureKind;
use crate::rule_sets::shown;

/// Adds the operations on follow-up protocols.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_protocols)
        .service(get_protocol)
        .service(write_protocol);
}

/// One version of a protocol.
#[derive(Serialize, ToSchema)]
struct FollowUpProtocolBody {
    /// Null for the protocol that a practice starts with.
    id: Option<ProtocolId>,
    #[schema(value_type = shown::ProcedureKind)]
    procedure_kind: ProcedureKind,
    name: String,
    steps: Vec<ProtocolStep>,
    /// Null for the protocol that a practice starts with.
    created_at: Option<DateTime<Utc>>,
}

impl From<Protocol> for FollowUpProtocolBody {
    fn from(protocol: Protocol) -> Self {
        Self {
            id: protocol.id,
            procedure_kind: protocol.procedure_kind,
            name: protocol.name,
            steps: protocol.steps,
            created_at: protocol.created_at,
        }
    }
}

/// A protocol as it is to be from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WriteProtocolBody {
    #[schema(value_type = shown::ProcedureKind)]
    procedure_kind: ProcedureKind,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(max_items = 20)]
    steps: Vec<ProtocolStep>,
}

/// The protocols in force, one for each kind of procedure.
#[utoipa::path(
    operation_id = "listFollowUpProtocols", tag = "care", context_path = "/api/v1",
    responses((status = 200, description = "The protocols.", body = Page<FollowUpProtocolBody>))
)]
#[get("/follow-up-protocols")]
async fn list_protocols(permit: Permit<ReadProtocols>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let protocols = read_protocols(transaction).await?;
            let items = protocols
                .into_iter()
                .map(FollowUpProtocolBody::from)
                .collect();
            Answer::ok(&Page {
                items,
                next_cursor: None,
            })
        })
        .await
}

/// Reads one version of a protocol, in force or not.
#[utoipa::path(
    operation_id = "getFollowUpProtocol", tag = "care", context_path = "/api/v1",
    params(("follow_up_protocol_id" = ProtocolId, Path, description = "The version.")),
    responses((status = 200, description = "The protocol.", body = FollowUpProtocolBody), Refused<ProtocolError>)
)]
#[get("/follow-up-protocols/{follow_up_protocol_id}")]
async fn get_protocol(
    permit: Permit<ReadProtocols>,
    id: PathId<ProtocolId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let protocol = read_protocol(transaction, id.0).await?;
            Answer::ok(&FollowUpProtocolBody::from(protocol))
        })
        .await
}

/// Puts a new version in force.
///
/// Procedures that are completed from now on get its follow-ups. Follow-ups of older versions stay.
#[utoipa::path(
    operation_id = "writeFollowUpProtocol", tag = "care", context_path = "/api/v1",
    params(Once),
    request_body = WriteProtocolBody,
    responses((status = 201, description = "In force.", body = FollowUpProtocolBody), Refused<ProtocolError>)
)]
#[post("/follow-up-protocols")]
async fn write_protocol(
    permit: Permit<ChangeProtocol>,
    once: Once,
    body: Json<WriteProtocolBody>,
) -> Result<Answer, Problem> {
    let fingerprint = body.fingerprint();
    let body = body.into_inner();
    let command = NewProtocol {
        procedure_kind: body.procedure_kind,
        name: body.name,
        steps: body.steps,
    };
    permit
        .once(&once, fingerprint, async |transaction| {
            let protocol = change_protocol(transaction, &command).await?;
            let id = protocol.id.map(|id| id.to_string()).unwrap_or_default();
            let location = format!("/api/v1/follow-up-protocols/{id}");
            Answer::created(&FollowUpProtocolBody::from(protocol), location)
        })
        .await
}
