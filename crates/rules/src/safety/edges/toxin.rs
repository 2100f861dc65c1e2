//! The template for chronic migraine: units, sites, sides, interval and indication.

use rust_decimal::Decimal;

use super::super::facts::{PlannedProcedure, PlannedSite};
use super::super::sample::{dry, facts, plan, previous, site, stocked};
use super::super::verdict::CheckStatus::{Block, Ok, Warn};
use super::{DAY, Table, seconds_ago};
use crate::formulary::DrugClass;
use crate::kind::ProcedureKind;
use crate::sample::ml;

/// The muscles, how many sites each has, and how many more follow the pain.
const TEMPLATE: [(&str, usize, usize); 7] = [
    ("corrugator_supercilii", 2, 0),
    ("procerus", 1, 0),
    ("frontalis", 4, 0),
    ("temporalis", 8, 2),
    ("occipitalis", 6, 2),
    ("splenius_capitis", 4, 0),
    ("trapezius", 6, 4),
];

/// So many sites of a muscle, in turn on the left and on the right.
fn sites_of(muscle: &str, count: usize) -> Vec<PlannedSite> {
    let sides = if muscle == "procerus" {
        ["midline", "midline"]
    } else {
        ["left", "right"]
    };
    (0..count)
        .map(|index| site(&format!("{muscle} {}", sides[index % 2]), "0.1", Some(0)))
        .collect()
}

/// Sites of 0.1 mL with 5 units each.
fn with_sites(sites: Vec<PlannedSite>) -> PlannedProcedure {
    PlannedProcedure {
        kind: ProcedureKind::BotulinumToxin,
        indications: vec!["G43.709".to_owned()],
        solutions: vec![stocked("onabotulinumtoxin_a 50 units_per_ml 10")],
        ..dry(sites)
    }
}

fn template() -> PlannedProcedure {
    with_sites(
        TEMPLATE
            .iter()
            .flat_map(|(muscle, count, _)| sites_of(muscle, *count))
            .collect(),
    )
}

#[test]
fn the_units_stay_between_155_and_195_at_any_dilution() {
    let mut table = Table::default();
    for per_ml in [10, 20, 25, 40, 50, 100, 200] {
        for (limit, other, before) in [(155, None, 0), (195, None, 0), (195, Some(DAY), 100)] {
            let most = (limit - before) * 1_000_000 / per_ml;
            for volume in [most - 1, most, most + 1] {
                let text = format!(
                    "onabotulinumtoxin_a {per_ml} units_per_ml {}",
                    Decimal::new(volume, 6)
                );
                let mut patient = facts();
                if let Some(ago) = other {
                    let earlier = format!("onabotulinumtoxin_a {before} units");
                    for ago in [ago, ago + 1] {
                        patient.previous_doses.push(previous(
                            DrugClass::BotulinumToxin,
                            &earlier,
                            &seconds_ago(ago),
                        ));
                    }
                }
                let units = volume * per_ml + before * 1_000_000;
                let verdict = if units > 195_000_000 {
                    Block
                } else if units < 155_000_000 {
                    Warn
                } else {
                    Ok
                };
                let judged = (&patient, &plan(&[&text]));
                table.expect(judged, "toxin_units", Some(verdict), &|| text.clone());
            }
        }
    }
    assert_eq!(table.cases, 7 * 3 * 3);
}

#[test]
fn the_sites_are_31_to_39() {
    let mut table = Table::default();
    for count in 0..=45 {
        let planned = with_sites(sites_of("temporalis", count));
        let verdict = if (31..=39).contains(&count) { Ok } else { Warn };
        let case = || format!("{count} sites");
        table.expect((&facts(), &planned), "toxin_sites", Some(verdict), &case);
        // Five units each, so that the units tell the same until there are too many.
        let units = match count {
            40.. => Block,
            31.. => Ok,
            _ => Warn,
        };
        table.expect((&facts(), &planned), "toxin_units", Some(units), &case);
    }
    assert_eq!(table.cases, 46 * 2);
}

#[test]
fn every_muscle_has_its_sites_on_both_sides() {
    let mut table = Table::default();
    for (muscle, fixed, extra) in TEMPLATE {
        let others: Vec<PlannedSite> = template()
            .sites
            .into_iter()
            .filter(|site| site.place.muscle_code != muscle)
            .collect();
        for count in 0..=fixed + extra + 2 {
            let sites = [others.clone(), sites_of(muscle, count)].concat();
            let departs = !(fixed..=fixed + extra).contains(&count);
            let told = departs.then_some(Warn);
            let planned = with_sites(sites);
            table.expect((&facts(), &planned), "toxin_template", told, &|| {
                format!("{count} sites of {muscle}")
            });
        }
        // Half of the fixed sites belongs on each side; the procerus lies in the middle.
        for on_the_left in 0..=fixed {
            let mut own = sites_of(muscle, fixed);
            for (index, site) in own.iter_mut().enumerate() {
                let side = if index < on_the_left { "left" } else { "right" };
                site.place.side = crate::kind::Side::parse(side).unwrap();
            }
            let departs = muscle != "procerus" && on_the_left * 2 != fixed;
            let told = departs.then_some(Warn);
            let planned = with_sites([others.clone(), own].concat());
            table.expect((&facts(), &planned), "toxin_template", told, &|| {
                format!("{on_the_left} of {fixed} sites of {muscle} on the left")
            });
        }
        let foreign = [template().sites, sites_of("masseter", 1)].concat();
        let planned = with_sites(foreign);
        table.expect((&facts(), &planned), "toxin_template", Some(Warn), &|| {
            "a muscle that is no part of it".to_owned()
        });
    }
    let (fixed, most): (u32, u32) = (31, 39);
    assert_eq!(table.cases, (most + 7 * 3) + (fixed + 7) + 7);
}

#[test]
fn a_muscle_departs_by_units_alone_by_sites_alone_and_by_a_side_alone() {
    let mut table = Table::default();
    for (muscle, sites, told) in [
        ("procerus", &[("midline", "0.1")][..], None),
        ("procerus", &[("midline", "0.05")], Some(Warn)),
        (
            "corrugator_supercilii",
            &[("left", "0.1"), ("right", "0.1")],
            None,
        ),
        (
            "corrugator_supercilii",
            &[("left", "0.2"), ("right", "0.1")],
            Some(Warn),
        ),
        (
            "corrugator_supercilii",
            &[("left", "0.05"), ("left", "0.05"), ("right", "0.1")],
            Some(Warn),
        ),
        (
            "corrugator_supercilii",
            &[("left", "0.1"), ("midline", "0.1")],
            Some(Warn),
        ),
        (
            "corrugator_supercilii",
            &[("right", "0.1"), ("midline", "0.1")],
            Some(Warn),
        ),
        (
            "frontalis",
            &[("left", "0.1"), ("left", "0.1"), ("right", "0.2")],
            Some(Warn),
        ),
    ] {
        let own = sites.iter().map(|(side, volume)| PlannedSite {
            volume: ml(volume),
            ..site(&format!("{muscle} {side}"), "0.1", Some(0))
        });
        let others = template().sites.into_iter();
        let others = others.filter(|site| site.place.muscle_code != muscle);
        let planned = with_sites(others.chain(own).collect());
        table.expect((&facts(), &planned), "toxin_template", told, &|| {
            format!("{muscle} {sites:?}")
        });
    }
    assert_eq!(table.cases, 8);
}

#[test]
fn every_site_has_five_units() {
    let mut table = Table::default();
    for (index, site) in template().sites.iter().enumerate() {
        for (volume, told) in [
            ("0.099999", Some(Warn)),
            ("0.1", None),
            ("0.100001", Some(Warn)),
        ] {
            let mut planned = template();
            planned.sites[index].volume = ml(volume);
            table.expect((&facts(), &planned), "toxin_units_per_site", told, &|| {
                format!("{volume} mL into {}", site.place.muscle_code)
            });
        }
    }
    assert_eq!(table.cases, 31 * 3);
}

#[test]
fn twelve_weeks_lie_between_two_sessions_and_chronic_migraine_is_the_reason() {
    let mut table = Table::default();
    for (ago, is_told) in [
        (DAY, true),
        (83 * DAY, true),
        (84 * DAY - 1, true),
        (84 * DAY, false),
        (84 * DAY + 1, false),
        (85 * DAY, false),
    ] {
        let mut patient = facts();
        let earlier = "onabotulinumtoxin_a 5 units";
        let dose = previous(DrugClass::BotulinumToxin, earlier, &seconds_ago(ago));
        patient.previous_doses.push(dose);
        let told = is_told.then_some(Warn);
        table.expect((&patient, &template()), "toxin_interval", told, &|| {
            format!("{ago} s ago")
        });
    }
    for (code, is_named) in [
        ("G43.701", true),
        ("G43.709", true),
        ("G43.711", true),
        ("G43.719", true),
        ("G43.E01", true),
        ("G43.E09", true),
        ("G43.E11", true),
        ("G43.E19", true),
        ("G43.001", false),
        ("G43.109", false),
        ("G43.909", false),
        ("G44.209", false),
        ("M79.12", false),
        ("", false),
    ] {
        let planned = PlannedProcedure {
            indications: vec![code.to_owned()],
            ..template()
        };
        let told = (!is_named).then_some(Warn);
        table.expect((&facts(), &planned), "toxin_indication", told, &|| {
            code.to_owned()
        });
    }
    assert_eq!(table.cases, 6 + 14);
}
