//! Drawing up and injecting over HTTP.

use actix_web::post;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::findings::{self, PointId, View};
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::PathId;
use crate::platform::text::text_enum;
use crate::platform::timestamp::Timestamp;
use crate::rule_sets::shown;
use crate::stock::{LotId, VialId};

use super::super::draw_up::{DrawUp, DrawUpError, Recipe, RecipeComponent, draw_up};
use super::super::inject::{Inject, InjectError, RecordedSite, Target, inject};
use super::super::inject_batch::{BatchError, inject_batch};
use super::super::injection::NeedleUse;
use super::super::procedure::ProcedureId;
use super::super::syringe::SolutionId;
use super::needle_bodies::{InjectionBody, SolutionBody};
use tautband_rules::checklist::SiteFinding;
use tautband_rules::dose::{Concentration, ConcentrationUnit};
use tautband_rules::kind::Approach;

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(add_solution)
        .service(add_injection)
        .service(add_injections);
}

/// What is to be mixed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddSolutionBody {
    /// As written on the syringe.
    #[schema(min_length = 1, max_length = 100, example = "Lidocaine 1 %")]
    label: String,
    /// When it was drawn up, if it is entered later than that.
    prepared_at: Option<Timestamp>,
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
            prepared_at: self.prepared_at.map(|instant| instant.0),
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
    /// When the needle went in, if it is entered later than that.
    injected_at: Option<Timestamp>,
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
                injected_at: self.injected_at.map(|instant| instant.0),
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

/// The sites to be recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddInjectionsBody {
    #[schema(min_items = 1, max_items = 60)]
    injections: Vec<AddInjectionBody>,
}

/// The sites just recorded, and the version of their procedure now.
#[derive(Serialize, ToSchema)]
struct AddedInjectionsBody {
    injections: Vec<InjectionBody>,
    procedure_version: Version,
}

/// Records many needle sites of a procedure under way: all of them, or none. A faulty line is named by
/// its place, such as `/injections/3/volume_ml`.
#[utoipa::path(
    operation_id = "addInjections", tag = "procedures", context_path = "/api/v1",
    request_body = AddInjectionsBody,
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), Once),
    responses((status = 201, description = "Recorded.", body = AddedInjectionsBody), Refused<BatchError>)
)]
#[post("/procedures/{procedure_id}/injections/batch")]
async fn add_injections(
    permit: Permit<Inject>,
    id: PathId<ProcedureId>,
    once: Once,
    body: Json<AddInjectionsBody>,
) -> Result<Answer, Problem> {
    let mut sites = Vec::new();
    let mut faulty = Vec::new();
    for (index, line) in body.injections.iter().enumerate() {
        match line.site() {
            Ok(site) => sites.push(site),
            Err(problem) => faulty.push(problem.at_line(&format!("/injections/{index}"))),
        }
    }
    if !faulty.is_empty() {
        return Err(Problem::of_lines(faulty));
    }
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let (injections, procedure) = inject_batch(transaction, id.0, &sites).await?;
            let body = |injection| InjectionBody::new(injection, procedure.id);
            Answer::made(&AddedInjectionsBody {
                injections: injections.iter().map(body).collect(),
                procedure_version: procedure.version,
            })
        })
        .await
}
