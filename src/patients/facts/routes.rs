//! Facts about a patient over HTTP.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::patients::patient::PatientId;
use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::page::Page;
use crate::platform::problem::Problem;
use crate::platform::query::{Paged, PathIds};
use crate::platform::timestamp::Timestamp;

use super::change::FactOf;
use super::fact::{Changeable, Fact};

/// Which part of a list of facts is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::patients) struct ListFacts {
    /// Only what changed at this instant or later.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
}

impl ListFacts {
    fn updated_since(&self) -> Option<DateTime<Utc>> {
        self.updated_since.map(|instant| instant.0)
    }
}

/// Answers a page of the facts about a patient.
pub(in crate::patients) async fn list<F: Fact>(
    permit: Permit<F::Read>,
    patient_id: PatientId,
    query: Paged<ListFacts>,
) -> Result<Answer, Problem> {
    let window = query.window()?;
    permit
        .transaction(async |transaction| {
            let since = query.updated_since();
            let found = super::read::list::<F>(transaction, patient_id, since, &window).await?;
            let key = |fact: &F| fact.id().into();
            Answer::ok(&Page::of::<F, uuid::Uuid>(
                found,
                window.size,
                key,
                |fact| fact,
            ))
        })
        .await
}

/// Answers a fact as it was recorded.
pub(in crate::patients) async fn record<F: Fact>(
    permit: Permit<F::Record>,
    patient_id: PatientId,
    once: Once,
    content: Json<F::Recorded>,
) -> Result<Answer, Problem> {
    permit
        .once(&once, content.fingerprint(), async |transaction| {
            let recorded = super::record::record::<F>(transaction, patient_id, &content).await?;
            let (collection, id) = (F::COLLECTION, recorded.id());
            let location = format!("/api/v1/patients/{patient_id}/{collection}/{id}");
            Ok(with_version(
                Answer::created(&recorded, location)?,
                &recorded,
            ))
        })
        .await
}

/// Answers a fact.
pub(in crate::patients) async fn get<F: Fact>(
    permit: Permit<F::Read>,
    PathIds(patient_id, id): PathIds<PatientId, F::Id>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let fact = super::read::read::<F>(transaction, patient_id, id).await?;
            Ok(with_version(Answer::ok(&fact)?, &fact))
        })
        .await
}

/// Answers a fact as it was changed.
pub(in crate::patients) async fn change<F: Changeable>(
    permit: Permit<F::Change>,
    PathIds(patient_id, id): PathIds<PatientId, F::Id>,
    if_match: IfMatch,
    content: Json<F::Changed>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let which = FactOf { patient_id, id };
            let fact = super::change::change::<F>(transaction, which, &if_match, &content).await?;
            Ok(with_version(Answer::ok(&fact)?, &fact))
        })
        .await
}

fn with_version(answer: Answer, fact: &impl Fact) -> Answer {
    match fact.version() {
        Some(version) => answer.version(version),
        None => answer,
    }
}

/// Writes the operations that list, record and read a [`Fact`].
macro_rules! operations_of_fact {
    (
        $fact:ident, $id:ident, $recorded:ident, $all:tt, $one:tt, $id_name:tt;
        #[doc = $list_text:literal] $list:ident $list_name:tt $listed:tt,
        #[doc = $record_text:literal] $record:ident $record_name:tt,
        #[doc = $get_text:literal] $get:ident $get_name:tt $got:tt $(,)?
    ) => {
        #[doc = $list_text]
        #[utoipa::path(
                    operation_id = $list_name, tag = "patients", context_path = "/api/v1",
                    params(
                        ("patient_id" = PatientId, Path, description = "The patient."),
                        $crate::patients::facts::ListFacts,
                        $crate::platform::page::PageParameters
                    ),
                    responses((status = 200, description = $listed, body = Page<$fact>))
                )]
        #[get($all)]
        async fn $list(
            permit: Permit<Read>,
            patient_id: PathId<PatientId>,
            query: Paged<$crate::patients::facts::ListFacts>,
        ) -> Result<Answer, Problem> {
            $crate::patients::facts::list::<$fact>(permit, patient_id.0, query).await
        }

        #[doc = $record_text]
        #[utoipa::path(
                    operation_id = $record_name, tag = "patients", context_path = "/api/v1",
                    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
                    request_body = $recorded,
                    responses(
                        (status = 201, description = "Recorded.", body = $fact),
                        Refused<FactError>
                    )
                )]
        #[post($all)]
        async fn $record(
            permit: Permit<Record>,
            patient_id: PathId<PatientId>,
            once: Once,
            content: Json<$recorded>,
        ) -> Result<Answer, Problem> {
            $crate::patients::facts::record::<$fact>(permit, patient_id.0, once, content).await
        }

        #[doc = $get_text]
        #[utoipa::path(
                    operation_id = $get_name, tag = "patients", context_path = "/api/v1",
                    params(
                        ("patient_id" = PatientId, Path, description = "The patient."),
                        ($id_name = $id, Path, description = "Which one.")
                    ),
                    responses((status = 200, description = $got, body = $fact))
                )]
        #[get($one)]
        async fn $get(
            permit: Permit<Read>,
            ids: PathIds<PatientId, $id>,
        ) -> Result<Answer, Problem> {
            $crate::patients::facts::get::<$fact>(permit, ids).await
        }
    };
}
pub(in crate::patients) use operations_of_fact;

/// Writes the operation that changes a [`Changeable`] fact.
macro_rules! change_of_fact {
    (
        $fact:ident, $id:ident, $changed:ident, $one:tt, $id_name:tt;
        #[doc = $text:literal] $change:ident $name:tt $(,)?
    ) => {
        #[doc = $text]
        #[utoipa::path(
                            operation_id = $name, tag = "patients", context_path = "/api/v1",
                            params(
                                ("patient_id" = PatientId, Path, description = "The patient."),
                                ($id_name = $id, Path, description = "Which one."),
                                IfMatch
                            ),
                            request_body = $changed,
                            responses(
                                (status = 200, description = "As it is now.", body = $fact),
                                Refused<FactError>
                            )
                        )]
        #[patch($one)]
        async fn $change(
            permit: Permit<Change>,
            ids: PathIds<PatientId, $id>,
            if_match: IfMatch,
            content: Json<$changed>,
        ) -> Result<Answer, Problem> {
            $crate::patients::facts::change::<$fact>(permit, ids, if_match, content).await
        }
    };
}
pub(in crate::patients) use change_of_fact;
