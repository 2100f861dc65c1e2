//! The formulary and the templates over HTTP.

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::platform::access::{Permit, action};
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::Answer;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{self, Problem};
use crate::platform::query::Query;
use crate::rule_sets::rules_in_force;
use crate::rule_sets::shown;

use tautband_rules::dose::{Concentration, ConcentrationUnit};
use tautband_rules::formulary::{AnaestheticGroup, Drug, DrugClass, Preservative, ReviewState};
use tautband_rules::kind::Approach;
use tautband_rules::kind::{ProcedureKind, Side};
use tautband_rules::safety::rules::RuleSet;
use tautband_rules::shipped::formulary;
use tautband_rules::template::{Template, TemplateSite, templates};

action!(
    /// Reading the formulary.
    ReadFormulary, "formulary.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_drugs)
        .service(get_drug)
        .service(list_templates);
}

/// A concentration as it is written on the vial.
#[derive(Serialize, ToSchema)]
struct ConcentrationBody {
    /// For `ratio`, the N of 1:N.
    value: ExactDecimal,
    #[schema(value_type = shown::ConcentrationUnit)]
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
    #[schema(value_type = shown::DrugClass)]
    class: DrugClass,
    /// The chemical group of a local anaesthetic.
    #[schema(value_type = Option<shown::AnaestheticGroup>)]
    group: Option<AnaestheticGroup>,
    /// The vasoconstrictor the product carries.
    vasoconstrictor: Option<ConcentrationBody>,
    /// The usual ones; others are warned of.
    concentrations: Vec<ConcentrationBody>,
    /// What the product usually holds.
    #[schema(value_type = shown::Preservative)]
    preservative: Preservative,
    hcpcs_code: Option<String>,
    limits: Vec<LimitBody>,
    source: String,
    #[schema(value_type = shown::ReviewState)]
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
    #[schema(value_type = shown::ReviewState)]
    review_state: ReviewState,
    rule_version: String,
}

impl DrugBody {
    fn new(drug: &Drug, rules: &RuleSet) -> Self {
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
            limits: limits(&drug.ingredient, rules),
            source: drug.source.clone(),
            review_state: drug.review_state,
            formulary_version: &formulary().version,
        }
    }
}

fn limits(ingredient: &str, rules: &RuleSet) -> Vec<LimitBody> {
    let rows = rules
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
        rule_version: rules.version.clone(),
    })
    .collect()
}

/// Sites in one muscle.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedureTemplateSite)]
struct TemplateSiteBody {
    muscle_code: &'static str,
    #[schema(value_type = Vec<shown::Side>)]
    sides: &'static [Side],
    /// On each side.
    count: u8,
}

impl From<&'static TemplateSite> for TemplateSiteBody {
    fn from(site: &'static TemplateSite) -> Self {
        Self {
            muscle_code: &site.muscle_code,
            sides: &site.sides,
            count: site.count,
        }
    }
}

/// What a kind of procedure usually is. It proposes and records nothing.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedureTemplate)]
struct TemplateBody {
    #[schema(example = "preempt")]
    code: &'static str,
    #[schema(value_type = shown::ProcedureKind)]
    kind: ProcedureKind,
    name: &'static str,
    /// For each site; 0 for a dry needle.
    volume_ml: ExactDecimal,
    needle_gauge: i16,
    needle_length_mm: i16,
    #[schema(value_type = shown::Approach)]
    approach: Approach,
    advice: &'static str,
    sites: Vec<TemplateSiteBody>,
    /// All sites together.
    site_count: usize,
    source: &'static str,
    #[schema(value_type = shown::ReviewState)]
    review_state: ReviewState,
    version: &'static str,
}

impl From<&'static Template> for TemplateBody {
    fn from(template: &'static Template) -> Self {
        Self {
            code: &template.code,
            kind: template.kind,
            name: &template.name,
            volume_ml: template.volume_ml.into(),
            needle_gauge: template.needle_gauge,
            needle_length_mm: template.needle_length_mm,
            approach: template.approach,
            advice: &template.advice,
            sites: template.sites.iter().map(TemplateSiteBody::from).collect(),
            site_count: template.places().count(),
            source: &template.source,
            review_state: template.review_state,
            version: &templates().version,
        }
    }
}

/// Every template.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedureTemplates)]
struct TemplatesBody {
    items: Vec<TemplateBody>,
}

/// Lists the templates that drafts can be made from.
#[utoipa::path(
    operation_id = "listProcedureTemplates", tag = "procedures", context_path = "/api/v1",
    responses((status = 200, description = "The templates.", body = TemplatesBody))
)]
#[get("/procedure-templates")]
async fn list_templates(permit: Permit<ReadFormulary>) -> Result<Answer, Problem> {
    permit
        .transaction(async |_| {
            let items = templates()
                .templates
                .iter()
                .map(TemplateBody::from)
                .collect();
            Answer::ok(&TemplatesBody { items })
        })
        .await
}

/// Which drugs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListDrugs {
    #[param(nullable = false, inline)]
    #[param(value_type = Option<shown::DrugClass>)]
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
        .transaction(async |transaction| {
            let rules = rules_in_force(transaction).await?;
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
                |drug| DrugBody::new(drug, &rules),
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
        .transaction(async |transaction| {
            let rules = rules_in_force(transaction).await?;
            let drug = formulary()
                .find(&code)
                .ok_or_else(|| Problem::new(&problem::NOT_FOUND))?;
            Answer::ok(&DrugBody::new(drug, &rules))
        })
        .await
}
