//! Volumes, lungs, and the same place too soon, on every side.

use rust_decimal::Decimal;

use super::super::facts::{Place, PreviousSite};
use super::super::sample::{NOW, at, dry, facts, flagged, measured, plan, site};
use super::super::verdict::CheckStatus::{self, Block, Ok, Warn};
use super::{DAY, Table, seconds_ago};
use crate::kind::Side;
use crate::sample::{decimal, ml};

const SIDES: [&str; 3] = ["left", "right", "midline"];

#[test]
fn every_flag_is_confirmed_site_by_site_and_both_lungs_are_told() {
    let mut table = Table::default();
    for (flag, code) in [
        ("PTX", Some("site_over_lung")),
        ("PTX(low)", Some("site_over_lung")),
        ("PTX(12th rib)", Some("site_over_lung")),
        ("DURA", Some("site_near_dura")),
        ("VASC(vertebral a.)", Some("site_near_vertebral_artery")),
        (
            "VASC(vertebral a., high level)",
            Some("site_near_vertebral_artery"),
        ),
        ("VASC(carotid/jugular)", None),
        ("NERVE", None),
        ("EYE", None),
        ("", None),
    ] {
        for first in SIDES {
            for second in SIDES {
                for confirmed in 0..=2 {
                    let mut sites = vec![
                        flagged(&format!("rhomboid_major {first}"), flag),
                        flagged(&format!("rhomboid_minor {second}"), flag),
                    ];
                    for site in &mut sites[..confirmed] {
                        site.is_caution_acknowledged = true;
                    }
                    let planned = dry(sites);
                    let case = || format!("{flag} {first} {second}, {confirmed} confirmed");
                    for asked in [
                        "site_over_lung",
                        "site_near_dura",
                        "site_near_vertebral_artery",
                    ] {
                        let verdict = if confirmed == 2 { Ok } else { Warn };
                        let told = (code == Some(asked)).then_some(verdict);
                        table.expect((&facts(), &planned), asked, told, &case);
                    }
                    let sides = [first, second];
                    let both = sides.contains(&"left") && sides.contains(&"right");
                    let verdict = if confirmed == 2 { Ok } else { Warn };
                    let told = (both && flag.starts_with("PTX")).then_some(verdict);
                    table.expect((&facts(), &planned), "bilateral_lung_sites", told, &case);
                }
            }
        }
    }
    assert_eq!(table.cases, 10 * 3 * 3 * 3 * 4);
}

#[test]
fn a_lung_that_cannot_be_spared_is_not_needled_over_on_both_sides() {
    let mut table = Table::default();
    for (condition, counts) in [
        ("J43.9", true),
        ("J44.1", true),
        ("Z90.2", true),
        ("J93.9", true),
        ("J45.909", false),
        ("Z90.3", false),
    ] {
        for (flag, first, second, verdict) in [
            ("PTX", "left", "right", Some(Block)),
            ("PTX", "left", "left", Some(Warn)),
            ("PTX", "right", "midline", Some(Warn)),
            ("DURA", "left", "right", None),
        ] {
            let mut patient = facts();
            patient.conditions.push(condition.to_owned());
            let planned = dry(vec![
                flagged(&format!("rhomboid_major {first}"), flag),
                flagged(&format!("rhomboid_minor {second}"), flag),
            ]);
            let code = "contralateral_ptx_or_single_lung";
            let told = verdict.filter(|_| counts);
            table.expect((&patient, &planned), code, told, &|| {
                format!("{condition} {flag} {first} {second}")
            });
        }
    }
    // 200 cm and 74 kg make exactly 18.5.
    for (weight, is_thin) in [("73.999999", true), ("74", false), ("74.000001", false)] {
        for (flag, is_lung) in [("PTX", true), ("DURA", false)] {
            let mut patient = facts();
            patient.weight_kg = Some(measured(weight, NOW));
            patient.height_cm = Some(decimal("200"));
            let planned = dry(vec![flagged("rhomboid_major left", flag)]);
            let told = (is_thin && is_lung).then_some(Warn);
            table.expect((&patient, &planned), "thin_habitus_ptx", told, &|| {
                format!("{weight} {flag}")
            });
        }
    }
    assert_eq!(table.cases, 6 * 4 + 3 * 2);
}

#[test]
fn the_largest_site_and_the_whole_decide_over_volumes() {
    let mut table = Table::default();
    let of_site = |thousandths: i64| -> Option<CheckStatus> {
        match thousandths {
            5_001.. => Some(Block),
            2_001.. => Some(Warn),
            _ => None,
        }
    };
    let volumes = [0, 1, 1_999, 2_000, 2_001, 4_999, 5_000, 5_001];
    for first in volumes {
        for second in volumes {
            let mut planned = plan(&["saline 0.9 percent 20"]);
            planned.sites.truncate(2);
            for (site, volume) in planned.sites.iter_mut().zip([first, second]) {
                site.volume = ml(&Decimal::new(volume, 3).to_string());
            }
            let verdict = of_site(first.max(second));
            table.expect((&facts(), &planned), "site_volume", verdict, &|| {
                format!("{first} and {second} thousandths")
            });
        }
    }
    for sites in [20_u32, 21, 25] {
        for over in [0, 1] {
            let mut planned = plan(&["saline 0.9 percent 60"]);
            planned.sites.truncate(usize::try_from(sites).unwrap());
            let each = Decimal::from(40) / Decimal::from(sites);
            let each = each.trunc_with_scale(6);
            let mut left = Decimal::from(40);
            for site in &mut planned.sites {
                site.volume = ml(&each.to_string());
                left -= each;
            }
            let last = each + left + Decimal::new(over, 6);
            planned.sites[0].volume = ml(&last.to_string());
            let told = (over > 0).then_some(Warn);
            table.expect((&facts(), &planned), "total_volume", told, &|| {
                format!("{sites} sites, {over} too much")
            });
        }
    }
    assert_eq!(table.cases, 64 + 6);
}

#[test]
fn a_place_rests_for_six_weeks_on_its_own_side() {
    let mut table = Table::default();
    for (ago, is_soon) in [
        (1, true),
        (41 * DAY, true),
        (42 * DAY - 1, true),
        (42 * DAY, false),
        (42 * DAY + 1, false),
        (43 * DAY, false),
    ] {
        for before in SIDES {
            for now in SIDES {
                for muscle in ["temporalis", "masseter"] {
                    let mut patient = facts();
                    patient.previous_sites.push(PreviousSite {
                        place: Place::of_muscle(muscle, Side::parse(before).unwrap()),
                        caution_flags: Vec::new(),
                        needled_at: at(&seconds_ago(ago)),
                    });
                    let planned = dry(vec![site(&format!("temporalis {now}"), "0", None)]);
                    let is_same = before == now && muscle == "temporalis";
                    let told = (is_soon && is_same).then_some(Warn);
                    table.expect((&patient, &planned), "too_soon_same_site", told, &|| {
                        format!("{muscle} {before} {ago} s ago, temporalis {now}")
                    });
                }
            }
        }
    }
    assert_eq!(table.cases, 6 * 3 * 3 * 2);
}
