//! Recording one needle site: where, with what, how much.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::findings::{
    self, CHART_VERSION, Placement, PlacementRefused, PointId, View, find_muscle, find_point,
};
use crate::patients::latest_consent;
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{FieldError, Member, Problem, ProblemType, Refusal, SEALED, Shape};
use crate::rule_sets::rules_in_force;
use crate::stock::{LotId, lots_with_ids};
use crate::visits::ClinicalTime;

use super::injection::{Injection, InjectionId, NeedlePlace, NeedleUse};
use super::missing::{Missing, NOT_READY, not_ready};
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{Held, HoldRefused, WRONG_STATUS, hold};
use super::store;
use super::syringe::{SolutionId, Syringe};
use super::unusable_lot::{LOT_UNUSABLE, UnusableLot, unusable};
use tautband_rules::checklist::SiteFinding;
use tautband_rules::kind::{ProcedureKind, Side};
use tautband_rules::safety::rules::RuleSet;
use tautband_rules::safety::site::NeedleRefused;

action!(
    /// Recording a needle site.
    Inject, "procedures.inject", record, [Provider, Assistant]
);

/// Where the needle goes: a recorded trigger point, or a place of its own.
pub(super) enum Target {
    Point(PointId),
    Place {
        muscle_code: String,
        side: findings::Side,
        view: View,
        x: Decimal,
        y: Decimal,
    },
}

/// One needle site as it is recorded.
pub(super) struct RecordedSite {
    pub(super) target: Target,
    pub(super) solution_id: Option<SolutionId>,
    pub(super) volume_ml: Decimal,
    pub(super) needle: NeedleUse,
    pub(super) is_caution_acknowledged: bool,
    pub(super) findings: Vec<SiteFinding>,
    /// When the needle went in, if it is entered later than that.
    pub(super) injected_at: Option<DateTime<Utc>>,
}

/// Why no site was recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum InjectError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error("the site breaks a rule")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Misplaced(#[from] PlacementRefused),
    #[error("there is less left in the syringe")]
    Exhausted { left_ml: Decimal },
    #[error("the solution is too old")]
    BeyondUse,
    #[error("the patient has withdrawn consent")]
    NotReady(Vec<Missing>),
    #[error("a lot of the solution was set aside since")]
    LotUnusable(Vec<UnusableLot>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

pub(super) static SOLUTION_EXHAUSTED: ProblemType = ProblemType::new(
    "solution-exhausted",
    409,
    "There is less left of this solution",
)
.with(&[Member::new(
    "left_ml",
    Shape::Decimal,
    "What is left in the syringe.",
)]);

pub(super) static SOLUTION_BEYOND_USE: ProblemType = ProblemType::new(
    "solution-beyond-use",
    409,
    "The solution is past its beyond-use time",
);

impl Refusal for InjectError {
    const TYPES: &'static [&'static ProblemType] = &[
        &SEALED,
        &WRONG_STATUS,
        &SOLUTION_EXHAUSTED,
        &SOLUTION_BEYOND_USE,
        &LOT_UNUSABLE,
        &NOT_READY,
    ];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Misplaced(refused) => refused.problem(),
            Self::Exhausted { left_ml } => {
                Problem::new(&SOLUTION_EXHAUSTED).member("left_ml", left_ml.normalize().to_string())
            }
            Self::BeyondUse => Problem::new(&SOLUTION_BEYOND_USE),
            Self::NotReady(missing) => not_ready(&missing),
            Self::LotUnusable(lots) => unusable(lots)
                .detail("Waste what is left of this solution, and draw up from another lot."),
            Self::Database(error) => error.into(),
        }
    }
}

/// Records a site of a procedure that is under way.
pub(super) async fn inject(
    transaction: &Transaction<'_, Inject>,
    id: ProcedureId,
    site: &RecordedSite,
) -> Result<(Injection, Procedure), InjectError> {
    let held = hold(transaction, id).await?;
    record_site(transaction, held, site).await
}

/// Records a site of a procedure that is held.
pub(super) async fn record_site(
    transaction: &Transaction<'_, impl May<Inject>>,
    held: Held,
    site: &RecordedSite,
) -> Result<(Injection, Procedure), InjectError> {
    held.require(Act::Inject)?;
    let kind = held.procedure.kind.as_str();
    let (rules, decision) = pipelined!(
        rules_in_force(transaction),
        latest_consent(transaction, held.procedure.patient_id, kind),
    )?;
    if decision.is_some_and(|decision| held.procedure.is_refused_by(&decision)) {
        return Err(InjectError::NotReady(vec![Missing::withdrawn_consent()]));
    }
    let mut errors = fluid_errors(site, &held.procedure);
    errors.extend(needle_error(&site.needle, &rules));
    if !errors.is_empty() {
        return Err(InjectError::Invalid(errors));
    }
    let place = place(transaction, &site.target, &held.procedure).await?;
    let syringe = site.solution_id.and_then(|id| held.procedure.syringe(id));
    let time = ClinicalTime {
        not_before: syringe
            .map(|syringe| syringe.prepared_at)
            .or_else(|| held.procedure.started_at()),
        ..held.visit.clinical_time(transaction.now())
    };
    let injected_at = time.accept(site.injected_at, "/injected_at");
    let injected_at = injected_at.map_err(|fault| InjectError::Invalid(vec![fault]))?;
    if let Some(syringe) = syringe {
        if syringe.beyond_use_at.is_some_and(|at| injected_at >= at) {
            return Err(InjectError::BeyondUse);
        }
        let left_ml = held.procedure.left_ml(syringe);
        if site.volume_ml > left_ml {
            return Err(InjectError::Exhausted { left_ml });
        }
        refuse_set_aside(transaction, syringe).await?;
    }
    let injection = Injection {
        id: InjectionId::fresh(transaction.now()),
        place,
        solution_id: site.solution_id,
        volume_ml: site.volume_ml,
        needle: site.needle,
        is_caution_acknowledged: site.is_caution_acknowledged,
        findings: site.findings.clone(),
        injected_at,
        recorded_at: transaction.now(),
        voided: None,
    };
    let change = held.procedure.inject(injection.clone());
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    Ok((injection, change.into_after()))
}

/// Refuses a syringe from a lot that was recalled, set aside or expired since it was drawn up.
async fn refuse_set_aside(
    transaction: &OpenTransaction<'_>,
    syringe: &Syringe,
) -> Result<(), InjectError> {
    let ids: Vec<LotId> = syringe.components.iter().map(|one| one.lot_id).collect();
    let lots = lots_with_ids(transaction, &ids).await?;
    let unusable: Vec<UnusableLot> = lots
        .iter()
        .filter_map(|lot| {
            let reason = lot.set_aside(transaction.now())?.as_str();
            Some(UnusableLot {
                index: None,
                lot_id: lot.id,
                reason,
            })
        })
        .collect();
    if unusable.is_empty() {
        Ok(())
    } else {
        Err(InjectError::LotUnusable(unusable))
    }
}

/// A dry needle brings no volume, and a volume comes from a syringe of this procedure.
fn fluid_errors(site: &RecordedSite, procedure: &Procedure) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match site.solution_id {
        None if !site.volume_ml.is_zero() => {
            errors.push(FieldError::new("/solution_id", "is required for a volume"));
        }
        None if procedure.kind == ProcedureKind::BotulinumToxin => {
            errors.push(FieldError::new(
                "/solution_id",
                "is required for this kind of procedure",
            ));
        }
        Some(_) if procedure.kind == ProcedureKind::DryNeedling => {
            errors.push(FieldError::new(
                "/solution_id",
                "does not belong to dry needling",
            ));
        }
        Some(id) if procedure.syringe(id).is_none() => {
            errors.push(FieldError::new(
                "/solution_id",
                "names no solution of this procedure",
            ));
        }
        Some(_) if site.volume_ml.is_zero() => {
            errors.push(FieldError::new(
                "/volume_ml",
                "must be above zero with a solution",
            ));
        }
        None | Some(_) => {}
    }
    errors
}

fn needle_error(needle: &NeedleUse, rules: &RuleSet) -> Option<FieldError> {
    let passes = needle.passes.unwrap_or(0);
    let accepted =
        rules
            .site
            .accept_needle(needle.gauge.into(), needle.length_mm.into(), passes.into());
    accepted.err().map(|refused| {
        let field = match refused {
            NeedleRefused::Gauge => "/needle_gauge",
            NeedleRefused::Length => "/needle_length_mm",
            NeedleRefused::Passes => "/passes",
        };
        FieldError::new(field, refused.to_string())
    })
}

async fn place(
    transaction: &OpenTransaction<'_>,
    target: &Target,
    procedure: &Procedure,
) -> Result<NeedlePlace, InjectError> {
    match target {
        Target::Point(point_id) => {
            let own = find_point(transaction, procedure.patient_id, *point_id).await?;
            let point =
                own.ok_or_else(|| unknown("/point_id", "names no point of this patient"))?;
            Ok(NeedlePlace {
                point_id: Some(point.id),
                muscle_code: point.muscle_code,
                side: side(point.side),
                view: point.view,
                x: point.x,
                y: point.y,
                chart_version: CHART_VERSION,
            })
        }
        Target::Place {
            muscle_code,
            side: named,
            view,
            x,
            y,
        } => {
            let muscle = find_muscle(transaction, muscle_code).await?;
            let muscle = muscle
                .ok_or_else(|| unknown("/muscle_code", "names no muscle of the catalogue"))?;
            let placement = Placement::parse(&muscle, *named, *view, *x, *y)?;
            let point = placement.point();
            Ok(NeedlePlace {
                point_id: None,
                muscle_code: muscle.code,
                side: side(placement.side()),
                view: point.view(),
                x: point.x(),
                y: point.y(),
                chart_version: CHART_VERSION,
            })
        }
    }
}

fn unknown(pointer: &str, detail: &str) -> InjectError {
    InjectError::Invalid(vec![FieldError::new(pointer, detail)])
}

/// The same side as the rules spell it.
const fn side(side: findings::Side) -> Side {
    match side {
        findings::Side::Left => Side::Left,
        findings::Side::Right => Side::Right,
        findings::Side::Midline => Side::Midline,
    }
}
