//! Who received a lot, over HTTP.

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::Answer;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::rule_sets::shown;
use crate::stock::{FindLotError, LotId, ProcedureId};
use crate::visits::VisitId;

use super::super::exposure::{ExposedSite, Exposure};
use super::super::exposures::{ReadExposures, read_exposures};
use super::super::injection::InjectionId;
use super::super::procedure_status::ProcedureStatus;
use super::super::syringe::SolutionId;
use tautband_rules::kind::Side;

pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(list_exposures);
}

/// A patient whose syringe was drawn from the lot.
#[derive(Serialize, ToSchema)]
#[schema(as = LotExposure)]
struct ExposureBody {
    patient: ExposedPatientBody,
    visit_id: VisitId,
    procedure_id: ProcedureId,
    procedure_status: ProcedureStatus,
    solution_id: SolutionId,
    /// How much of the lot is in the solution.
    drawn_ml: ExactDecimal,
    drawn_at: DateTime<Utc>,
    /// Whether the visit was taken back as entered in error. Find out who really received it.
    retracted: bool,
    /// Where the solution went.
    sites: Vec<ExposedSiteBody>,
}

/// The patient to call.
#[derive(Serialize, ToSchema)]
#[schema(as = LotExposurePatient)]
struct ExposedPatientBody {
    id: PatientId,
    /// Null for an auditor.
    name: Option<String>,
}

/// A site that received the solution.
#[derive(Serialize, ToSchema)]
#[schema(as = LotExposureSite)]
struct ExposedSiteBody {
    injection_id: InjectionId,
    muscle_code: String,
    #[schema(value_type = shown::Side)]
    side: Side,
    /// Of the whole solution.
    volume_ml: ExactDecimal,
    injected_at: DateTime<Utc>,
}

impl From<ExposedSite> for ExposedSiteBody {
    fn from(site: ExposedSite) -> Self {
        Self {
            injection_id: site.injection_id,
            muscle_code: site.muscle_code,
            side: site.side,
            volume_ml: site.volume_ml.into(),
            injected_at: site.injected_at,
        }
    }
}

impl From<Exposure> for ExposureBody {
    fn from(exposure: Exposure) -> Self {
        Self {
            patient: ExposedPatientBody {
                id: exposure.patient_id,
                name: exposure.patient_name,
            },
            visit_id: exposure.visit_id,
            procedure_id: exposure.procedure_id,
            procedure_status: exposure.procedure_status,
            solution_id: exposure.solution_id,
            drawn_ml: exposure.drawn_ml.into(),
            drawn_at: exposure.drawn_at,
            retracted: exposure.is_retracted,
            sites: exposure
                .sites
                .into_iter()
                .map(ExposedSiteBody::from)
                .collect(),
        }
    }
}

/// Lists every patient whose syringe was drawn from a lot, with the sites, for a recall.
#[utoipa::path(
    operation_id = "listLotExposures", tag = "lots", context_path = "/api/v1",
    params(("lot_id" = LotId, Path, description = "The lot."), PageParameters),
    responses((status = 200, description = "Who was exposed.", body = Page<ExposureBody>), Refused<FindLotError>)
)]
#[get("/lots/{lot_id}/exposures")]
async fn list_exposures(
    permit: Permit<ReadExposures>,
    id: PathId<LotId>,
    query: Query<PageParameters>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = query.window()?;
    permit
        .transaction(async |transaction| {
            let exposures = read_exposures(transaction, id.0, &window).await?;
            let key = |exposure: &Exposure| exposure.id;
            Answer::ok(&Page::of(exposures, window.size, key, ExposureBody::from))
        })
        .await
}
