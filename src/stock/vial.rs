//! Vials that were opened: a single-dose vial serves one procedure, and an opened one does not last.
//!
//! A recipe may name the vial it draws from. Without a name the vial that is open is taken, and one is
//! opened when none is, so that leaving the name out skips no rule ([`super::choose_vials()`]). How long
//! an opened vial lasts is a figure of the rules: days for a multi-dose vial, hours for a single-dose
//! one, and hours for a toxin once it was dissolved.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::id::id;

use super::lot::{Lot, LotId, VialType};
use super::procedure_id::ProcedureId;
use tautband_rules::safety::rules::{OpenedVial, RuleSet};
use tautband_rules::shipped::formulary;

id! {
    /// Names a vial.
    pub(crate) struct VialId
}

/// The patient and the procedure that a vial is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub(crate) patient_id: PatientId,
    pub(crate) procedure_id: ProcedureId,
}

/// The user who threw a vial away, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Discard {
    pub(crate) by: Uuid,
    pub(crate) at: DateTime<Utc>,
}

/// A vial that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vial {
    pub(crate) id: VialId,
    pub(crate) lot_id: LotId,
    /// As its lot says; it decides how long the vial lasts.
    pub(crate) drug_code: String,
    pub(crate) vial_type: VialType,
    /// Set once a single-dose vial was drawn from. A multi-dose vial has none.
    pub(crate) recipient: Option<Recipient>,
    pub(crate) opened_at: DateTime<Utc>,
    pub(crate) opened_by: Uuid,
    pub(crate) discarded: Option<Discard>,
}

/// Why a vial cannot be drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VialUnusable {
    Discarded,
    BeyondUse,
    OpenedLater,
    OfAnotherPatient,
    OfAnotherProcedure,
}

impl VialUnusable {
    /// A word that a client can act on.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Discarded => "vial_discarded",
            Self::BeyondUse => "vial_beyond_use",
            Self::OpenedLater => "vial_opened_later",
            Self::OfAnotherPatient => "vial_of_another_patient",
            Self::OfAnotherProcedure => "vial_of_another_procedure",
        }
    }
}

impl Vial {
    /// A vial of this lot that is opened now.
    pub(crate) fn open(lot: &Lot, by: Uuid, now: DateTime<Utc>) -> Self {
        Self {
            id: VialId::fresh(now),
            lot_id: lot.id,
            drug_code: lot.drug_code.clone(),
            vial_type: lot.vial_type,
            recipient: None,
            opened_at: now,
            opened_by: by,
            discarded: None,
        }
    }

    /// From when on it is too old, counted from the opening: days for a multi-dose vial, hours for a
    /// single-dose one and for a toxin that was dissolved.
    pub(crate) fn beyond_use_at(&self, rules: &RuleSet) -> Option<DateTime<Utc>> {
        let lasts = rules.solution.lasts(OpenedVial {
            kind: self.vial_type.into(),
            class: formulary().find(&self.drug_code).map(|drug| drug.class),
        });
        self.opened_at.checked_add_signed(lasts?)
    }

    /// Why it cannot be drawn from for this recipient, if it cannot.
    pub(crate) fn refuses(
        &self,
        recipient: Recipient,
        rules: &RuleSet,
        drawn_at: DateTime<Utc>,
    ) -> Option<VialUnusable> {
        if self.discarded.is_some() {
            return Some(VialUnusable::Discarded);
        }
        if self
            .beyond_use_at(rules)
            .is_none_or(|beyond_use_at| drawn_at > beyond_use_at)
        {
            return Some(VialUnusable::BeyondUse);
        }
        if self.opened_at > drawn_at {
            return Some(VialUnusable::OpenedLater);
        }
        match self.recipient {
            Some(first) if first.patient_id != recipient.patient_id => {
                Some(VialUnusable::OfAnotherPatient)
            }
            Some(first) if first.procedure_id != recipient.procedure_id => {
                Some(VialUnusable::OfAnotherProcedure)
            }
            _ => None,
        }
    }

    /// Binds a single-dose vial to the procedure it is drawn for.
    pub(crate) fn draw_for(&mut self, recipient: Recipient) {
        if self.vial_type == VialType::SingleDose {
            self.recipient = Some(recipient);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn vial(vial_type: VialType) -> Vial {
        Vial {
            id: VialId::from(Uuid::nil()),
            lot_id: LotId::from(Uuid::nil()),
            drug_code: "lidocaine".to_owned(),
            vial_type,
            recipient: None,
            opened_at: at("2026-11-01T09:00:00Z"),
            opened_by: Uuid::nil(),
            discarded: None,
        }
    }

    fn recipient(patient: u128, procedure: u128) -> Recipient {
        Recipient {
            patient_id: PatientId::from(Uuid::from_u128(patient)),
            procedure_id: ProcedureId::from(Uuid::from_u128(procedure)),
        }
    }

    #[test]
    fn a_single_dose_vial_serves_the_first_procedure_and_no_recipient() {
        let rules = RuleSet::shipped().unwrap();
        let now = at("2026-11-01T12:00:00Z");
        for (vial_type, next, refused) in [
            (VialType::SingleDose, recipient(1, 1), None),
            (
                VialType::SingleDose,
                recipient(2, 2),
                Some(VialUnusable::OfAnotherPatient),
            ),
            (
                VialType::SingleDose,
                recipient(1, 2),
                Some(VialUnusable::OfAnotherProcedure),
            ),
            (VialType::MultiDose, recipient(2, 2), None),
            (VialType::MultiDose, recipient(1, 2), None),
        ] {
            let mut vial = vial(vial_type);
            assert_eq!(vial.refuses(recipient(1, 1), &rules, now), None);
            vial.draw_for(recipient(1, 1));
            assert_eq!(vial.refuses(next, &rules, now), refused, "{vial_type}");
        }
    }

    #[test]
    fn an_opened_vial_lasts_as_its_kind_says_and_not_a_moment_longer() {
        let rules = RuleSet::shipped().unwrap();
        let beyond = Some(VialUnusable::BeyondUse);
        for (vial_type, drug_code, drawn_at, refused) in [
            (
                VialType::MultiDose,
                "lidocaine",
                "2026-11-29T09:00:00Z",
                None,
            ),
            (
                VialType::MultiDose,
                "lidocaine",
                "2026-11-29T09:00:00.000001Z",
                beyond,
            ),
            (
                VialType::SingleDose,
                "lidocaine",
                "2026-11-01T13:00:00Z",
                None,
            ),
            (
                VialType::SingleDose,
                "lidocaine",
                "2026-11-01T13:00:00.000001Z",
                beyond,
            ),
            (
                VialType::SingleDose,
                "onabotulinumtoxin_a",
                "2026-11-02T09:00:00Z",
                None,
            ),
            (
                VialType::SingleDose,
                "onabotulinumtoxin_a",
                "2026-11-02T09:00:00.000001Z",
                beyond,
            ),
            (
                VialType::MultiDose,
                "lidocaine",
                "2026-11-01T08:59:59Z",
                Some(VialUnusable::OpenedLater),
            ),
        ] {
            let mut vial = vial(vial_type);
            drug_code.clone_into(&mut vial.drug_code);
            let found = vial.refuses(recipient(1, 1), &rules, at(drawn_at));
            assert_eq!(found, refused, "{vial_type} {drug_code} {drawn_at}");
        }
    }

    #[test]
    fn what_was_thrown_away_stays_away() {
        let rules = RuleSet::shipped().unwrap();
        let mut gone = vial(VialType::MultiDose);
        gone.discarded = Some(Discard {
            by: Uuid::nil(),
            at: at("2026-11-01T10:00:00Z"),
        });
        let refused = gone.refuses(recipient(1, 1), &rules, at("2026-11-01T11:00:00Z"));
        assert_eq!(refused, Some(VialUnusable::Discarded));
    }
}
