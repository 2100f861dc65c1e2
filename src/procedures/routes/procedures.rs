//! Procedures over HTTP.

use actix_web::{get, post, put};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::findings::{self, PointId, View};
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::text::text_enum;
use crate::platform::timestamp::Timestamp;
use crate::rule_sets::shown;
use crate::visits::VisitId;

use super::super::assess::{ReadSafety, ReadSafetyError, read_safety};
use super::super::begin::{PlanProcedure, PlanProcedureError, PlannedKind, plan_procedure};
use super::super::claim::{ReadCoding, ReadCodingError, read_coding};
use super::super::draw_up::{DrawUp, DrawUpError, Recipe, RecipeComponent, draw_up};
use super::super::inject::{Inject, InjectError, RecordedSite, Target, inject};
use super::super::override_check::{OverrideCheck, OverrideError, override_check};
use super::super::prepare::{
    ConsentRecord, PrepareError, RecordConsent, RecordTimeOut, StartProcedure, record_consent,
    record_time_out, start_procedure,
};
use super::super::procedure::{
    ConsentMethod, NeedleUse, Procedure, ProcedureId, SolutionId, TimeOutPoints,
};
use super::super::read::{ReadProcedure, ReadProcedureError, procedures_of_visit, read_procedure};
use super::super::report::SafetyReport;
use super::bodies::{InjectionBody, ProcedureBody, SolutionBody};
use super::claim_bodies::CodingBody;
use crate::stock::LotId;
use crate::stock::VialId;
use tautband_rules::checklist::SiteFinding;
use tautband_rules::dose::{Concentration, ConcentrationUnit};
use tautband_rules::kind::Approach;
use tautband_rules::kind::ProcedureKind;

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_procedures)
        .service(plan)
        .service(get_procedure)
        .service(put_consent)
        .service(put_time_out)
        .service(start)
        .service(add_solution)
        .service(add_injection)
        .service(get_safety)
        .service(override_one)
        .service(get_coding);
}

fn answer(procedure: &Procedure) -> Result<Answer, Problem> {
    Ok(Answer::ok(&ProcedureBody::from(procedure))?.version(procedure.version))
}

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListProcedures {
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    /// Where the page begins.
    #[param(nullable = false, inline)]
    cursor: Option<Cursor>,
}

/// Lists the procedures of a visit, in the order they were planned.
#[utoipa::path(
    operation_id = "listProcedures", tag = "procedures", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), ListProcedures),
    responses((status = 200, description = "The procedures.", body = Page<ProcedureBody>), Refused<ReadProcedureError>)
)]
#[get("/visits/{visit_id}/procedures")]
async fn list_procedures(
    permit: Permit<ReadProcedure>,
    id: PathId<VisitId>,
    query: Query<ListProcedures>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let procedures = procedures_of_visit(transaction, id.0, &window).await?;
            let key = |procedure: &Procedure| procedure.id.uuid();
            let body = |procedure| ProcedureBody::from(&procedure);
            Answer::ok(&Page::of(procedures, window.size, key, body))
        })
        .await
}

/// What is to be done, and for what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanProcedureBody {
    #[schema(value_type = shown::ProcedureKind)]
    kind: ProcedureKind,
    /// ICD-10-CM codes it is done for.
    #[schema(max_items = 12, example = json!(["G44.219"]))]
    indication_codes: Vec<IndicationCode>,
    /// The template it begins from.
    #[schema(pattern = "^[a-z0-9_]+$", min_length = 1, max_length = 60)]
    template_code: Option<String>,
}

/// An ICD-10-CM code.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$", example = "G44.219")]
struct IndicationCode(String);

/// Plans a procedure within an open visit.
#[utoipa::path(
    operation_id = "planProcedure", tag = "procedures", context_path = "/api/v1",
    request_body = PlanProcedureBody,
    params(("visit_id" = VisitId, Path, description = "The visit."), Once),
    responses((status = 201, description = "Planned.", body = ProcedureBody), Refused<PlanProcedureError>)
)]
#[post("/visits/{visit_id}/procedures")]
async fn plan(
    permit: Permit<PlanProcedure>,
    id: PathId<VisitId>,
    once: Once,
    body: Json<PlanProcedureBody>,
) -> Result<Answer, Problem> {
    let plan = PlannedKind {
        kind: body.kind,
        indication_codes: body
            .indication_codes
            .iter()
            .map(|code| code.0.clone())
            .collect(),
        template_code: body.template_code.clone(),
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let procedure = plan_procedure(transaction, id.0, &plan).await?;
            let location = format!("/api/v1/procedures/{}", procedure.id);
            let body = ProcedureBody::from(&procedure);
            Ok(Answer::created(&body, location)?.version(procedure.version))
        })
        .await
}

/// Reads a procedure with all that belongs to it.
///
/// Patients read theirs once the visit is signed.
#[utoipa::path(
    operation_id = "getProcedure", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure.")),
    responses((status = 200, description = "The procedure.", body = ProcedureBody), Refused<ReadProcedureError>)
)]
#[get("/procedures/{procedure_id}")]
async fn get_procedure(
    permit: Permit<ReadProcedure>,
    id: PathId<ProcedureId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(&read_procedure(transaction, id.0).await?))
        .await
}

/// Who agreed to what, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutConsentBody {
    /// The patient, or who acts for them.
    #[schema(min_length = 1, max_length = 200, example = "patient")]
    given_by: String,
    method: ConsentMethod,
    /// Which text was agreed to.
    #[schema(min_length = 1, max_length = 60, example = "2026-11.2")]
    text_version: String,
}

/// Records consent for a planned procedure.
#[utoipa::path(
    operation_id = "putProcedureConsent", tag = "procedures", context_path = "/api/v1",
    request_body = PutConsentBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<PrepareError>)
)]
#[put("/procedures/{procedure_id}/consent")]
async fn put_consent(
    permit: Permit<RecordConsent>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<PutConsentBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let consent = ConsentRecord {
                given_by: body.given_by.clone(),
                method: body.method,
                text_version: body.text_version.clone(),
            };
            answer(&record_consent(transaction, id.0, &if_match, consent).await?)
        })
        .await
}

/// Which points were confirmed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a checklist is a list of yes and no"
)]
struct PutTimeOutBody {
    patient_ok: bool,
    procedure_ok: bool,
    site_ok: bool,
    allergies_ok: bool,
    /// Needed, by this name or as `anticoag_ok`.
    anticoagulants_ok: Option<bool>,
    /// Short for `anticoagulants_ok`.
    anticoag_ok: Option<bool>,
}

impl PutTimeOutBody {
    fn points(&self) -> Result<TimeOutPoints, Problem> {
        let anticoagulants = self.anticoagulants_ok.or(self.anticoag_ok);
        Ok(TimeOutPoints {
            patient: self.patient_ok,
            procedure: self.procedure_ok,
            site: self.site_ok,
            allergies: self.allergies_ok,
            anticoagulants: anticoagulants
                .ok_or_else(|| Problem::field("/anticoagulants_ok", "is required"))?,
        })
    }
}

/// Records the time-out of a planned procedure. The gate opens when every point is confirmed.
#[utoipa::path(
    operation_id = "putProcedureTimeOut", tag = "procedures", context_path = "/api/v1",
    request_body = PutTimeOutBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<PrepareError>)
)]
#[put("/procedures/{procedure_id}/time-out")]
async fn put_time_out(
    permit: Permit<RecordTimeOut>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<PutTimeOutBody>,
) -> Result<Answer, Problem> {
    let points = body.points()?;
    permit
        .transaction(async |transaction| {
            answer(&record_time_out(transaction, id.0, &if_match, points).await?)
        })
        .await
}

/// Starts a procedure.
///
/// Answers 409 with `missing` while consent, a point of the time-out or the answer to an absolute
/// contraindication is missing.
#[utoipa::path(
    operation_id = "startProcedure", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<PrepareError>)
)]
#[post("/procedures/{procedure_id}/start")]
async fn start(
    permit: Permit<StartProcedure>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            answer(&start_procedure(transaction, id.0, &if_match).await?)
        })
        .await
}

/// What is to be mixed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddSolutionBody {
    /// As written on the syringe.
    #[schema(min_length = 1, max_length = 100, example = "Lidocaine 1 %")]
    label: String,
    /// When it is too old to inject.
    beyond_use_at: Option<Timestamp>,
    #[schema(min_items = 1, max_items = 10)]
    components: Vec<AddComponentBody>,
}

/// One drug or diluent, from one lot.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddSolutionComponentBody)]
struct AddComponentBody {
    #[schema(min_length = 1, max_length = 60, example = "lidocaine")]
    drug_code: String,
    /// Above zero with at most four decimals; may be left out for a plain diluent.
    #[schema(example = "1")]
    concentration: Option<ExactDecimal>,
    /// Goes with `concentration`. `ratio` is the N of 1:N.
    concentration_unit: Option<WrittenUnit>,
    /// Above zero, at most 100, with at most three decimals.
    #[schema(example = "3")]
    volume_ml: ExactDecimal,
    lot_id: LotId,
    /// The opened vial; a single-dose vial that is not named is opened for this procedure.
    vial_id: Option<VialId>,
}

text_enum! {
    /// How clients write the unit of a concentration; the printed forms mean the spelt-out ones.
    enum WrittenUnit {
        MilligramsPerMl = "mg_per_ml",
        MicrogramsPerMl = "mcg_per_ml",
        UnitsPerMl = "units_per_ml",
        Percent = "percent",
        Ratio = "ratio",
        PrintedMilligramsPerMl = "mg/mL",
        PrintedMicrogramsPerMl = "mcg/mL",
        PrintedUnitsPerMl = "U/mL",
        PrintedPercent = "%",
    }
}

impl From<WrittenUnit> for ConcentrationUnit {
    fn from(written: WrittenUnit) -> Self {
        match written {
            WrittenUnit::MilligramsPerMl | WrittenUnit::PrintedMilligramsPerMl => {
                Self::MilligramsPerMl
            }
            WrittenUnit::MicrogramsPerMl | WrittenUnit::PrintedMicrogramsPerMl => {
                Self::MicrogramsPerMl
            }
            WrittenUnit::UnitsPerMl | WrittenUnit::PrintedUnitsPerMl => Self::UnitsPerMl,
            WrittenUnit::Percent | WrittenUnit::PrintedPercent => Self::Percent,
            WrittenUnit::Ratio => Self::Ratio,
        }
    }
}

/// What the column of a concentration holds.
const LARGEST_CONCENTRATION: Decimal = Decimal::from_parts(99_999_999, 0, 0, false, 0);

impl AddComponentBody {
    fn concentration(&self) -> Result<Option<Concentration>, (&'static str, String)> {
        let (value, unit) = match (self.concentration, self.concentration_unit) {
            (None, None) => return Ok(None),
            (Some(value), Some(unit)) => (value.0.normalize(), unit),
            (None, Some(_)) => return Err(("concentration", "goes with its unit".to_owned())),
            (Some(_), None) => {
                return Err((
                    "concentration_unit",
                    "goes with the concentration".to_owned(),
                ));
            }
        };
        if value.scale() > 4 || value > LARGEST_CONCENTRATION {
            let detail = "must have at most 8 digits before and 4 after the point".to_owned();
            return Err(("concentration", detail));
        }
        Concentration::new(value, unit.into())
            .map(Some)
            .map_err(|refused| ("concentration", refused.to_string()))
    }

    fn component(&self, index: usize, errors: &mut Vec<FieldError>) -> RecipeComponent {
        let at = |field: &str| format!("/components/{index}/{field}");
        let concentration = self.concentration().unwrap_or_else(|(field, detail)| {
            errors.push(FieldError::new(at(field), detail));
            None
        });
        let volume_ml = self.volume_ml.0.normalize();
        if volume_ml <= Decimal::ZERO || volume_ml > Decimal::ONE_HUNDRED || volume_ml.scale() > 3 {
            let detail = "must be above 0, at most 100, with at most three decimals";
            errors.push(FieldError::new(at("volume_ml"), detail));
        }
        RecipeComponent {
            drug_code: self.drug_code.clone(),
            concentration,
            volume_ml,
            lot_id: self.lot_id,
            vial_id: self.vial_id,
        }
    }
}

impl AddSolutionBody {
    fn recipe(&self) -> Result<Recipe, Problem> {
        let mut errors = Vec::new();
        let components: Vec<RecipeComponent> = self
            .components
            .iter()
            .enumerate()
            .map(|(index, component)| component.component(index, &mut errors))
            .collect();
        let volume: Decimal = components.iter().map(|component| component.volume_ml).sum();
        if errors.is_empty() && volume > Decimal::ONE_HUNDRED {
            errors.push(FieldError::new("/components", "make more than 100 mL"));
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(Recipe {
            label: self.label.clone(),
            beyond_use_at: self.beyond_use_at.map(|instant| instant.0),
            components,
        })
    }
}

/// A solution just drawn up, and the version of its procedure now.
#[derive(Serialize, ToSchema)]
struct AddedSolutionBody {
    #[serde(flatten)]
    solution: SolutionBody,
    procedure_version: Version,
}

/// Draws up a solution for a procedure under way.
///
/// Answers 409 with the components whose lot is expired, quarantined, recalled, empty or holds too
/// little.
#[utoipa::path(
    operation_id = "addSolution", tag = "procedures", context_path = "/api/v1",
    request_body = AddSolutionBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), Once),
    responses((status = 201, description = "Drawn up.", body = AddedSolutionBody), Refused<DrawUpError>)
)]
#[post("/procedures/{procedure_id}/solutions")]
async fn add_solution(
    permit: Permit<DrawUp>,
    id: PathId<ProcedureId>,
    once: Once,
    body: Json<AddSolutionBody>,
) -> Result<Answer, Problem> {
    let recipe = body.recipe()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let (syringe, procedure) = draw_up(transaction, id.0, &recipe).await?;
            Answer::made(&AddedSolutionBody {
                solution: SolutionBody::new(&syringe, &procedure),
                procedure_version: procedure.version,
            })
        })
        .await
}

/// One needle site. It names a recorded point, or muscle, side, view and coordinates of its own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddInjectionBody {
    point_id: Option<PointId>,
    #[schema(min_length = 1, max_length = 64, example = "trapezius_upper")]
    muscle_code: Option<String>,
    side: Option<findings::Side>,
    view: Option<View>,
    /// Across the view from the viewer's left, 0 to 1.
    x: Option<ExactDecimal>,
    /// Down the view, 0 to 1.
    y: Option<ExactDecimal>,
    /// What is injected; left out for a dry needle.
    solution_id: Option<SolutionId>,
    /// 0 to 5 with at most three decimals; left out or 0 for a dry needle.
    #[schema(example = "0.5")]
    volume_ml: Option<ExactDecimal>,
    #[schema(minimum = 18, maximum = 34, example = 25)]
    needle_gauge: i16,
    #[schema(minimum = 4, maximum = 100, example = 38)]
    needle_length_mm: i16,
    #[schema(value_type = shown::Approach)]
    approach: Approach,
    #[schema(minimum = 0, maximum = 20)]
    passes: Option<i16>,
    aspirated: bool,
    twitch_elicited: bool,
    #[schema(minimum = 0, maximum = 10)]
    pain_nrs_before: Option<i16>,
    #[schema(minimum = 0, maximum = 10)]
    pain_nrs_after: Option<i16>,
    /// Depth and direction were confirmed over lung, dura or vertebral artery.
    caution_acknowledged: Option<bool>,
    /// What was seen there that speaks against a needle.
    #[schema(max_items = 5)]
    #[schema(value_type = Option<Vec<shown::SiteFinding>>)]
    site_findings: Option<Vec<SiteFinding>>,
}

impl AddInjectionBody {
    fn site(&self) -> Result<RecordedSite, Problem> {
        let target = self.target();
        let volume_ml = self
            .volume_ml
            .map_or(Decimal::ZERO, |volume| volume.0.normalize());
        let in_range = (Decimal::ZERO..=Decimal::from(5)).contains(&volume_ml);
        let mut errors = Vec::new();
        if !in_range || volume_ml.scale() > 3 {
            let detail = "must be 0 to 5 with at most three decimals";
            errors.push(FieldError::new("/volume_ml", detail));
        }
        match target {
            Ok(target) if errors.is_empty() => Ok(RecordedSite {
                target,
                solution_id: self.solution_id,
                volume_ml,
                needle: self.needle(),
                is_caution_acknowledged: self.caution_acknowledged.unwrap_or(false),
                findings: self.site_findings.clone().unwrap_or_default(),
            }),
            target => {
                errors.extend(target.err().into_iter().flatten());
                Err(Problem::invalid(errors))
            }
        }
    }

    const fn needle(&self) -> NeedleUse {
        NeedleUse {
            gauge: self.needle_gauge,
            length_mm: self.needle_length_mm,
            approach: self.approach,
            passes: self.passes,
            aspirated: self.aspirated,
            twitch_elicited: self.twitch_elicited,
            pain_nrs_before: self.pain_nrs_before,
            pain_nrs_after: self.pain_nrs_after,
        }
    }

    fn target(&self) -> Result<Target, Vec<FieldError>> {
        let place = [
            ("/muscle_code", self.muscle_code.is_some()),
            ("/side", self.side.is_some()),
            ("/view", self.view.is_some()),
            ("/x", self.x.is_some()),
            ("/y", self.y.is_some()),
        ];
        if let Some(point_id) = self.point_id {
            let beside = place.iter().filter(|(_, is_given)| *is_given);
            let errors: Vec<FieldError> = beside
                .map(|(field, _)| FieldError::new(*field, "does not go with point_id"))
                .collect();
            return if errors.is_empty() {
                Ok(Target::Point(point_id))
            } else {
                Err(errors)
            };
        }
        match (&self.muscle_code, self.side, self.view, self.x, self.y) {
            (Some(muscle_code), Some(side), Some(view), Some(x), Some(y)) => Ok(Target::Place {
                muscle_code: muscle_code.clone(),
                side,
                view,
                x: x.0,
                y: y.0,
            }),
            _ => Err(place
                .iter()
                .filter(|(_, is_given)| !is_given)
                .map(|(field, _)| FieldError::new(*field, "is required without point_id"))
                .collect()),
        }
    }
}

/// A site just recorded, and the version of its procedure now.
#[derive(Serialize, ToSchema)]
struct AddedInjectionBody {
    #[serde(flatten)]
    injection: InjectionBody,
    procedure_version: Version,
}

/// Records a needle site of a procedure under way.
#[utoipa::path(
    operation_id = "addInjection", tag = "procedures", context_path = "/api/v1",
    request_body = AddInjectionBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), Once),
    responses((status = 201, description = "Recorded.", body = AddedInjectionBody), Refused<InjectError>)
)]
#[post("/procedures/{procedure_id}/injections")]
async fn add_injection(
    permit: Permit<Inject>,
    id: PathId<ProcedureId>,
    once: Once,
    body: Json<AddInjectionBody>,
) -> Result<Answer, Problem> {
    let site = body.site()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let (injection, procedure) = inject(transaction, id.0, &site).await?;
            Answer::made(&AddedInjectionBody {
                injection: InjectionBody::new(&injection, procedure.id),
                procedure_version: procedure.version,
            })
        })
        .await
}

/// Asks the safety rules about a procedure as it is recorded now.
#[utoipa::path(
    operation_id = "getProcedureSafety", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure.")),
    responses((status = 200, description = "What to check.", body = SafetyReport), Refused<ReadSafetyError>)
)]
#[get("/procedures/{procedure_id}/safety")]
async fn get_safety(
    permit: Permit<ReadSafety>,
    id: PathId<ProcedureId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| Answer::ok(&read_safety(transaction, id.0).await?))
        .await
}

/// Which check, and why to go on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OverrideCheckBody {
    #[schema(min_length = 1, max_length = 100, example = "local_anaesthetic_dose")]
    check_code: String,
    #[schema(
        min_length = 1,
        max_length = 1000,
        example = "Divided over an hour, monitored"
    )]
    reason: String,
}

/// Goes on in spite of a check that stops, or having read one that must be acknowledged, as it
/// stands now. Providers only.
#[utoipa::path(
    operation_id = "overrideCheck", tag = "procedures", context_path = "/api/v1",
    request_body = OverrideCheckBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), IfMatch),
    responses((status = 200, description = "As it is now.", body = ProcedureBody), Refused<OverrideError>)
)]
#[post("/procedures/{procedure_id}/override")]
async fn override_one(
    permit: Permit<OverrideCheck>,
    id: PathId<ProcedureId>,
    if_match: IfMatch,
    body: Json<OverrideCheckBody>,
) -> Result<Answer, Problem> {
    if body.reason.trim().is_empty() {
        return Err(Problem::field("/reason", "must not be blank"));
    }
    permit
        .transaction(async |transaction| {
            let decision = (body.check_code.as_str(), body.reason.as_str());
            answer(&override_check(transaction, id.0, &if_match, decision).await?)
        })
        .await
}

/// Whose rules to ask.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReadCodingQuery {
    /// The payer; the Medicare rules of 2024 unless another is named.
    #[param(
        nullable = false,
        min_length = 1,
        max_length = 60,
        example = "lcd_2024"
    )]
    payer: Option<String>,
}

/// Reads the codes of a procedure, and what a payer would ask.
#[utoipa::path(
    operation_id = "getProcedureCoding", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), ReadCodingQuery),
    responses((status = 200, description = "The codes.", body = CodingBody), Refused<ReadCodingError>)
)]
#[get("/procedures/{procedure_id}/coding")]
async fn get_coding(
    permit: Permit<ReadCoding>,
    id: PathId<ProcedureId>,
    query: Query<ReadCodingQuery>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let claim = read_coding(transaction, id.0, query.payer.as_deref()).await?;
            Answer::ok(&CodingBody::from(claim))
        })
        .await
}
