//! The muscle catalogue and the views of the body chart over HTTP.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::findings::add_muscle::{AddMuscle, AddMuscleError, NewMuscle, add_muscle};
use crate::findings::anatomy::Region;
use crate::findings::catalogue::{ReadCatalogue, list_muscles};
use crate::findings::chart::{CHART_ID, CHART_VERSION, ChartPoint, View};
use crate::findings::muscle::{Muscle, MuscleKind};
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::Query;

/// Adds the operations on the catalogue.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_muscles_by_code)
        .service(add_own_muscle)
        .service(list_views);
}

/// A place on one view of the body chart.
#[derive(Serialize, ToSchema)]
struct ChartPointBody {
    view: View,
    /// Across from the viewer's left, 0 to 1.
    x: ExactDecimal,
    /// Down from the top, 0 to 1.
    y: ExactDecimal,
}

impl From<ChartPoint> for ChartPointBody {
    fn from(point: ChartPoint) -> Self {
        Self {
            view: point.view(),
            x: ExactDecimal(point.x()),
            y: ExactDecimal(point.y()),
        }
    }
}

/// The codes of a muscle in other terminologies; null where there is no code.
#[derive(Serialize, ToSchema)]
struct ExternalCodes {
    fma: Option<String>,
    uberon: Option<String>,
    ta98: Option<String>,
    /// Null until the practice loads a mapping, which needs a licence.
    snomed_ct: Option<String>,
    /// The codes among these that name a broader structure.
    broader: Vec<String>,
}

/// A muscle, a part of one or a group of them.
#[derive(Serialize, ToSchema)]
struct MuscleBody {
    code: String,
    parent_code: Option<String>,
    kind: MuscleKind,
    name: String,
    latin: String,
    region: Region,
    /// Whether there is a left and a right one.
    paired: bool,
    nerve: String,
    /// The referred pain that is often described; a hint only.
    referral: String,
    /// The usual needle; a hint only.
    needle: String,
    /// Structures at risk.
    cautions: Vec<String>,
    external_codes: ExternalCodes,
    /// Where to place the cursor first; for a paired muscle, on the left.
    chart_points: Vec<ChartPointBody>,
    catalogue_version: String,
}

impl From<Muscle> for MuscleBody {
    fn from(muscle: Muscle) -> Self {
        let home = muscle.anatomy.home;
        Self {
            code: muscle.code,
            parent_code: muscle.parent_code,
            kind: muscle.kind,
            name: muscle.name,
            latin: muscle.latin,
            region: home.region,
            paired: muscle.anatomy.is_paired,
            nerve: muscle.nerve,
            referral: muscle.referral,
            needle: muscle.needle,
            cautions: muscle.cautions,
            external_codes: ExternalCodes {
                fma: muscle.identifiers.fma,
                uberon: muscle.identifiers.uberon,
                ta98: muscle.identifiers.ta98,
                snomed_ct: muscle.identifiers.snomed_ct,
                broader: muscle.identifiers.broader,
            },
            chart_points: vec![home.usual_place.into()],
            catalogue_version: muscle.catalogue_version,
        }
    }
}

/// The parameters of the list of muscles.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MusclesQuery {
    #[param(nullable = false, inline)]
    region: Option<Region>,
    #[param(nullable = false, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    #[param(nullable = false, value_type = Option<Cursor>)]
    cursor: Option<Cursor>,
}

/// Lists the muscles of the catalogue by code.
#[utoipa::path(
    operation_id = "listMuscles", tag = "findings", context_path = "/api/v1",
    params(MusclesQuery),
    responses((status = 200, description = "A page of muscles.", body = Page<MuscleBody>))
)]
#[get("/muscles")]
async fn list_muscles_by_code(
    permit: Permit<ReadCatalogue>,
    query: Query<MusclesQuery>,
) -> Result<Answer, Problem> {
    let window: Window<String> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let muscles = list_muscles(transaction, query.region, &window).await?;
            let key = |muscle: &Muscle| muscle.code.clone();
            Answer::ok(&Page::of(muscles, window.size, key, MuscleBody::from))
        })
        .await
}

/// One drawing of the body chart.
#[derive(Serialize, ToSchema)]
struct BodyChartViewBody {
    code: View,
    title: String,
    chart_id: String,
    chart_version: i16,
    /// The view that shows the same place on the other side of the body.
    mirror: View,
    regions: Vec<Region>,
}

impl From<View> for BodyChartViewBody {
    fn from(view: View) -> Self {
        Self {
            code: view,
            title: view.title().to_owned(),
            chart_id: CHART_ID.to_owned(),
            chart_version: CHART_VERSION,
            mirror: view.mirrored(),
            regions: view.regions().to_vec(),
        }
    }
}

/// Lists the drawings of the body chart.
///
/// The origin is the top left as the viewer sees it; x runs to the right and y down, both from 0 to
/// 1. Seen from behind, the patient's left is the viewer's left; seen from the front, the right.
#[utoipa::path(
    operation_id = "listBodyChartViews", tag = "findings", context_path = "/api/v1",
    responses((status = 200, description = "All views.", body = Page<BodyChartViewBody>))
)]
#[get("/body-chart/views")]
async fn list_views(permit: Permit<ReadCatalogue>) -> Result<Answer, Problem> {
    permit
        .transaction(async |_| {
            let items = View::ALL
                .iter()
                .copied()
                .map(BodyChartViewBody::from)
                .collect();
            Answer::ok(&Page {
                items,
                next_cursor: None,
            })
        })
        .await
}

/// A muscle that the practice adds to the catalogue.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddMuscleBody {
    #[schema(min_length = 1, max_length = 100, example = "Levator labii")]
    name: String,
    #[schema(min_length = 1, max_length = 100)]
    latin: String,
    region: Region,
    /// Whether there is a left and a right one.
    paired: bool,
    #[schema(min_length = 1, max_length = 200)]
    nerve: String,
    /// The referred pain that is often described; a hint only.
    #[schema(min_length = 1, max_length = 500)]
    referral: String,
    /// The usual needle; a hint only.
    #[schema(min_length = 1, max_length = 200)]
    needle: String,
    /// Structures at risk, such as `PTX` or `VASC(vertebral a.)`.
    #[serde(default)]
    #[schema(max_items = 12, nullable = false)]
    cautions: Option<Vec<Caution>>,
    /// Where to place the cursor first; for a paired muscle, on the left.
    chart_point: PlaceBody,
}

/// A structure at risk, in the words that the safety checks use.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(
    value_type = String,
    pattern = r"^(PTX|VASC|NERVE|DURA|EYE|AIRWAY|PAROTID|RENAL|SCIATIC|DEEP|RETROPERITONEAL|PERITONEUM)(\([^();]{1,60}\))?$",
    example = "PTX"
)]
struct Caution(String);

/// A place on one view of the body chart, to be checked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlaceBody {
    view: View,
    /// Across from the viewer's left, 0 to 1.
    x: ExactDecimal,
    /// Down from the top, 0 to 1.
    y: ExactDecimal,
}

impl AddMuscleBody {
    fn new_muscle(&self) -> Result<NewMuscle, Problem> {
        let place = &self.chart_point;
        let usual_place = ChartPoint::parse(place.view, place.x.0, place.y.0);
        let usual_place = usual_place.map_err(|_outside| {
            let error = |field| FieldError::new(field, "must lie between 0 and 1");
            let unit = rust_decimal::Decimal::ZERO..=rust_decimal::Decimal::ONE;
            let faulty = [("/chart_point/x", place.x.0), ("/chart_point/y", place.y.0)];
            let faulty = faulty
                .into_iter()
                .filter(|(_, value)| !unit.contains(value));
            Problem::invalid(faulty.map(|(field, _)| error(field)).collect())
        })?;
        let cautions = self.cautions.iter().flatten();
        Ok(NewMuscle {
            name: self.name.clone(),
            latin: self.latin.clone(),
            region: self.region,
            is_paired: self.paired,
            nerve: self.nerve.clone(),
            referral: self.referral.clone(),
            needle: self.needle.clone(),
            cautions: cautions.map(|caution| caution.0.clone()).collect(),
            usual_place,
        })
    }
}

/// Adds a muscle to the catalogue for this practice; other practices do not see it.
///
/// Its code is made from its name, begins with `own_` and never changes.
#[utoipa::path(
    operation_id = "addMuscle", tag = "findings", context_path = "/api/v1",
    params(Once),
    request_body = AddMuscleBody,
    responses((status = 201, description = "Added.", body = MuscleBody), Refused<AddMuscleError>)
)]
#[post("/muscles")]
async fn add_own_muscle(
    permit: Permit<AddMuscle>,
    once: Once,
    body: Json<AddMuscleBody>,
) -> Result<Answer, Problem> {
    let new = body.new_muscle()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let added = add_muscle(transaction, &new).await?;
            Answer::made(&MuscleBody::from(added))
        })
        .await
}
