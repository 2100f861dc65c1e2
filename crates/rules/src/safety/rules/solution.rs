//! The figures for mixing and for vials.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::figure::Figure;
use crate::exact::Exact;
use crate::formulary::DrugClass;
use crate::solution::VialKind;

/// The figures for mixing and for vials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolutionRules {
    pub components_tolerance_ml: Figure,
    pub drawn_tolerance_ml: Figure,
    /// For how many days a multi-dose vial is drawn from once it was opened.
    pub opened_vial_days: Figure,
    /// For how many hours a single-dose vial is drawn from once it was opened.
    pub opened_single_dose_hours: Figure,
    /// For how many hours a toxin is drawn from once it was dissolved.
    pub reconstituted_toxin_hours: Figure,
    /// How little and how much a vial of powder is dissolved in.
    pub least_diluent_ml: Figure,
    pub most_diluent_ml: Figure,
}

/// What decides how long an opened vial may be drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenedVial {
    pub kind: VialKind,
    pub class: Option<DrugClass>,
}

impl SolutionRules {
    /// For how long a vial of this kind is drawn from once it was opened; none when the figure cannot be
    /// read.
    pub fn lasts(&self, vial: OpenedVial) -> Option<TimeDelta> {
        let hours = |figure: &Figure| figure.whole().ok().map(i64::from).map(TimeDelta::hours);
        match vial {
            OpenedVial {
                class: Some(DrugClass::BotulinumToxin),
                ..
            } => hours(&self.reconstituted_toxin_hours),
            OpenedVial {
                kind: VialKind::Single,
                ..
            } => hours(&self.opened_single_dose_hours),
            OpenedVial {
                kind: VialKind::Multi,
                ..
            } => {
                let days = self.opened_vial_days.whole().ok()?;
                Some(TimeDelta::days(i64::from(days)))
            }
        }
    }

    /// Whether a vial that holds so many units can be dissolved to so many units in a millilitre.
    pub fn can_make(&self, units_per_vial: Decimal, units_per_ml: Exact) -> bool {
        let Ok(units) = Exact::from_decimal(units_per_vial) else {
            return false;
        };
        let reaches = |figure: &Figure| {
            let diluent = Exact::from_decimal(figure.value);
            diluent.and_then(|diluent| diluent.checked_mul(units_per_ml))
        };
        let least = reaches(&self.least_diluent_ml);
        let most = reaches(&self.most_diluent_ml);
        least.is_ok_and(|least| least <= units) && most.is_ok_and(|most| units <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::super::RuleSet;
    use super::*;

    #[test]
    fn a_vial_lasts_by_its_kind_and_a_toxin_by_its_own_rule() {
        let rules = RuleSet::shipped().unwrap().solution;
        for (kind, class, hours) in [
            (VialKind::Multi, Some(DrugClass::LocalAnaesthetic), 28 * 24),
            (VialKind::Multi, None, 28 * 24),
            (VialKind::Single, Some(DrugClass::Corticosteroid), 4),
            (VialKind::Single, None, 4),
            (VialKind::Single, Some(DrugClass::BotulinumToxin), 24),
            (VialKind::Multi, Some(DrugClass::BotulinumToxin), 24),
        ] {
            let lasts = rules.lasts(OpenedVial { kind, class });
            assert_eq!(lasts, Some(TimeDelta::hours(hours)), "{kind} {class:?}");
        }
    }

    #[test]
    fn a_vial_of_powder_is_dissolved_in_what_the_label_says() {
        let rules = RuleSet::shipped().unwrap().solution;
        for (units, per_ml, is_possible) in [
            ("100", "200", true),
            ("100", "200.0001", false),
            ("100", "10", true),
            ("100", "9.9999", false),
            ("100", "50", true),
            ("100", "500", false),
            ("100", "5", false),
            ("200", "50", true),
            ("200", "5", false),
        ] {
            let per_ml = Exact::from_decimal(per_ml.parse().unwrap()).unwrap();
            let found = rules.can_make(units.parse().unwrap(), per_ml);
            assert_eq!(found, is_possible, "{units} {per_ml:?}");
        }
    }
}
