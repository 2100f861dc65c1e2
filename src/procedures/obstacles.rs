//! The checks that keep somebody from completing a procedure, after the decisions on them.

use super::decision::Override;
use super::procedure::Procedure;
use tautband_rules::safety::verdict::{Assessment, Check};

impl Procedure {
    /// The last decision of a provider that holds for this check as it stands now.
    pub(super) fn decision_on(&self, check: &Check) -> Option<&Override> {
        self.overrides
            .iter()
            .rev()
            .find(|decision| decision.covers(check))
    }

    /// Whether a provider decided to go on in spite of this check.
    pub(super) fn has_overridden(&self, check: &Check) -> bool {
        self.decision_on(check).is_some()
    }

    /// The checks that keep anybody from completing: what stops and no provider decided on, and what no
    /// provider has read.
    pub(super) fn obstacles<'a>(
        &'a self,
        assessment: &'a Assessment,
    ) -> impl Iterator<Item = &'a Check> {
        assessment
            .to_decide()
            .filter(|check| !self.has_overridden(check))
    }
}

#[cfg(test)]
mod tests {
    use tautband_rules::safety::verdict::CheckStatus;

    use super::super::decision::sample::{check, decision};
    use super::super::procedure::sample;
    use super::*;

    #[test]
    fn what_must_be_read_keeps_everyone_until_a_provider_read_it() {
        let warning = Check {
            needs_acknowledgement: true,
            ..check(CheckStatus::Warn, Some("0.9"))
        };
        let harmless = check(CheckStatus::Ok, None);
        for (checks, decided, kept) in [
            (vec![warning.clone()], None, 1),
            (vec![warning.clone()], Some("0.9"), 0),
            (vec![warning.clone()], Some("0.89"), 1),
            (vec![harmless], None, 0),
            (vec![check(CheckStatus::Warn, None)], None, 0),
            (vec![check(CheckStatus::Block, None)], None, 1),
            (vec![check(CheckStatus::Indeterminate, None)], None, 1),
        ] {
            let procedure = Procedure {
                overrides: decided
                    .into_iter()
                    .map(|actual| decision(CheckStatus::Warn, Some(actual)))
                    .collect(),
                ..sample::procedure()
            };
            let assessment = Assessment {
                status: CheckStatus::Ok,
                checks,
                observation_minutes: 15,
            };
            let found = procedure.obstacles(&assessment).count();
            assert_eq!(found, kept, "{assessment:?} {decided:?}");
        }
    }
}
