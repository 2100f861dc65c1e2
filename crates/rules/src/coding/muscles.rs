//! From distinct muscles to the one procedure code of a session.
//!
//! Several injections into one muscle count once; a part counts as its whole muscle and a group
//! as its members. Whether left and right of one muscle count once or twice is read differently
//! by payers, so it is a setting. Wet and dry codes are never given together.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::CodingTable;
use crate::formulary::ReviewState;
use crate::kind::{ProcedureKind, Side};
use crate::text::text_enum;

text_enum! {
    /// How left and right of one muscle are counted.
    pub enum BothSides {
        Once = "once",
        PerSide = "per_side",
    }
}

/// One procedure code and the numbers of muscles it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcedureCode {
    pub code: String,
    pub kind: ProcedureKind,
    pub muscles_from: usize,
    #[serde(default)]
    pub muscles_to: Option<usize>,
    pub wording: String,
    pub valid_from: NaiveDate,
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    pub source: String,
    pub review_state: ReviewState,
}

/// How a row of the muscle catalogue is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CountedAs {
    /// A muscle of its own.
    Muscle,
    /// A part of this muscle.
    PartOf(String),
    /// A group with these members.
    Group(Vec<String>),
}

/// A needled site as it is coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodedSite {
    pub muscle_code: String,
    pub counted_as: CountedAs,
    pub side: Side,
    pub is_dry: bool,
}

/// The code of a session, how many muscles it rests on, and what a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureCoding {
    /// None when nothing was needled or no code is valid on the day.
    pub code: Option<String>,
    pub muscle_count: usize,
    pub notices: Vec<String>,
}

/// Counts distinct muscles.
pub fn count_muscles(sites: &[&CodedSite], both_sides: BothSides) -> usize {
    let mut muscles = BTreeSet::new();
    for site in sites {
        let side = match both_sides {
            BothSides::Once => None,
            BothSides::PerSide => Some(site.side),
        };
        match &site.counted_as {
            CountedAs::Muscle => muscles.extend([(site.muscle_code.as_str(), side)]),
            CountedAs::PartOf(whole) => muscles.extend([(whole.as_str(), side)]),
            CountedAs::Group(members) => {
                muscles.extend(members.iter().map(|member| (member.as_str(), side)));
            }
        }
    }
    muscles.len()
}

/// Finds the one code of a session on its day.
pub fn code_procedure(
    kind: ProcedureKind,
    sites: &[CodedSite],
    on: NaiveDate,
    both_sides: BothSides,
    table: &CodingTable,
) -> ProcedureCoding {
    let has_wet = sites.iter().any(|site| !site.is_dry);
    let kind = match kind {
        ProcedureKind::BotulinumToxin => kind,
        _ if has_wet => ProcedureKind::TriggerPointInjection,
        _ => ProcedureKind::DryNeedling,
    };
    let coded: Vec<&CodedSite> = sites.iter().filter(|site| site.is_dry != has_wet).collect();
    let muscle_count = count_muscles(&coded, both_sides);
    let row = table.procedure_codes.iter().find(|row| {
        row.kind == kind
            && muscle_count >= row.muscles_from
            && row.muscles_to.is_none_or(|most| muscle_count <= most)
            && is_valid(row.valid_from, row.valid_to, on)
    });
    let mut notices = Vec::new();
    if has_wet && sites.iter().any(|site| site.is_dry) {
        notices.push("Dry sites of the same session are not coded beside injections.".to_owned());
    }
    if coded
        .iter()
        .any(|site| matches!(site.counted_as, CountedAs::Group(_)))
    {
        notices.push(
            "A muscle group counts as its members; check that each member was needled.".to_owned(),
        );
    }
    notices.extend(split_muscles(&coded, table));
    let code = row.map(|row| row.code.clone());
    ProcedureCoding {
        code,
        muscle_count,
        notices,
    }
}

/// Muscles of which two parts were needled that some payer may count apart.
fn split_muscles(sites: &[&CodedSite], table: &CodingTable) -> Vec<String> {
    table
        .ask_payer_about
        .iter()
        .filter(|whole| {
            let parts: BTreeSet<&str> = sites
                .iter()
                .filter(|site| site.counted_as == CountedAs::PartOf((*whole).clone()))
                .map(|site| site.muscle_code.as_str())
                .collect();
            parts.len() > 1
        })
        .map(|whole| format!("Parts of {whole} count once here; ask the payer."))
        .collect()
}

/// Whether a dated row is valid on a day; both ends belong to it.
pub(super) fn is_valid(from: NaiveDate, to: Option<NaiveDate>, on: NaiveDate) -> bool {
    on >= from && to.is_none_or(|to| on <= to)
}

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::*;

    static TABLE: std::sync::LazyLock<CodingTable> =
        std::sync::LazyLock::new(|| CodingTable::shipped().unwrap());

    fn coded(text: &str) -> CodedSite {
        let words: Vec<&str> = text.split_whitespace().collect();
        let counted_as = match words[0] {
            "trapezius_upper" | "trapezius_lower" => CountedAs::PartOf("trapezius".to_owned()),
            "multifidus_cervicis" | "multifidus_lumborum" => {
                CountedAs::PartOf("multifidus".to_owned())
            }
            "masseter_deep" => CountedAs::PartOf("masseter".to_owned()),
            "suboccipital_group" => CountedAs::Group(
                ["major", "minor", "superior", "inferior"]
                    .map(str::to_owned)
                    .into(),
            ),
            _ => CountedAs::Muscle,
        };
        CodedSite {
            muscle_code: words[0].to_owned(),
            counted_as,
            side: words
                .get(1)
                .and_then(|side| Side::parse(side))
                .unwrap_or(Side::Left),
            is_dry: words.last() == Some(&"dry"),
        }
    }

    fn coding(kind: &str, sites: &str, both_sides: BothSides) -> ProcedureCoding {
        let sites: Vec<CodedSite> = sites
            .split(',')
            .filter(|text| !text.is_empty())
            .map(coded)
            .collect();
        let kind = ProcedureKind::parse(kind).unwrap();
        let on = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        code_procedure(kind, &sites, on, both_sides, &TABLE)
    }

    #[test]
    fn the_code_follows_from_distinct_muscles() {
        use BothSides::{Once, PerSide};
        let injection = "trigger_point_injection";
        for (kind, sites, both_sides, code, count) in [
            (injection, "trapezius left", Once, Some("20552"), 1),
            (
                injection,
                "trapezius left,trapezius right",
                Once,
                Some("20552"),
                1,
            ),
            (
                injection,
                "trapezius left,trapezius right",
                PerSide,
                Some("20552"),
                2,
            ),
            (
                injection,
                "trapezius,scm,temporalis",
                Once,
                Some("20553"),
                3,
            ),
            (
                injection,
                "trapezius_upper,trapezius_lower",
                Once,
                Some("20552"),
                1,
            ),
            (
                injection,
                "trapezius_upper,trapezius_lower",
                PerSide,
                Some("20552"),
                1,
            ),
            (
                injection,
                "trapezius_upper,trapezius",
                Once,
                Some("20552"),
                1,
            ),
            (injection, "trapezius,scm", Once, Some("20552"), 2),
            (
                injection,
                "trapezius left,trapezius right,scm left",
                Once,
                Some("20552"),
                2,
            ),
            (
                injection,
                "trapezius left,trapezius right,scm left",
                PerSide,
                Some("20553"),
                3,
            ),
            (injection, "scm,scm,scm,scm", Once, Some("20552"), 1),
            (
                injection,
                "trapezius,scm,temporalis,masseter",
                Once,
                Some("20553"),
                4,
            ),
            (
                injection,
                "masseter_deep,masseter,temporalis",
                Once,
                Some("20552"),
                2,
            ),
            (injection, "suboccipital_group", Once, Some("20553"), 4),
            (
                injection,
                "suboccipital_group,major",
                Once,
                Some("20553"),
                4,
            ),
            (
                injection,
                "multifidus_cervicis,multifidus_lumborum",
                Once,
                Some("20552"),
                1,
            ),
            (
                injection,
                "trapezius,scm left dry,temporalis left dry",
                Once,
                Some("20552"),
                1,
            ),
            (injection, "trapezius left dry", Once, Some("20560"), 1),
            (injection, "", Once, None, 0),
            ("dry_needling", "a left dry", Once, Some("20560"), 1),
            (
                "dry_needling",
                "a left dry,b left dry",
                Once,
                Some("20560"),
                2,
            ),
            (
                "dry_needling",
                "a left dry,b left dry,c left dry",
                Once,
                Some("20561"),
                3,
            ),
            (
                "dry_needling",
                "a left dry,a right dry,b left dry",
                PerSide,
                Some("20561"),
                3,
            ),
            ("dry_needling", "", Once, None, 0),
            (
                "botulinum_toxin",
                "procerus midline",
                Once,
                Some("64615"),
                1,
            ),
            ("botulinum_toxin", "a,b,c,d,e,f,g", Once, Some("64615"), 7),
        ] {
            let coding = coding(kind, sites, both_sides);
            assert_eq!(coding.code.as_deref(), code, "{kind} {sites} {both_sides}");
            assert_eq!(coding.muscle_count, count, "{kind} {sites} {both_sides}");
        }
    }

    #[test]
    fn what_a_person_should_look_at_is_told() {
        let injection = "trigger_point_injection";
        for (sites, notices) in [
            ("trapezius_upper,trapezius_lower", 0),
            ("multifidus_cervicis,multifidus_lumborum", 1),
            ("multifidus_cervicis left,multifidus_cervicis right", 0),
            ("trapezius,scm left dry", 1),
            ("suboccipital_group", 1),
        ] {
            assert_eq!(
                coding(injection, sites, BothSides::Once).notices.len(),
                notices,
                "{sites}"
            );
        }
    }

    #[test]
    fn a_code_is_given_only_while_it_is_valid() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (to, on, valid) in [
            (None, "2026-01-01", true),
            (None, "2025-12-31", false),
            (Some("2026-03-31"), "2026-03-31", true),
            (Some("2026-03-31"), "2026-04-01", false),
        ] {
            assert_eq!(
                is_valid(day("2026-01-01"), to.map(day), day(on)),
                valid,
                "{to:?} {on}"
            );
        }
        let sites = [coded("trapezius")];
        let kind = ProcedureKind::TriggerPointInjection;
        let early = code_procedure(kind, &sites, day("1990-01-01"), BothSides::Once, &TABLE);
        assert_eq!(early.code, None);
    }
}
