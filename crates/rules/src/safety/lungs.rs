//! Needles over both lungs: a pneumothorax on both sides is the worst of this work.
//!
//! The visits and procedures of a day count together, so that two procedures are no way around.

use super::facts::{PatientFacts, PlannedProcedure};
use super::given::hours_before;
use super::rules::{RuleSet, Severity};
use super::site::has_flag;
use super::verdict::Check;
use crate::kind::Side;

/// On which sides the needle goes in over a lung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LungSides {
    is_left: bool,
    is_right: bool,
}

impl LungSides {
    /// Whether both lungs are at risk.
    pub(super) const fn is_bilateral(self) -> bool {
        self.is_left && self.is_right
    }
}

/// Tells over which lungs the plan goes, together with what was needled shortly before: two procedures of
/// a day are no way around.
pub(super) fn lung_sides(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> LungSides {
    let prefix = &rules.site.lung_flag_prefix;
    let hours = rules.site.bilateral_lung_hours.whole();
    // When the window is not known, everything that is known counts.
    let starts_at = hours.and_then(|hours| hours_before(facts.assessed_at, hours));
    let before = || {
        facts
            .previous_sites
            .iter()
            .filter(|site| starts_at.is_ok_and(|at| site.needled_at >= at) || starts_at.is_err())
            .filter(|site| has_flag(&site.caution_flags, prefix))
            .map(|site| site.place.side)
    };
    let planned = || {
        planned
            .sites
            .iter()
            .filter(|site| has_flag(&site.caution_flags, prefix))
            .map(|site| site.place.side)
    };
    let is_planned = planned().next().is_some();
    let on = |side: Side| is_planned && planned().chain(before()).any(|one| one == side);
    LungSides {
        is_left: on(Side::Left),
        is_right: on(Side::Right),
    }
}

/// Sites over both lungs. Where depth and direction were confirmed at each of them, a person has looked
/// at each lung already, and the sentence informs.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    if !lung_sides(facts, planned, rules).is_bilateral() {
        return None;
    }
    let is_confirmed = planned
        .sites
        .iter()
        .filter(|site| has_flag(&site.caution_flags, &rules.site.lung_flag_prefix))
        .all(|site| site.is_caution_acknowledged);
    let severity = if is_confirmed {
        Severity::Inform
    } else {
        rules.site.bilateral_lung_severity
    };
    let explanation = "Sites over both lungs within a day, those of other procedures included. Check \
                       whether one side can wait.";
    Some(Check::of_severity(
        rules,
        "bilateral_lung_sites",
        severity,
        explanation.to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Place, PreviousSite};
    use super::super::sample::{at, dry, facts, flagged, judge, status};
    use super::super::verdict::CheckStatus::{Block, Ok, Warn};
    use crate::kind::Side;

    #[test]
    fn both_lungs_in_one_session_warn() {
        for (sites, expected) in [
            (
                vec![("trapezius left", "PTX"), ("trapezius right", "PTX")],
                Some(Warn),
            ),
            (
                vec![
                    ("trapezius left", "PTX(low)"),
                    ("levator right", "NERVE,PTX"),
                ],
                Some(Warn),
            ),
            (
                vec![("trapezius left", "PTX"), ("rhomboid left", "PTX")],
                None,
            ),
            (
                vec![("trapezius left", "PTX"), ("temporalis right", "EYE")],
                None,
            ),
            (vec![("trapezius left", "PTX"), ("x midline", "PTX")], None),
        ] {
            let sites = sites
                .into_iter()
                .map(|(text, flags)| flagged(text, flags))
                .collect();
            let assessment = judge(&facts(), &dry(sites));
            assert_eq!(status(&assessment, "bilateral_lung_sites"), expected);
        }
    }

    #[test]
    fn where_each_site_was_confirmed_the_sentence_informs() {
        let mut sites = vec![
            flagged("trapezius left", "PTX"),
            flagged("trapezius right", "PTX"),
        ];
        sites[0].is_caution_acknowledged = true;
        let one = judge(&facts(), &dry(sites.clone()));
        assert_eq!(status(&one, "bilateral_lung_sites"), Some(Warn));
        sites[1].is_caution_acknowledged = true;
        let both = judge(&facts(), &dry(sites));
        assert_eq!(status(&both, "bilateral_lung_sites"), Some(Ok));
    }

    #[test]
    fn the_other_procedures_of_a_day_count() {
        let both_lungs = "contralateral_ptx_or_single_lung";
        for (side, flags, needled_at, warned, blocked) in [
            (
                Side::Right,
                "PTX",
                "2026-11-22T11:00:00Z",
                Some(Warn),
                Block,
            ),
            (
                Side::Right,
                "PTX",
                "2026-11-21T12:00:00Z",
                Some(Warn),
                Block,
            ),
            (Side::Right, "PTX", "2026-11-21T11:59:59Z", None, Warn),
            (Side::Left, "PTX", "2026-11-22T11:00:00Z", None, Warn),
            (Side::Right, "EYE", "2026-11-22T11:00:00Z", None, Warn),
        ] {
            let mut patient = facts();
            patient.previous_sites.push(PreviousSite {
                place: Place::of_muscle("rhomboid_major", side),
                caution_flags: vec![flags.to_owned()],
                needled_at: at(needled_at),
            });
            let planned = dry(vec![flagged("trapezius left", "PTX")]);
            let found = status(&judge(&patient, &planned), "bilateral_lung_sites");
            assert_eq!(found, warned, "{side} {flags} {needled_at}");
            patient.conditions.push("J44.9".to_owned());
            let found = status(&judge(&patient, &planned), both_lungs);
            assert_eq!(found, Some(blocked), "{side} {flags} {needled_at}");
            // A plan that goes over no lung is not asked about those of before.
            let head = dry(vec![flagged("temporalis left", "EYE")]);
            assert_eq!(status(&judge(&patient, &head), both_lungs), None);
        }
    }
}
