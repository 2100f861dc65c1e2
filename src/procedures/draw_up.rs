//! Drawing up a solution: from which lots, in what volumes.
//!
//! A lot that must not be used is refused here, because the syringe is in somebody's hand. What is drawn
//! leaves the stock at once, so that two syringes never count on the same millilitre. Each component comes
//! from a vial, named or chosen; a single-dose vial is bound to the procedure it is drawn for.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal, SEALED};
use crate::rule_sets::rules_in_force;
use crate::stock::{
    ChooseVialsError, Draw, DrawnFor, Lot, LotId, LotUnusable, Quantity, Recipient, UseStock, Vial,
    VialId, VialUnusable, choose_vials, lock_vials_for, lots_with_ids,
};
use crate::visits::ClinicalTime;

use super::account::{AccountError, draw_stock};
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{HoldRefused, WRONG_STATUS, hold};
use super::store;
use super::syringe::{SolutionId, Syringe, SyringeComponent, quantity};
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
    let before = store::concentrations_last_drawn(transaction, lots.keys().copied()).await?;
    let vials = vials_for(transaction, id, recipe).await?;
    let known = Known {
        lots: &lots,
        vials: &vials,
        rules: &rules,
    };
    check(recipe, &known).map_err(DrawUpError::Invalid)?;
    let unusable = unusable_lots(recipe, &lots, prepared_at);
    if !unusable.is_empty() {
        return Err(DrawUpError::Unusable(unusable));
    }
    let drawn = DrawnFor {
        recipient: Recipient {
            patient_id: held.procedure.patient_id,
            procedure_id: held.procedure.id,
        },
        at: prepared_at,
        rules: &rules,
    };
    let draws = draws(recipe, &lots);
    let vials = choose_vials(transaction, &draws, vials, drawn)
        .await
        .map_err(|error| match error {
            ChooseVialsError::Unusable(vials) => {
                DrawUpError::Unusable(unusable_vials(recipe, vials))
            }
            ChooseVialsError::Database(error) => error.into(),
        })?;
    let differs: Vec<bool> = recipe
        .components
        .iter()
        .map(|component| {
            let last = before.get(&component.lot_id).copied();
            let lot = lots.get(&component.lot_id);
            lot.is_some_and(|lot| lot.differs_from_last_draw(component.concentration, last))
        })
        .collect();
    let mut syringe = syringe(transaction, recipe, &vials, prepared_at);
    for (component, differs) in syringe.components.iter_mut().zip(differs) {
        component.differs_from_last_draw = differs;
    }
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

/// The vials that a recipe names, and those that are open of the other lots, locked against other draws.
async fn vials_for(
    transaction: &Transaction<'_, DrawUp>,
    procedure_id: ProcedureId,
    recipe: &Recipe,
) -> Result<BTreeMap<VialId, Vial>, DatabaseError> {
    let components = recipe.components.iter();
    let named: Vec<VialId> = components.filter_map(|one| one.vial_id).collect();
    let unnamed = recipe.components.iter().filter(|one| one.vial_id.is_none());
    let lots: Vec<LotId> = unnamed.map(|one| one.lot_id).collect();
    let vials = lock_vials_for(transaction, procedure_id, &named, &lots).await?;
    Ok(vials.into_iter().map(|vial| (vial.id, vial)).collect())
}

fn unusable_vials(recipe: &Recipe, refused: Vec<(usize, VialUnusable)>) -> Vec<UnusableLot> {
    let named = refused.into_iter().filter_map(|(index, reason)| {
        Some(UnusableLot {
            index: Some(index),
            lot_id: recipe.components.get(index)?.lot_id,
            reason: reason.as_str(),
        })
    });
    named.collect()
}

fn syringe(
    transaction: &Transaction<'_, DrawUp>,
    recipe: &Recipe,
    vials: &[VialId],
    prepared_at: DateTime<Utc>,
) -> Syringe {
    let component = |(component, vial_id): (&RecipeComponent, &VialId)| SyringeComponent {
        drug_code: component.drug_code.clone(),
        concentration: component.concentration,
        volume_ml: component.volume_ml,
        lot_id: component.lot_id,
        vial_id: Some(*vial_id),
        differs_from_last_draw: false,
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

/// What a recipe is held against.
#[derive(Clone, Copy)]
struct Known<'a> {
    lots: &'a BTreeMap<LotId, Lot>,
    vials: &'a BTreeMap<VialId, Vial>,
    rules: &'a RuleSet,
}

/// Everything about a recipe that cannot be right, all of it at once.
fn check(recipe: &Recipe, known: &Known<'_>) -> Result<(), Vec<FieldError>> {
    let Known {
        lots, vials, rules, ..
    } = *known;
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
            Some(lot) => {
                let wrong = lot.contradiction(component.concentration, rules);
                errors.extend(wrong.map(|detail| FieldError::new(at("concentration"), detail)));
            }
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
    drawn_at: DateTime<Utc>,
) -> Vec<UnusableLot> {
    let mut drawn: BTreeMap<LotId, Quantity> = BTreeMap::new();
    let mut unusable = Vec::new();
    for (index, component) in recipe.components.iter().enumerate() {
        let sum = drawn.entry(component.lot_id).or_default();
        *sum += quantity(component.volume_ml, component.concentration);
        let refused = lots
            .get(&component.lot_id)
            .and_then(|lot| lot.refuses(*sum, drawn_at));
        unusable.extend(refused.map(|refused: LotUnusable| UnusableLot {
            index: Some(index),
            lot_id: component.lot_id,
            reason: refused.as_str(),
        }));
    }
    unusable
}
