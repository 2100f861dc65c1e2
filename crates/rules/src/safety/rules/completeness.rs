//! Whether a rule set has every rule of another.
//!
//! A practice may change figures. It may not remove a check.

use std::collections::BTreeSet;

use super::rule_set::RuleSet;
use super::validation::RuleSetRefused;

impl RuleSet {
    /// Refuses a set that lacks a rule of the other set.
    pub fn keeps_rules_of(&self, other: &Self) -> Result<(), RuleSetRefused> {
        let own = self.rule_names();
        let lost = other
            .rule_names()
            .into_iter()
            .find(|name| !own.contains(name));
        lost.map_or(Ok(()), |name| Err(RuleSetRefused::Missing(name)))
    }

    /// The names of its rows, each with what it is a row of.
    fn rule_names(&self) -> BTreeSet<String> {
        let anaesthetic = &self.local_anaesthetic;
        let limits = anaesthetic
            .limits
            .iter()
            .map(|row| ("limit", &row.ingredient));
        let notices = anaesthetic
            .mixture_notice
            .iter()
            .map(|row| ("mixture notice", &row.ingredient));
        let equivalents = self
            .corticosteroid
            .equivalents
            .iter()
            .map(|row| ("equivalent", &row.ingredient));
        let muscles = self
            .botulinum_toxin
            .muscles
            .iter()
            .map(|row| ("toxin muscle", &row.name));
        let flags = self
            .site
            .acknowledged_flags
            .iter()
            .map(|row| ("site flag", &row.code));
        let groups = self
            .allergy_groups
            .iter()
            .map(|row| ("allergy group", &row.code));
        let medicines = self.medication_groups.iter().map(|row| row.class.as_str());
        let medicines = medicines.map(|class| format!("medication group {class}"));
        let rows = limits
            .chain(notices)
            .chain(equivalents)
            .chain(muscles)
            .chain(flags)
            .chain(groups);
        let named = rows.map(|(kind, name)| format!("{kind} {name}"));
        let against = self.contraindications.iter().map(|row| {
            let applies_to = row.applies_to.as_str();
            format!("contraindication {} for {applies_to}", row.code)
        });
        named.chain(medicines).chain(against).collect()
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::super::sample::{Change, changed};
    use super::*;

    #[test]
    fn a_practice_changes_figures_and_loses_no_rule() {
        let table: [(Change, Option<&str>); 9] = [
            (|r| r.site.total_warn_ml.value = Decimal::TEN, None),
            (
                |r| {
                    r.medication_groups.remove(0);
                },
                Some("medication group anticoagulant"),
            ),
            (
                |r| {
                    r.contraindications
                        .retain(|row| row.code != "needle_phobia");
                },
                Some("contraindication needle_phobia for any"),
            ),
            (
                |r| {
                    r.contraindications.remove(0);
                },
                Some("contraindication allergy_la_amide for amide"),
            ),
            (
                |r| r.allergy_groups.retain(|row| row.code != "latex"),
                Some("allergy group latex"),
            ),
            (
                |r| r.local_anaesthetic.mixture_notice.clear(),
                Some("mixture notice bupivacaine"),
            ),
            (
                |r| r.corticosteroid.equivalents.clear(),
                Some("equivalent betamethasone"),
            ),
            (
                |r| r.site.acknowledged_flags.clear(),
                Some("site flag site_near_dura"),
            ),
            (
                |r| r.botulinum_toxin.muscles.clear(),
                Some("toxin muscle cervical paraspinal"),
            ),
        ];
        let shipped = RuleSet::shipped().unwrap();
        for (index, (spoil, lost)) in table.into_iter().enumerate() {
            let rules = changed(spoil);
            let expected =
                lost.map_or(Ok(()), |name| Err(RuleSetRefused::Missing(name.to_owned())));
            assert_eq!(rules.keeps_rules_of(&shipped), expected, "row {index}");
        }
    }
}
