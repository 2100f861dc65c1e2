//! Botulinum toxin for chronic migraine: the template's sites, units and interval.
//!
//! The paradigm fixes how many units each muscle receives and allows a few more where the pain
//! is. Units are sites times the dose of a site. A total outside the studied range, or a muscle
//! outside its row, is a warning. A total above the maximum stops the procedure.

use super::facts::{PatientFacts, PlannedProcedure, PlannedSite, is_listed};
use super::given::{GivenDose, days_before, has_class, hours_before};
use super::rules::{BotulinumToxinRules, RuleSet, ToxinMuscle};
use super::verdict::{Check, CheckStatus};
use crate::dose::DoseRefused;
use crate::exact::{Exact, NotExact};
use crate::formulary::DrugClass;
use crate::kind::{ProcedureKind, Side};

/// Why the plan cannot be compared with the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum TemplateOpen {
    #[error("{0}")]
    Dose(#[from] DoseRefused),
    #[error("{0}")]
    NotExact(#[from] NotExact),
}

/// One site and the units it receives.
struct ToxinSite<'plan> {
    site: &'plan PlannedSite,
    units: Exact,
}

/// Checks a toxin plan against the template.
pub(super) fn check(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    given: &[GivenDose<'_>],
    rules: &RuleSet,
) -> Vec<Check> {
    let is_toxin = planned.kind == ProcedureKind::BotulinumToxin;
    if !is_toxin && !has_class(planned, DrugClass::BotulinumToxin) {
        return Vec::new();
    }
    let mut checks = against_template(facts, given, rules).unwrap_or_else(|error| {
        let explanation = format!("The units cannot be compared with the template: {error}.");
        vec![Check::indeterminate(rules, "toxin_units", explanation)]
    });
    checks.extend(interval(facts, rules).unwrap_or_else(|error| {
        let explanation = format!("Earlier toxin injections cannot be checked: {error}.");
        Some(Check::indeterminate(rules, "toxin_interval", explanation))
    }));
    if is_toxin && !names_chronic_migraine(planned, &rules.botulinum_toxin) {
        checks.push(Check::plain(
            rules,
            "toxin_indication",
            CheckStatus::Warn,
            "No code of chronic migraine is recorded as indication. Check the indication."
                .to_owned(),
        ));
    }
    checks
}

fn against_template(
    facts: &PatientFacts,
    given: &[GivenDose<'_>],
    rules: &RuleSet,
) -> Result<Vec<Check>, TemplateOpen> {
    let sites: Vec<ToxinSite<'_>> = given
        .iter()
        .filter(|dose| dose.component.drug.class == DrugClass::BotulinumToxin)
        .map(|dose| {
            Ok(ToxinSite {
                site: dose.site,
                units: dose.amount.units()?,
            })
        })
        .collect::<Result<_, DoseRefused>>()?;
    let mut checks = vec![
        total_units(facts, &sites, rules)?,
        total_sites(&sites, rules)?,
    ];
    let per_site = rules.botulinum_toxin.units_per_site.exact()?;
    if let Some(odd) = sites.iter().find(|site| site.units != per_site) {
        let explanation = format!(
            "{} does not receive {} units like every site of the template. Check the volume.",
            odd.site.place.muscle_code, rules.botulinum_toxin.units_per_site.value
        );
        checks.push(
            Check::plain(
                rules,
                "toxin_units_per_site",
                CheckStatus::Warn,
                explanation,
            )
            .with_figures(odd.units, per_site, "units"),
        );
    }
    checks.extend(muscles(&sites, rules)?);
    Ok(checks)
}

/// What another procedure gave within the session counts too, so that two are no way around the
/// maximum.
fn total_units(
    facts: &PatientFacts,
    sites: &[ToxinSite<'_>],
    rules: &RuleSet,
) -> Result<Check, TemplateOpen> {
    let template = &rules.botulinum_toxin;
    let session_starts_at = hours_before(facts.assessed_at, template.session_hours.whole()?)?;
    let planned = Exact::sum(sites.iter().map(|site| site.units))?;
    let earlier = facts
        .previous_doses
        .iter()
        .filter(|dose| dose.class == DrugClass::BotulinumToxin)
        .filter(|dose| dose.given_at >= session_starts_at)
        .map(|dose| dose.amount.units());
    let earlier: Vec<Exact> = earlier.collect::<Result<_, _>>()?;
    let total = Exact::sum(earlier)?.checked_add(planned)?;
    let maximum = template.maximum_units.exact()?;
    let (status, advice) = if total > maximum {
        (
            CheckStatus::Block,
            "This is above the maximum. Check the plan.",
        )
    } else if total < template.minimum_units.exact()? {
        (
            CheckStatus::Warn,
            "This is below the template. Check the plan.",
        )
    } else {
        (CheckStatus::Ok, "Check the dilution.")
    };
    let shown = total.rounded(2).unwrap_or_default();
    let explanation = format!("The plan gives {shown} units of toxin. {advice}");
    Ok(Check::plain(rules, "toxin_units", status, explanation)
        .with_figures(total, maximum, "units"))
}

fn total_sites(sites: &[ToxinSite<'_>], rules: &RuleSet) -> Result<Check, TemplateOpen> {
    let template = &rules.botulinum_toxin;
    let count = Exact::whole(u32::try_from(sites.len()).unwrap_or(u32::MAX));
    let maximum = template.maximum_sites.exact()?;
    let is_within = count >= template.minimum_sites.exact()? && count <= maximum;
    let status = if is_within {
        CheckStatus::Ok
    } else {
        CheckStatus::Warn
    };
    let explanation = format!(
        "The plan has {} toxin sites; the template has {} to {}. Check the sites.",
        sites.len(),
        template.minimum_sites.value,
        template.maximum_sites.value
    );
    Ok(Check::plain(rules, "toxin_sites", status, explanation)
        .with_figures(count, maximum, "sites"))
}

fn muscles(sites: &[ToxinSite<'_>], rules: &RuleSet) -> Result<Option<Check>, TemplateOpen> {
    let rows = &rules.botulinum_toxin.muscles;
    let mut deviations = Vec::new();
    for row in rows {
        let own: Vec<&ToxinSite<'_>> = sites.iter().filter(|site| is_of(row, site)).collect();
        deviations.extend(deviation(row, &own)?);
    }
    let foreign = sites
        .iter()
        .filter(|site| !rows.iter().any(|row| is_of(row, site)));
    deviations
        .extend(foreign.map(|site| format!("{} is not part of it", site.site.place.muscle_code)));
    deviations.dedup();
    Ok((!deviations.is_empty()).then(|| {
        let explanation = format!(
            "The plan differs from the template: {}. Check each.",
            deviations.join("; ")
        );
        Check::plain(rules, "toxin_template", CheckStatus::Warn, explanation)
    }))
}

fn is_of(row: &ToxinMuscle, site: &ToxinSite<'_>) -> bool {
    row.muscle_codes.contains(&site.site.place.muscle_code)
        || row.muscle_codes.contains(&site.site.place.counted_as)
}

fn deviation(row: &ToxinMuscle, own: &[&ToxinSite<'_>]) -> Result<Option<String>, TemplateOpen> {
    let fixed = Exact::from_decimal(row.fixed_units)?;
    let most = fixed.checked_add(Exact::from_decimal(row.extra_units)?)?;
    let total = Exact::sum(own.iter().map(|site| site.units))?;
    let most_sites = row.fixed_sites.saturating_add(row.extra_sites);
    let count = u32::try_from(own.len()).unwrap_or(u32::MAX);
    let is_outside = total < fixed || total > most || count < row.fixed_sites || count > most_sites;
    if is_outside {
        let shown = total.rounded(2).unwrap_or_default();
        return Ok(Some(format!(
            "{} has {shown} units at {count} sites instead of {} at {}",
            row.name, row.fixed_units, row.fixed_sites
        )));
    }
    let half = fixed.checked_div(Exact::whole(2))?;
    for side in [Side::Left, Side::Right] {
        let on_side = own.iter().filter(|site| site.site.place.side == side);
        let units = Exact::sum(on_side.map(|site| site.units))?;
        if !row.is_midline && units < half {
            return Ok(Some(format!("{} has too little on the {side}", row.name)));
        }
    }
    Ok(None)
}

fn interval(facts: &PatientFacts, rules: &RuleSet) -> Result<Option<Check>, NotExact> {
    let days = rules.botulinum_toxin.interval_days.whole()?;
    let free_before = days_before(facts.assessed_at, days)?;
    let last = facts
        .previous_doses
        .iter()
        .filter(|dose| dose.class == DrugClass::BotulinumToxin)
        .map(|dose| dose.given_at)
        .max();
    Ok(last.filter(|last| *last > free_before).map(|last| {
        let explanation = format!(
            "The last toxin injection was on {}, less than {days} days ago. Check the interval.",
            last.date_naive()
        );
        Check::plain(rules, "toxin_interval", CheckStatus::Warn, explanation)
    }))
}

fn names_chronic_migraine(planned: &PlannedProcedure, rules: &BotulinumToxinRules) -> bool {
    planned.indications.iter().any(|code| {
        rules
            .indication_prefixes
            .iter()
            .any(|listed| is_listed(code, listed))
    })
}

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::sample::{at, facts, found, judge, plan, previous, site, status};
    use super::super::verdict::CheckStatus::{self, Block, Ok, Warn};
    use super::*;

    const FIXED: [(&str, &str, usize); 13] = [
        ("corrugator_supercilii", "left", 1),
        ("corrugator_supercilii", "right", 1),
        ("procerus", "midline", 1),
        ("frontalis", "left", 2),
        ("frontalis", "right", 2),
        ("temporalis", "left", 4),
        ("temporalis", "right", 4),
        ("occipitalis", "left", 3),
        ("occipitalis", "right", 3),
        ("splenius_capitis", "left", 2),
        ("semispinalis_capitis", "right", 2),
        ("trapezius", "left", 3),
        ("trapezius_upper", "right", 3),
    ];
    const EXTRA: [(&str, &str, usize); 6] = [
        ("temporalis", "left", 1),
        ("temporalis", "right", 1),
        ("occipitalis", "left", 1),
        ("occipitalis", "right", 1),
        ("trapezius", "left", 2),
        ("trapezius", "right", 2),
    ];

    fn toxin(rows: &[(&str, &str, usize)]) -> PlannedProcedure {
        let mut planned = plan(&["onabotulinumtoxin_a 50 units_per_ml 4"]);
        planned.kind = ProcedureKind::BotulinumToxin;
        planned.indications = vec!["G43.709".to_owned()];
        planned.sites = rows
            .iter()
            .flat_map(|(muscle, side, count)| {
                let mut one = site(&format!("{muscle} {side}"), "0.1", Some(0));
                if muscle.starts_with("trapezius") {
                    one.place.counted_as = "trapezius".to_owned();
                }
                std::iter::repeat_n(one, *count)
            })
            .collect();
        planned
    }

    fn with_extra(extra: &[(&str, &str, usize)]) -> PlannedProcedure {
        toxin(&[&FIXED[..], extra].concat())
    }

    #[test]
    fn the_template_and_its_extra_sites_are_within() {
        for (planned, sites, units) in [
            (with_extra(&[]), 31, "155"),
            (with_extra(&EXTRA), 39, "195"),
            (with_extra(&EXTRA[..1]), 32, "160"),
        ] {
            assert_eq!(planned.sites.len(), sites);
            let assessment = judge(&facts(), &planned);
            let check = found(&assessment, "toxin_units").unwrap();
            assert_eq!(
                (check.status, check.actual.unwrap().to_string().as_str()),
                (Ok, units)
            );
            assert_eq!(status(&assessment, "toxin_sites"), Some(Ok));
            for code in [
                "toxin_template",
                "toxin_units_per_site",
                "toxin_indication",
                "toxin_interval",
            ] {
                assert_eq!(status(&assessment, code), None, "{code}");
            }
        }
    }

    #[test]
    fn every_departure_from_the_template_is_told() {
        type Change = fn(&mut PlannedProcedure);
        let table: [(Change, &str, Option<CheckStatus>); 14] = [
            (
                |p| {
                    p.sites.pop();
                },
                "toxin_units",
                Some(Warn),
            ),
            (
                |p| {
                    p.sites.pop();
                },
                "toxin_sites",
                Some(Warn),
            ),
            (
                |p| {
                    p.sites.pop();
                },
                "toxin_template",
                Some(Warn),
            ),
            (
                |p| p.sites.push(site("masseter left", "0.1", Some(0))),
                "toxin_template",
                Some(Warn),
            ),
            (
                |p| p.sites.push(site("frontalis left", "0.1", Some(0))),
                "toxin_template",
                Some(Warn),
            ),
            (
                |p| p.sites[0].volume = crate::sample::ml("0.11"),
                "toxin_units_per_site",
                Some(Warn),
            ),
            (
                |p| p.sites[0].volume = crate::sample::ml("0.100001"),
                "toxin_units_per_site",
                Some(Warn),
            ),
            (
                |p| p.sites[5].place.side = Side::Right,
                "toxin_template",
                None,
            ),
            (
                |p| p.sites[0].place.side = Side::Right,
                "toxin_template",
                Some(Warn),
            ),
            (
                |p| p.sites[0].volume = crate::sample::ml("0.9"),
                "toxin_units",
                Some(Ok),
            ),
            (
                |p| p.sites[0].volume = crate::sample::ml("0.900001"),
                "toxin_units",
                Some(Block),
            ),
            (
                |p| p.indications = vec!["G43.E09".to_owned()],
                "toxin_indication",
                None,
            ),
            (
                |p| p.indications = vec!["G43.009".to_owned()],
                "toxin_indication",
                Some(Warn),
            ),
            (|p| p.indications.clear(), "toxin_indication", Some(Warn)),
        ];
        for (index, (change, code, expected)) in table.into_iter().enumerate() {
            let mut planned = with_extra(&[]);
            change(&mut planned);
            let actual = status(&judge(&facts(), &planned), code);
            assert_eq!(actual, expected, "row {index} {code}");
        }
    }

    #[test]
    fn one_site_more_than_the_paradigm_allows_blocks() {
        let mut planned = with_extra(&EXTRA);
        planned.sites.push(site("trapezius left", "0.1", Some(0)));
        let assessment = judge(&facts(), &planned);
        assert_eq!(status(&assessment, "toxin_units"), Some(Block));
        assert_eq!(status(&assessment, "toxin_sites"), Some(Warn));
        assert_eq!(status(&assessment, "toxin_template"), Some(Warn));
    }

    #[test]
    fn two_procedures_of_one_day_are_one_session_of_toxin() {
        for (earlier, given_at, expected) in [
            ("onabotulinumtoxin_a 40 units", "2026-11-22T11:00:00Z", Ok),
            (
                "onabotulinumtoxin_a 40.000001 units",
                "2026-11-22T11:00:00Z",
                Block,
            ),
            (
                "onabotulinumtoxin_a 195 units",
                "2026-11-21T12:00:00Z",
                Block,
            ),
            ("onabotulinumtoxin_a 195 units", "2026-11-21T11:59:59Z", Ok),
        ] {
            let mut patient = facts();
            let class = DrugClass::BotulinumToxin;
            patient
                .previous_doses
                .push(previous(class, earlier, given_at));
            let assessment = judge(&patient, &with_extra(&[]));
            let found = status(&assessment, "toxin_units");
            assert_eq!(found, Some(expected), "{earlier} {given_at}");
        }
    }

    #[test]
    fn twelve_weeks_lie_between_toxin_injections() {
        for (given_at, expected) in [
            ("2026-08-30T12:00:00Z", None),
            ("2026-08-30T12:00:01Z", Some(Warn)),
            ("2026-11-01T12:00:00Z", Some(Warn)),
        ] {
            let mut patient = facts();
            let dose = previous(
                DrugClass::BotulinumToxin,
                "onabotulinumtoxin_a 155 units",
                given_at,
            );
            patient.previous_doses.push(dose);
            let assessment = judge(&patient, &with_extra(&[]));
            assert_eq!(
                status(&assessment, "toxin_interval"),
                expected,
                "{given_at}"
            );
            assert!(patient.assessed_at > at(given_at));
        }
    }

    #[test]
    fn other_procedures_are_not_asked_about_toxin() {
        let assessment = judge(&facts(), &plan(&["lidocaine 1 percent 1"]));
        for code in ["toxin_units", "toxin_sites", "toxin_indication"] {
            assert_eq!(status(&assessment, code), None);
        }
    }
}
