//! The needle at a site: longer than the catalogue has over a lung, or not drawn back beside a large vessel.

use super::facts::{PlannedProcedure, PlannedSite};
use super::rules::RuleSet;
use super::site::{has_flag, name};
use super::verdict::{Check, CheckStatus};

/// Needles over the lung that are longer than the catalogue has, and fluid beside a large vessel without
/// drawing back first.
pub(super) fn check(planned: &PlannedProcedure, rules: &RuleSet) -> Vec<Check> {
    let limits = &rules.site;
    let long: Vec<String> = planned
        .sites
        .iter()
        .filter(|site| has_flag(&site.caution_flags, &limits.lung_flag_prefix))
        .filter_map(|site| Some((site, site.needle?)))
        .filter_map(|(site, needle)| Some((site, needle.length_mm, needle.longest_usual_mm?)))
        .filter(|(_, length, longest)| length > longest)
        .map(|(site, length, longest)| {
            format!("{}: {length} mm instead of {longest} mm", name(site))
        })
        .collect();
    let is_by_vessel = |site: &PlannedSite| {
        let mut prefixes = limits.aspirated_flag_prefixes.iter();
        prefixes.any(|prefix| has_flag(&site.caution_flags, prefix))
    };
    let unaspirated: Vec<String> = planned
        .sites
        .iter()
        .filter(|site| !site.volume.is_zero() && is_by_vessel(site))
        .filter(|site| site.needle.is_some_and(|needle| !needle.is_aspirated))
        .map(name)
        .collect();
    let long = (!long.is_empty()).then(|| {
        let explanation = format!(
            "The needle is longer than the catalogue has for a place over the lung ({}). Check the needle \
             and the depth.",
            long.join("; ")
        );
        Check::plain(rules, "needle_long_over_lung", CheckStatus::Warn, explanation)
    });
    let unaspirated = (!unaspirated.is_empty()).then(|| {
        let explanation = format!(
            "Nothing says that it was drawn back beside a large vessel: {}. Check for signs of an injection \
             into the vessel.",
            unaspirated.join(", ")
        );
        Check::plain(rules, "not_aspirated_near_vessel", CheckStatus::Warn, explanation)
    });
    long.into_iter().chain(unaspirated).collect()
}

#[cfg(test)]
mod tests {
    use super::super::facts::{PlannedNeedle, caution_flags};
    use super::super::sample::{facts, judge, plan, status};
    use super::super::verdict::CheckStatus::Warn;

    #[test]
    fn a_long_needle_over_the_lung_is_named() {
        for (flags, length_mm, longest_usual_mm, expected) in [
            ("PTX", 38, Some(38), None),
            ("PTX", 39, Some(38), Some(Warn)),
            ("PTX(low)", 50, Some(25), Some(Warn)),
            ("PTX", 90, None, None),
            ("DURA", 90, Some(38), None),
        ] {
            let mut planned = plan(&["lidocaine 1 percent 1"]);
            planned.sites[0].caution_flags = caution_flags(flags);
            planned.sites[0].needle = Some(PlannedNeedle {
                length_mm,
                longest_usual_mm,
                is_aspirated: true,
            });
            let found = status(&judge(&facts(), &planned), "needle_long_over_lung");
            assert_eq!(found, expected, "{flags} {length_mm}");
        }
    }

    #[test]
    fn fluid_beside_a_large_vessel_is_drawn_back_on_first() {
        for (flags, volume, is_aspirated, expected) in [
            ("VASC(carotid/jugular),PTX(low)", "1", false, Some(Warn)),
            ("VASC(carotid/jugular)", "1", true, None),
            ("VASC(carotid/jugular)", "0", false, None),
            ("VASC(vertebral a., high level)", "1", false, Some(Warn)),
            ("PTX,VASC(subclavian)", "1", false, Some(Warn)),
            ("VASC(superficial temporal a.)", "1", false, None),
            ("PTX", "1", false, None),
        ] {
            let mut planned = plan(&["lidocaine 1 percent 1"]);
            planned.sites[0].caution_flags = caution_flags(flags);
            planned.sites[0].volume = crate::sample::ml(volume);
            planned.sites[0].needle = Some(PlannedNeedle {
                length_mm: 25,
                longest_usual_mm: Some(25),
                is_aspirated,
            });
            let found = status(&judge(&facts(), &planned), "not_aspirated_near_vessel");
            assert_eq!(found, expected, "{flags} {volume} {is_aspirated}");
        }
    }
}
