//! The formulary and the rule sets over HTTP.

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::platform::access::{Permit, action};
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::Answer;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{self, Problem};
use crate::platform::query::Query;

use super::super::dose::{Concentration, ConcentrationUnit};
use super::super::formulary::{AnaestheticGroup, Drug, DrugClass, Preservative, ReviewState};
use super::super::shipped::{formulary, rules};

action!(
    /// Reading the formulary.
    ReadFormulary, "formulary.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);
action!(
    /// Reading the rule sets.
    ReadRuleSets, "rule_sets.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);

pub(super) fn configure(services: &mut ServiceConfig<'_>) {
    services
        .service(list_drugs)
        .service(get_drug)
        .service(list_rule_sets)
        .service(get_rule_set);
}

/// A concentration as it is written on the vial.
#[derive(Serialize, ToSchema)]
struct ConcentrationBody {
    /// For `ratio`, the N of 1:N.
    value: ExactDecimal,
    unit: ConcentrationUnit,
}

impl From<Concentration> for ConcentrationBody {
    fn from(concentration: Concentration) -> Self {
        Self {
            value: concentration.value().into(),
            unit: concentration.unit(),
        }
    }
}

/// A drug that a solution can be made of.
#[derive(Serialize, ToSchema)]
struct DrugBody {
    #[schema(example = "lidocaine")]
    code: String,
    name: String,
    /// The active substance that limits and allergies are written for.
    ingredient: String,
    class: DrugClass,
    /// The chemical group of a local anaesthetic.
    group: Option<AnaestheticGroup>,
    /// The vasoconstrictor the product carries.
    vasoconstrictor: Option<ConcentrationBody>,
    /// The usual ones; others are warned of.
    concentrations: Vec<ConcentrationBody>,
    /// What the product usually holds.
    preservative: Preservative,
    hcpcs_code: Option<String>,
    limits: Vec<LimitBody>,
    source: String,
    review_state: ReviewState,
    formulary_version: &'static str,
}

/// A maximum dose by body weight and in all; the lower one counts.
#[derive(Serialize, ToSchema)]
#[schema(as = DoseLimit)]
struct LimitBody {
    with_vasoconstrictor: bool,
    mg_per_kg: ExactDecimal,
    absolute_mg: ExactDecimal,
    source: String,
    review_state: ReviewState,
    rule_version: &'static str,
}

impl From<&Drug> for DrugBody {
    fn from(drug: &Drug) -> Self {
        let listed = drug.concentrations.iter().copied();
        Self {
            code: drug.code.clone(),
            name: drug.name.clone(),
            ingredient: drug.ingredient.clone(),
            class: drug.class,
            group: drug.group,
            vasoconstrictor: drug.vasoconstrictor.map(ConcentrationBody::from),
            concentrations: listed.map(ConcentrationBody::from).collect(),
            preservative: drug.usual_preservative,
            hcpcs_code: drug.hcpcs_code.clone(),
            limits: limits(&drug.ingredient),
            source: drug.source.clone(),
            review_state: drug.review_state,
            formulary_version: &formulary().version,
        }
    }
}

fn limits(ingredient: &str) -> Vec<LimitBody> {
    let rows = rules()
        .local_anaesthetic
        .limits
        .iter()
        .filter(|row| row.ingredient == ingredient);
    rows.flat_map(|row| {
        let with = row
            .with_vasoconstrictor
            .as_ref()
            .map(|ceiling| (true, ceiling));
        std::iter::once((false, &row.plain)).chain(with)
    })
    .map(|(with_vasoconstrictor, ceiling)| LimitBody {
        with_vasoconstrictor,
        mg_per_kg: ceiling.milligrams_per_kg.into(),
        absolute_mg: ceiling.absolute_milligrams.into(),
        source: ceiling.source.clone(),
        review_state: ceiling.review_state,
        rule_version: &rules().version,
    })
    .collect()
}

/// Which drugs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListDrugs {
    #[param(nullable = false, inline)]
    class: Option<DrugClass>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    /// Where the page begins.
    #[param(nullable = false, inline)]
    cursor: Option<Cursor>,
}

/// Lists the formulary by code.
#[utoipa::path(
    operation_id = "listDrugs", tag = "procedures", context_path = "/api/v1",
    params(ListDrugs),
    responses((status = 200, description = "The drugs.", body = Page<DrugBody>))
)]
#[get("/drugs")]
async fn list_drugs(
    permit: Permit<ReadFormulary>,
    query: Query<ListDrugs>,
) -> Result<Answer, Problem> {
    let window: Window<String> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |_| {
            let mut drugs: Vec<&Drug> = formulary()
                .drugs
                .iter()
                .filter(|drug| query.class.is_none_or(|class| drug.class == class))
                .filter(|drug| window.after.as_ref().is_none_or(|after| drug.code > *after))
                .collect();
            drugs.sort_by(|a, b| a.code.cmp(&b.code));
            drugs.truncate(usize::try_from(window.probe()).unwrap_or(usize::MAX));
            Answer::ok(&Page::of(
                drugs,
                window.size,
                |drug| drug.code.clone(),
                DrugBody::from,
            ))
        })
        .await
}

/// Reads one drug of the formulary.
#[utoipa::path(
    operation_id = "getDrug", tag = "procedures", context_path = "/api/v1",
    params(("drug_code" = String, Path, description = "The drug.", example = "lidocaine")),
    responses((status = 200, description = "The drug.", body = DrugBody))
)]
#[get("/drugs/{drug_code}")]
#[expect(clippy::disallowed_types, reason = "a drug is named by a word")]
async fn get_drug(
    permit: Permit<ReadFormulary>,
    code: actix_web::web::Path<String>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |_| {
            let drug = formulary()
                .find(&code)
                .ok_or_else(|| Problem::new(&problem::NOT_FOUND))?;
            Answer::ok(&DrugBody::from(drug))
        })
        .await
}

/// A versioned set of rules, each figure with its source and review state.
#[derive(Serialize, ToSchema)]
#[schema(as = RuleSet)]
struct RuleSetBody {
    #[schema(example = "2026-11")]
    version: &'static str,
    /// Where it comes from: with the program, or published by the practice.
    origin: &'static str,
    /// How far its figures have been reviewed.
    review_state: ReviewState,
    /// Its figures and rows, each with source and review state.
    #[schema(value_type = Object)]
    rules: serde_json::Value,
}

fn shipped_rule_set() -> Result<RuleSetBody, Problem> {
    let rules = rules();
    let content = serde_json::to_value(rules).map_err(|error| {
        tracing::error!(%error, "the rules could not be written");
        Problem::new(&problem::INTERNAL)
    })?;
    Ok(RuleSetBody {
        version: &rules.version,
        origin: "shipped",
        review_state: ReviewState::AwaitingClinicianReview,
        rules: content,
    })
}

/// Which rule sets.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListRuleSets {
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    /// Where the page begins.
    #[param(nullable = false, inline)]
    cursor: Option<Cursor>,
}

/// Lists the rule sets; the one in force is the first.
#[utoipa::path(
    operation_id = "listRuleSets", tag = "procedures", context_path = "/api/v1",
    params(ListRuleSets),
    responses((status = 200, description = "The rule sets.", body = Page<RuleSetBody>))
)]
#[get("/rule-sets")]
async fn list_rule_sets(
    permit: Permit<ReadRuleSets>,
    query: Query<ListRuleSets>,
) -> Result<Answer, Problem> {
    let window: Window<String> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |_| {
            let mut sets = vec![shipped_rule_set()?];
            sets.retain(|set| {
                window
                    .after
                    .as_deref()
                    .is_none_or(|after| set.version > after)
            });
            Answer::ok(&Page::of(
                sets,
                window.size,
                |set| set.version.to_owned(),
                |set| set,
            ))
        })
        .await
}

/// Reads one rule set.
#[utoipa::path(
    operation_id = "getRuleSet", tag = "procedures", context_path = "/api/v1",
    params(("rule_version" = String, Path, description = "The version.", example = "2026-11")),
    responses((status = 200, description = "The rule set.", body = RuleSetBody))
)]
#[get("/rule-sets/{rule_version}")]
#[expect(clippy::disallowed_types, reason = "a version is no id")]
async fn get_rule_set(
    permit: Permit<ReadRuleSets>,
    version: actix_web::web::Path<String>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |_| {
            let set = shipped_rule_set()?;
            if set.version != *version {
                return Err(Problem::new(&problem::NOT_FOUND));
            }
            Answer::ok(&set)
        })
        .await
}
