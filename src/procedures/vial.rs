//! Vials that were opened: a single-dose vial serves one procedure, and an opened one does not last.
//!
//! A recipe may name the vial it draws from. Without a name a single-dose vial is opened for the
//! procedure there and then, so that it can never be drawn from for another; of a multi-dose lot
//! nothing is said. How many days an opened vial lasts is a figure of the rules.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::lot::{Lot, LotId, LotStatus, VialType};
use super::procedure::{Procedure, ProcedureId};
use super::store;
use tautband_rules::safety::rules::RuleSet;

action!(
    /// Opening a vial.
    OpenVial, "vials.open", practice, [Provider, Assistant]
);
action!(
    /// Reading the vials of a lot.
    ReadVials, "vials.read", practice, [Admin, Provider, Assistant, Auditor]
);
action!(
    /// Throwing a vial away.
    DiscardVial, "vials.discard", practice, [Provider, Assistant]
);

id! {
    /// Names a vial.
    pub(crate) struct VialId
}

/// A vial that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vial {
    pub(super) id: VialId,
    pub(super) lot_id: LotId,
    pub(super) vial_type: VialType,
    /// The patient and the procedure a single-dose vial was drawn for.
    pub(super) drawn_for: Option<(PatientId, ProcedureId)>,
    pub(super) opened_at: DateTime<Utc>,
    pub(super) opened_by: Uuid,
    pub(super) discarded: Option<(DateTime<Utc>, Uuid)>,
}

/// Why a vial cannot be drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VialUnusable {
    Discarded,
    BeyondUse,
    OfAnotherPatient,
    OfAnotherProcedure,
}

impl VialUnusable {
    /// A word that a client can act on.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Discarded => "vial_discarded",
            Self::BeyondUse => "vial_beyond_use",
            Self::OfAnotherPatient => "vial_of_another_patient",
            Self::OfAnotherProcedure => "vial_of_another_procedure",
        }
    }
}

impl Vial {
    /// A vial of this lot that is opened now.
    pub(super) fn open(lot: &Lot, by: Uuid, now: DateTime<Utc>) -> Self {
        Self {
            id: VialId::fresh(now),
            lot_id: lot.id,
            vial_type: lot.vial_type,
            drawn_for: None,
            opened_at: now,
            opened_by: by,
            discarded: None,
        }
    }

    /// From when on it is too old; the days are counted from the opening.
    pub(super) fn beyond_use_at(&self, rules: &RuleSet) -> Option<DateTime<Utc>> {
        let days = rules.solution.opened_vial_days.whole().ok()?;
        self.opened_at
            .checked_add_signed(TimeDelta::days(i64::from(days)))
    }

    /// Why it cannot be drawn from for this procedure, if it cannot.
    pub(super) fn refuses(
        &self,
        procedure: &Procedure,
        rules: &RuleSet,
        now: DateTime<Utc>,
    ) -> Option<VialUnusable> {
        if self.discarded.is_some() {
            return Some(VialUnusable::Discarded);
        }
        if self
            .beyond_use_at(rules)
            .is_none_or(|beyond_use_at| now > beyond_use_at)
        {
            return Some(VialUnusable::BeyondUse);
        }
        match self.drawn_for {
            Some((patient_id, _)) if patient_id != procedure.patient_id => {
                Some(VialUnusable::OfAnotherPatient)
            }
            Some((_, procedure_id)) if procedure_id != procedure.id => {
                Some(VialUnusable::OfAnotherProcedure)
            }
            _ => None,
        }
    }

    /// Binds a single-dose vial to the procedure it is drawn for.
    pub(super) fn draw_for(&mut self, procedure: &Procedure) {
        if self.vial_type == VialType::SingleDose {
            self.drawn_for = Some((procedure.patient_id, procedure.id));
        }
    }
}

/// Why a vial was not opened, read or thrown away.
#[derive(Debug, thiserror::Error)]
pub(super) enum VialError {
    #[error("no such lot or vial")]
    NotFound,
    #[error("the lot is {0}")]
    LotUnusable(LotStatus),
    #[error("it was opened in the future")]
    OpenedLater,
    #[error("the vial was thrown away")]
    Discarded,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static LOT_CLOSED: ProblemType =
    ProblemType::new("wrong-status", 409, "The lot or vial is not to be used");

impl Refusal for VialError {
    const TYPES: &'static [&'static ProblemType] = &[&LOT_CLOSED];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::LotUnusable(status) => Problem::new(&LOT_CLOSED).member("current_status", status),
            Self::OpenedLater => Problem::field("/opened_at", "lies in the future"),
            Self::Discarded => Problem::new(&LOT_CLOSED).member("current_status", "discarded"),
            Self::Database(error) => error.into(),
        }
    }
}

/// Opens a vial of a lot that may be used.
pub(super) async fn open_vial(
    transaction: &Transaction<'_, OpenVial>,
    lot_id: LotId,
    opened_at: Option<DateTime<Utc>>,
) -> Result<Vial, VialError> {
    if opened_at.is_some_and(|at| at > transaction.now()) {
        return Err(VialError::OpenedLater);
    }
    let lot = store::lock_lot(transaction, lot_id).await?;
    let lot = lot.ok_or(VialError::NotFound)?;
    match lot.status(transaction.now()) {
        LotStatus::Available => {}
        status => return Err(VialError::LotUnusable(status)),
    }
    let mut vial = Vial::open(&lot, transaction.principal().user_id, transaction.now());
    vial.opened_at = opened_at.unwrap_or(vial.opened_at);
    store::insert_vials(transaction, std::slice::from_ref(&vial)).await?;
    Ok(vial)
}

/// The vials of a lot, those opened first before the others.
pub(super) async fn vials_of_lot(
    transaction: &Transaction<'_, ReadVials>,
    lot_id: LotId,
    window: &Window<Uuid>,
) -> Result<Vec<Vial>, VialError> {
    let lot = store::find_lot(transaction, lot_id).await?;
    lot.ok_or(VialError::NotFound)?;
    Ok(store::vials_of_lot(transaction, lot_id, window).await?)
}

/// Throws a vial away; nothing is drawn from it any more.
pub(super) async fn discard_vial(
    transaction: &Transaction<'_, DiscardVial>,
    id: VialId,
) -> Result<Vial, VialError> {
    let mut vials = store::lock_vials(transaction, &[id]).await?;
    let mut vial = vials.pop().ok_or(VialError::NotFound)?;
    if vial.discarded.is_some() {
        return Err(VialError::Discarded);
    }
    vial.discarded = Some((transaction.now(), transaction.principal().user_id));
    store::record_vial(transaction, &vial).await?;
    Ok(vial)
}

#[cfg(test)]
mod tests {
    use super::super::procedure::sample;
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn vial(vial_type: VialType) -> Vial {
        Vial {
            id: VialId::from(Uuid::nil()),
            lot_id: LotId::from(Uuid::nil()),
            vial_type,
            drawn_for: None,
            opened_at: at("2026-11-01T09:00:00Z"),
            opened_by: Uuid::nil(),
            discarded: None,
        }
    }

    fn other(patient: u128, procedure: u128) -> Procedure {
        Procedure {
            patient_id: PatientId::from(Uuid::from_u128(patient)),
            id: ProcedureId::from(Uuid::from_u128(procedure)),
            ..sample::procedure()
        }
    }

    #[test]
    fn a_single_dose_vial_serves_the_first_procedure_and_no_other() {
        let rules = RuleSet::shipped().unwrap();
        let now = at("2026-11-02T09:00:00Z");
        for (vial_type, next, refused) in [
            (VialType::SingleDose, other(1, 1), None),
            (
                VialType::SingleDose,
                other(2, 2),
                Some(VialUnusable::OfAnotherPatient),
            ),
            (
                VialType::SingleDose,
                other(1, 2),
                Some(VialUnusable::OfAnotherProcedure),
            ),
            (VialType::MultiDose, other(2, 2), None),
            (VialType::MultiDose, other(1, 2), None),
        ] {
            let mut vial = vial(vial_type);
            assert_eq!(vial.refuses(&other(1, 1), &rules, now), None);
            vial.draw_for(&other(1, 1));
            assert_eq!(vial.refuses(&next, &rules, now), refused, "{vial_type}");
        }
    }

    #[test]
    fn an_opened_vial_lasts_so_many_days_and_not_a_moment_longer() {
        let rules = RuleSet::shipped().unwrap();
        for (now, refused) in [
            ("2026-11-29T09:00:00Z", None),
            ("2026-11-29T09:00:00.000001Z", Some(VialUnusable::BeyondUse)),
        ] {
            let vial = vial(VialType::MultiDose);
            assert_eq!(
                vial.refuses(&other(1, 1), &rules, at(now)),
                refused,
                "{now}"
            );
        }
    }

    #[test]
    fn what_was_thrown_away_stays_away() {
        let rules = RuleSet::shipped().unwrap();
        let mut gone = vial(VialType::MultiDose);
        gone.discarded = Some((at("2026-11-01T10:00:00Z"), Uuid::nil()));
        let refused = gone.refuses(&other(1, 1), &rules, at("2026-11-01T11:00:00Z"));
        assert_eq!(refused, Some(VialUnusable::Discarded));
    }
}
