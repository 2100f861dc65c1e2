//! Where the needle goes: lungs, dura and arteries near it, volumes, and the same place too soon.
//!
//! Muscles of the catalogue carry caution flags. Some must be confirmed site by site before the
//! needle goes in.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::facts::{PatientFacts, PlannedProcedure, PlannedSite};
use super::given::days_before;
use super::rules::{RuleSet, SiteFlagRow, SiteRules};

use super::verdict::{Check, CheckStatus};
use crate::dose::VolumeMl;
use crate::exact::{Exact, NotExact};
use crate::kind::ProcedureKind;

/// Whether a flag of the muscle begins so.
pub(super) fn has_flag(flags: &[String], prefix: &str) -> bool {
    flags.iter().any(|flag| flag.starts_with(prefix))
}

/// Checks every planned site.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Vec<Check> {
    let mut checks: Vec<Check> = rules
        .site
        .acknowledged_flags
        .iter()
        .filter_map(|row| acknowledgement(row, planned, rules))
        .collect();
    checks.extend(volumes(planned, rules).unwrap_or_else(|error| {
        let explanation = format!("The volumes cannot be checked: {error}.");
        vec![Check::indeterminate(rules, "site_volume", explanation)]
    }));
    checks.extend(solutions(planned, rules));
    checks.extend(too_soon(facts, planned, rules).unwrap_or_else(|error| {
        let explanation = format!("Earlier sites cannot be checked: {error}.");
        Some(Check::indeterminate(
            rules,
            "too_soon_same_site",
            explanation,
        ))
    }));
    checks
}

fn acknowledgement(
    row: &SiteFlagRow,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    let flagged: Vec<&PlannedSite> = planned
        .sites
        .iter()
        .filter(|site| has_flag(&site.caution_flags, &row.flag_prefix))
        .collect();
    if flagged.is_empty() {
        return None;
    }
    let open: Vec<String> = flagged
        .iter()
        .filter(|site| !site.is_caution_acknowledged)
        .map(|site| name(site))
        .collect();
    let status = if open.is_empty() {
        CheckStatus::Ok
    } else {
        CheckStatus::Warn
    };
    let named = if open.is_empty() {
        flagged.iter().map(|site| name(site)).collect()
    } else {
        open
    };
    let explanation = format!("{} Site: {}.", row.message, named.join(", "));
    Some(Check::plain(rules, &row.code, status, explanation))
}

/// The muscle and its side.
pub(super) fn name(site: &PlannedSite) -> String {
    format!("{} ({})", site.place.muscle_code, site.place.side)
}

fn volumes(planned: &PlannedProcedure, rules: &RuleSet) -> Result<Vec<Check>, NotExact> {
    let limits = &rules.site;
    let exact = |volume: VolumeMl| Exact::from_decimal(volume.millilitres());
    let (warn, block) = (limits.site_warn_ml.exact()?, limits.site_block_ml.exact()?);
    let mut checks = Vec::new();
    if let Some(site) = planned.sites.iter().max_by_key(|site| site.volume) {
        let volume = exact(site.volume)?;
        let status = if volume > block {
            CheckStatus::Block
        } else if volume > warn {
            CheckStatus::Warn
        } else {
            CheckStatus::Ok
        };
        if status != CheckStatus::Ok {
            let explanation = format!(
                "{} mL into {} is much for one site. Check the volume.",
                site.volume.millilitres(),
                name(site)
            );
            checks.push(
                Check::plain(rules, "site_volume", status, explanation)
                    .with_figures(volume, block, "mL"),
            );
        }
    }
    let parts: Vec<Exact> = planned
        .sites
        .iter()
        .map(|site| exact(site.volume))
        .collect::<Result<_, _>>()?;
    let total = Exact::sum(parts)?;
    let limit = limits.total_warn_ml.exact()?;
    if total > limit {
        let explanation = "The volume of the whole session is unusually large. Check the plan.";
        checks.push(
            Check::plain(
                rules,
                "total_volume",
                CheckStatus::Warn,
                explanation.to_owned(),
            )
            .with_figures(total, limit, "mL"),
        );
    }
    Ok(checks)
}

/// A dry needle brings no fluid, and every fluid comes from a known solution.
fn solutions(planned: &PlannedProcedure, rules: &RuleSet) -> Vec<Check> {
    let mut checks = Vec::new();
    let is_wet = |site: &&PlannedSite| !site.volume.is_zero() || site.solution_index.is_some();
    if planned.kind == ProcedureKind::DryNeedling
        && let Some(site) = planned.sites.iter().find(is_wet)
    {
        let explanation = format!(
            "Dry needling brings no fluid, but {} has some. Check the plan.",
            name(site)
        );
        checks.push(Check::forbidden(
            rules,
            "dry_needling_with_fluid",
            explanation,
        ));
    }
    let unknown = planned.sites.iter().find(|site| match site.solution_index {
        Some(index) => planned.solutions.get(index).is_none(),
        None => !site.volume.is_zero(),
    });
    if let Some(site) = unknown {
        let explanation = format!(
            "It is not known what goes into {}. Check the solution.",
            name(site)
        );
        checks.push(Check {
            override_policy: super::verdict::OverridePolicy::Never,
            ..Check::indeterminate(rules, "site_without_solution", explanation)
        });
    }
    checks
}

fn too_soon(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Result<Option<Check>, NotExact> {
    let days = rules.site.same_place_days.whole()?;
    let free_before = days_before(facts.assessed_at, days)?;
    let places: BTreeSet<String> = planned
        .sites
        .iter()
        .filter_map(|site| {
            let last = facts
                .previous_sites
                .iter()
                .filter(|previous| previous.place.is_same_as(&site.place))
                .map(|previous| previous.needled_at)
                .filter(|needled_at| *needled_at > free_before)
                .max()?;
            Some(format!("{} on {}", name(site), last.date_naive()))
        })
        .collect();
    let places: Vec<String> = places.into_iter().collect();
    Ok((!places.is_empty()).then(|| {
        let explanation = format!(
            "Needled less than {days} days ago: {}. Check whether to repeat it now.",
            places.join(", ")
        );
        Check::plain(rules, "too_soon_same_site", CheckStatus::Warn, explanation)
    }))
}

/// Why a needle entry cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NeedleRefused {
    #[error("the gauge is outside what is used")]
    Gauge,
    #[error("the length is outside what is used")]
    Length,
    #[error("there are too many passes")]
    Passes,
}

impl SiteRules {
    /// Checks gauge, length and passes against the bounds of the rule set.
    pub fn accept_needle(
        &self,
        gauge: Decimal,
        length_mm: Decimal,
        passes: Decimal,
    ) -> Result<(), NeedleRefused> {
        if gauge < self.needle_gauge_minimum.value || gauge > self.needle_gauge_maximum.value {
            return Err(NeedleRefused::Gauge);
        }
        if length_mm < self.needle_length_minimum_mm.value
            || length_mm > self.needle_length_maximum_mm.value
        {
            return Err(NeedleRefused::Length);
        }
        if passes < Decimal::ZERO || passes > self.passes_maximum.value {
            return Err(NeedleRefused::Passes);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Place, PreviousSite};
    use super::super::sample::{at, dry, facts, flagged, found, judge, plan, rules, site, status};
    use super::super::verdict::CheckStatus::{Block, Indeterminate, Ok, Warn};
    use super::super::verdict::OverridePolicy;
    use super::*;
    use crate::kind::Side;
    use crate::sample::decimal;

    #[test]
    fn a_dangerous_place_is_confirmed_site_by_site() {
        for (flags, code, is_acknowledged, expected) in [
            ("PTX", "site_over_lung", false, Some(Warn)),
            ("PTX", "site_over_lung", true, Some(Ok)),
            ("PTX(low)", "site_over_lung", false, Some(Warn)),
            ("NERVE,PTX(12th rib)", "site_over_lung", false, Some(Warn)),
            ("DURA,DEEP", "site_near_dura", false, Some(Warn)),
            ("DURA", "site_near_dura", true, Some(Ok)),
            (
                "VASC(vertebral a., high level)",
                "site_near_vertebral_artery",
                false,
                Some(Warn),
            ),
            (
                "VASC(vertebral a.),DURA",
                "site_near_dura",
                false,
                Some(Warn),
            ),
            (
                "VASC(carotid/jugular)",
                "site_near_vertebral_artery",
                false,
                None,
            ),
            ("VASC", "site_near_vertebral_artery", false, None),
            ("EYE", "site_over_lung", false, None),
            ("", "site_near_dura", false, None),
        ] {
            let mut flagged = flagged("splenius_capitis left", flags);
            flagged.is_caution_acknowledged = is_acknowledged;
            let assessment = judge(&facts(), &dry(vec![flagged]));
            assert_eq!(
                status(&assessment, code),
                expected,
                "{flags} {is_acknowledged}"
            );
            if let Some(check) = found(&assessment, code) {
                assert_eq!(check.needs_acknowledgement, !is_acknowledged, "{flags}");
            }
        }
        let mut first = flagged("trapezius left", "PTX");
        first.is_caution_acknowledged = true;
        let second = flagged("rhomboid_major left", "PTX");
        let assessment = judge(&facts(), &dry(vec![first, second]));
        let check = found(&assessment, "site_over_lung").unwrap();
        assert_eq!(check.status, Warn);
        assert!(check.explanation.contains("rhomboid_major (left)"));
        assert!(!check.explanation.contains("trapezius"));
    }

    #[test]
    fn volumes_have_bounds() {
        for (volume, expected) in [
            ("2", None),
            ("2.000001", Some(Warn)),
            ("5", Some(Warn)),
            ("5.000001", Some(Block)),
        ] {
            let mut planned = plan(&["saline 0.9 percent 10"]);
            planned.sites = vec![
                site("masseter left", "0.1", Some(0)),
                site("scm left", volume, Some(0)),
            ];
            assert_eq!(
                status(&judge(&facts(), &planned), "site_volume"),
                expected,
                "{volume}"
            );
        }
        for (total, expected) in [("40", None), ("40.000001", Some(Warn))] {
            let planned = plan(&[&format!("saline 0.9 percent {total}")]);
            assert_eq!(
                status(&judge(&facts(), &planned), "total_volume"),
                expected,
                "{total}"
            );
        }
    }

    #[test]
    fn a_dry_needle_brings_no_fluid() {
        for (volume, solution, expected) in [
            ("0", None, None),
            ("0.1", None, Some(Block)),
            ("0", Some(0), Some(Block)),
        ] {
            let assessment = judge(&facts(), &dry(vec![site("scm left", volume, solution)]));
            assert_eq!(
                status(&assessment, "dry_needling_with_fluid"),
                expected,
                "{volume}"
            );
            if let Some(check) = found(&assessment, "dry_needling_with_fluid") {
                assert_eq!(check.override_policy, OverridePolicy::Never);
            }
        }
    }

    #[test]
    fn every_fluid_comes_from_a_known_solution() {
        for (volume, solution, expected) in [
            ("0.5", Some(0), None),
            ("0.5", Some(1), Some(Indeterminate)),
            ("0.5", None, Some(Indeterminate)),
            ("0", None, None),
        ] {
            let mut planned = plan(&["lidocaine 1 percent 1"]);
            planned.sites = vec![site("scm left", volume, solution)];
            let assessment = judge(&facts(), &planned);
            assert_eq!(
                status(&assessment, "site_without_solution"),
                expected,
                "{volume}"
            );
            if let Some(check) = found(&assessment, "site_without_solution") {
                assert_eq!(check.override_policy, OverridePolicy::Never);
            }
        }
    }

    #[test]
    fn the_same_place_rests_for_six_weeks() {
        for (muscle, side, needled_at, expected) in [
            ("temporalis", Side::Left, "2026-10-11T12:00:00Z", None),
            ("temporalis", Side::Left, "2026-10-11T12:00:01Z", Some(Warn)),
            ("temporalis", Side::Left, "2026-11-20T12:00:00Z", Some(Warn)),
            ("temporalis", Side::Right, "2026-11-20T12:00:00Z", None),
            ("masseter", Side::Left, "2026-11-20T12:00:00Z", None),
        ] {
            let mut patient = facts();
            patient.previous_sites.push(PreviousSite {
                place: Place::of_muscle(muscle, side),
                caution_flags: Vec::new(),
                needled_at: at(needled_at),
            });
            let assessment = judge(&patient, &dry(vec![site("temporalis left", "0", None)]));
            assert_eq!(
                status(&assessment, "too_soon_same_site"),
                expected,
                "{needled_at}"
            );
        }
    }

    #[test]
    fn needles_stay_within_what_is_used() {
        for (gauge, length, passes, expected) in [
            ("18", "4", "0", Result::Ok(())),
            ("34", "100", "20", Result::Ok(())),
            ("17", "13", "1", Err(NeedleRefused::Gauge)),
            ("35", "13", "1", Err(NeedleRefused::Gauge)),
            ("30", "3.9", "1", Err(NeedleRefused::Length)),
            ("30", "100.1", "1", Err(NeedleRefused::Length)),
            ("30", "13", "21", Err(NeedleRefused::Passes)),
            ("30", "13", "-1", Err(NeedleRefused::Passes)),
        ] {
            let accepted =
                rules()
                    .site
                    .accept_needle(decimal(gauge), decimal(length), decimal(passes));
            assert_eq!(accepted, expected, "{gauge}G {length} mm {passes}");
        }
    }
}
