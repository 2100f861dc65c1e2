//! Drawing up a solution: from which lots, in what volumes.
//!
//! A lot that must not be used is refused here, because the syringe is in somebody's hand. What is drawn
//! leaves the stock at once, so that two syringes never count on the same millilitre. A single-dose
//! vial is bound to the procedure it is drawn for, named or not.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal, SEALED};
use crate::rule_sets::rules_in_force;
use crate::stock::{
    Draw, Lot, LotId, LotUnusable, Recipient, UseStock, Vial, VialId, VialUnusable,
    draw_from_vials, lock_vials, lots_with_ids,
};
use crate::visits::ClinicalTime;

use super::account::{AccountError, draw_stock};
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{HoldRefused, WRONG_STATUS, hold};
use super::store;
use super::syringe::{SolutionId, Syringe, SyringeComponent};
use super::unusable_lot::{LOT_UNUSABLE, UnusableLot, unusable};
use tautband_rules::dose::{Concentration, VolumeMl};
use tautband_rules::safety::rules::RuleSet;
use tautband_rules::shipped::formulary;
use tautband_rules::solution::{Component, ComponentRefused, Solution, SolutionRefused};

action!(
    /// Drawing up a solution.
    DrawUp, "procedures.draw_up", record, [Provider, Assistant]
);

impl May<UseStock> for DrawUp {}

/// What is to be mixed.
pub(crate) struct Recipe {
    pub(super) label: String,
    /// When it was drawn up, if it is entered later than that.
    pub(super) prepared_at: Option<DateTime<Utc>>,
    /// When it is too old to inject.
    pub(super) beyond_use_at: Option<DateTime<Utc>>,
    pub(super) components: Vec<RecipeComponent>,
}

/// One drug or diluent of a recipe.
pub(crate) struct RecipeComponent {
    pub(super) drug_code: String,
    pub(super) concentration: Option<Concentration>,
    pub(super) volume_ml: Decimal,
    pub(super) lot_id: LotId,
    pub(super) vial_id: Option<VialId>,
}

/// Why nothing was drawn up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DrawUpError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error("the recipe breaks a rule")]
    Invalid(Vec<FieldError>),
    #[error("a lot cannot be drawn from")]
    Unusable(Vec<UnusableLot>),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for DrawUpError {
    const TYPES: &'static [&'static ProblemType] = &[&SEALED, &WRONG_STATUS, &LOT_UNUSABLE];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Unusable(lots) => unusable(lots),
            Self::Account(error) => error.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Draws up a solution for a procedure that is under way.
pub(super) async fn draw_up(
    transaction: &Transaction<'_, DrawUp>,
    id: ProcedureId,
    recipe: &Recipe,
) -> Result<(Syringe, Procedure), DrawUpError> {
    let held = hold(transaction, id).await?;
    held.require(Act::DrawUp)?;
    let now = transaction.now();
    let time = ClinicalTime {
        not_before: held.procedure.started_at(),
        ..held.visit.clinical_time(now)
    };
    let prepared_at = time.accept(recipe.prepared_at, "/prepared_at");
    let prepared_at = prepared_at.map_err(|fault| DrawUpError::Invalid(vec![fault]))?;
    if recipe.beyond_use_at.is_some_and(|at| at <= prepared_at) {
        let detail = "must lie after the drawing up";
        let error = FieldError::new("/beyond_use_at", detail);
        return Err(DrawUpError::Invalid(vec![error]));
    }
    let rules = rules_in_force(transaction).await?;
    let lots = lots_of(transaction, recipe).await?;
    let vials = named_vials(transaction, recipe).await?;
    check(recipe, (&lots, &vials), &rules).map_err(DrawUpError::Invalid)?;
    let mut unusable = unusable_lots(recipe, &lots, now);
    let recipient = Recipient {
        patient_id: held.procedure.patient_id,
        procedure_id: held.procedure.id,
    };
    unusable.extend(unusable_vials(recipe, &vials, |vial| {
        vial.refuses(recipient, &rules, now)
            .map(VialUnusable::as_str)
    }));
    if !unusable.is_empty() {
        return Err(DrawUpError::Unusable(unusable));
    }
    let draws = draws(recipe, &lots);
    let vials = draw_from_vials(transaction, &draws, vials, recipient).await?;
    let syringe = syringe(transaction, recipe, &vials, prepared_at);
    let change = held.procedure.draw_up(syringe.clone());
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    draw_stock(transaction, &held.procedure, change.after()).await?;
    Ok((syringe, change.into_after()))
}

fn draws<'a>(recipe: &Recipe, lots: &'a BTreeMap<LotId, Lot>) -> Vec<Draw<'a>> {
    let draw = |component: &RecipeComponent| {
        Some(Draw {
            lot: lots.get(&component.lot_id)?,
            vial_id: component.vial_id,
        })
    };
    recipe.components.iter().filter_map(draw).collect()
}

async fn lots_of(
    transaction: &Transaction<'_, DrawUp>,
    recipe: &Recipe,
) -> Result<BTreeMap<LotId, Lot>, DatabaseError> {
    let ids: Vec<LotId> = recipe
        .components
        .iter()
        .map(|component| component.lot_id)
        .collect();
    let lots = lots_with_ids(transaction, &ids).await?;
    Ok(lots.into_iter().map(|lot| (lot.id, lot)).collect())
}

/// The vials a recipe names, locked against other draws until the transaction ends.
async fn named_vials(
    transaction: &Transaction<'_, DrawUp>,
    recipe: &Recipe,
) -> Result<BTreeMap<VialId, Vial>, DatabaseError> {
    let ids: Vec<VialId> = recipe
        .components
        .iter()
        .filter_map(|component| component.vial_id)
        .collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let vials = lock_vials(transaction, &ids).await?;
    Ok(vials.into_iter().map(|vial| (vial.id, vial)).collect())
}

fn unusable_vials(
    recipe: &Recipe,
    vials: &BTreeMap<VialId, Vial>,
    refused: impl Fn(&Vial) -> Option<&'static str>,
) -> Vec<UnusableLot> {
    let mut unusable = Vec::new();
    for (index, component) in recipe.components.iter().enumerate() {
        let vial = component.vial_id.and_then(|id| vials.get(&id));
        unusable.extend(vial.and_then(&refused).map(|reason| UnusableLot {
            index: Some(index),
            lot_id: component.lot_id,
            reason,
        }));
    }
    unusable
}

fn syringe(
    transaction: &Transaction<'_, DrawUp>,
    recipe: &Recipe,
    vials: &[Option<VialId>],
    prepared_at: DateTime<Utc>,
) -> Syringe {
    let component = |(component, vial_id): (&RecipeComponent, &Option<VialId>)| SyringeComponent {
        drug_code: component.drug_code.clone(),
        concentration: component.concentration,
        volume_ml: component.volume_ml,
        lot_id: component.lot_id,
        vial_id: *vial_id,
    };
    Syringe {
        id: SolutionId::fresh(transaction.now()),
        label: recipe.label.clone(),
        volume_ml: recipe
            .components
            .iter()
            .map(|component| component.volume_ml)
            .sum(),
        components: recipe.components.iter().zip(vials).map(component).collect(),
        prepared_at,
        prepared_by: transaction.principal().user_id,
        beyond_use_at: recipe.beyond_use_at,
        recorded_at: transaction.now(),
        voided: None,
    }
}

/// Everything about a recipe that cannot be right, all of it at once.
fn check(
    recipe: &Recipe,
    (lots, vials): (&BTreeMap<LotId, Lot>, &BTreeMap<VialId, Vial>),
    rules: &RuleSet,
) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut components = Vec::new();
    for (index, component) in recipe.components.iter().enumerate() {
        let at = |field: &str| format!("/components/{index}/{field}");
        let drug = formulary().find(&component.drug_code);
        if drug.is_none() {
            errors.push(FieldError::new(at("drug_code"), "is not in the formulary"));
        }
        match lots.get(&component.lot_id) {
            None => errors.push(FieldError::new(at("lot_id"), "names no lot here")),
            Some(lot) if lot.drug_code != component.drug_code => {
                errors.push(FieldError::new(at("lot_id"), "is a lot of another drug"));
            }
            Some(lot) if lot.contradicts(component.concentration) => {
                let strength = lot.label.strength;
                let strength = strength.map(|one| format!("contradicts the lot, which is {one}"));
                errors.push(FieldError::new(
                    at("concentration"),
                    strength.unwrap_or_default(),
                ));
            }
            Some(_) => {}
        }
        let vial = component.vial_id.map(|id| vials.get(&id));
        if vial.is_some_and(|vial| vial.is_none_or(|vial| vial.lot_id != component.lot_id)) {
            errors.push(FieldError::new(at("vial_id"), "names no vial of this lot"));
        }
        match VolumeMl::new(component.volume_ml) {
            Err(refused) => errors.push(FieldError::new(at("volume_ml"), refused.to_string())),
            Ok(volume) => components.extend(drug.map(|drug| Component {
                drug: drug.clone(),
                concentration: component.concentration,
                volume,
                lot: None,
            })),
        }
    }
    if errors.is_empty() {
        errors.extend(mix(recipe, components, rules).err());
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

fn mix(
    recipe: &Recipe,
    components: Vec<Component>,
    rules: &RuleSet,
) -> Result<Solution, FieldError> {
    let volume = VolumeMl::sum(components.iter().map(|component| component.volume))
        .map_err(|refused| FieldError::new("/components", refused.to_string()))?;
    let mixed = Solution::mix(
        recipe.label.clone(),
        volume,
        components,
        None,
        rules.tolerances(),
    );
    mixed.map_err(|refused| match refused {
        SolutionRefused::Component { index, reason } => {
            let field = match reason {
                ComponentRefused::NoVolume => "volume_ml",
                ComponentRefused::WrongUnit => "concentration_unit",
                ComponentRefused::NoConcentration | ComponentRefused::Dose(_) => "concentration",
            };
            FieldError::new(format!("/components/{index}/{field}"), reason.to_string())
        }
        other => FieldError::new("/components", other.to_string()),
    })
}

/// Components whose lot cannot be used, or does not hold what the recipe draws in all.
fn unusable_lots(
    recipe: &Recipe,
    lots: &BTreeMap<LotId, Lot>,
    now: DateTime<Utc>,
) -> Vec<UnusableLot> {
    let mut drawn: BTreeMap<LotId, Decimal> = BTreeMap::new();
    let mut unusable = Vec::new();
    for (index, component) in recipe.components.iter().enumerate() {
        let sum = drawn.entry(component.lot_id).or_default();
        *sum += component.volume_ml;
        let refused = lots
            .get(&component.lot_id)
            .and_then(|lot| lot.refuses(*sum, now));
        unusable.extend(refused.map(|refused: LotUnusable| UnusableLot {
            index: Some(index),
            lot_id: component.lot_id,
            reason: refused.as_str(),
        }));
    }
    unusable
}
