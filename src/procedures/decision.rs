//! What a provider decides on a check: to go on against it, or having read it.
//!
//! A decision is for what was known when it was made. It holds while the check is no stricter and what
//! is measured no higher, compared as exact fractions.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use tautband_rules::exact::Exact;
use tautband_rules::safety::verdict::{Check, CheckStatus, OverridePolicy};

/// A provider's decision to go on against a check, or having read it.
#[derive(Debug, Clone)]
pub(crate) struct Override {
    pub(super) check_code: String,
    pub(super) check_status: CheckStatus,
    /// What was measured then, rounded for reading.
    pub(super) actual: Option<Decimal>,
    /// What was measured then; decisions of before it was kept have none.
    pub(super) exact_actual: Option<Exact>,
    /// Why to go on; nothing when a warning was read.
    pub(super) reason: Option<String>,
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

impl Override {
    /// Whether the decision holds for a check as it stands now: no stricter, and no higher figure.
    pub(super) fn covers(&self, check: &Check) -> bool {
        self.check_code == check.code
            && self.check_status >= check.status
            && check.override_policy == OverridePolicy::ByProvider
            && match (check.exact_actual, self.measured()) {
                (None, _) => true,
                (Some(now), Some(then)) => now <= then,
                (Some(_), None) => false,
            }
    }

    fn measured(&self) -> Option<Exact> {
        let rounded = || Exact::from_decimal(self.actual?).ok();
        self.exact_actual.or_else(rounded)
    }
}

#[cfg(test)]
pub(super) mod sample {
    use super::*;

    pub(in crate::procedures) fn exact(text: &str) -> Exact {
        Exact::from_decimal(text.parse().unwrap()).unwrap()
    }

    pub(in crate::procedures) fn check(status: CheckStatus, actual: Option<&str>) -> Check {
        Check {
            code: "local_anaesthetic_dose".to_owned(),
            status,
            limit: None,
            actual: None,
            exact_actual: actual.map(exact),
            fraction: None,
            unit: None,
            rule_version: "1".to_owned(),
            explanation: String::new(),
            override_policy: OverridePolicy::ByProvider,
            needs_acknowledgement: false,
        }
    }

    pub(in crate::procedures) fn decision(
        check_status: CheckStatus,
        actual: Option<&str>,
    ) -> Override {
        Override {
            check_code: "local_anaesthetic_dose".to_owned(),
            check_status,
            actual: actual.map(|text| exact(text).rounded(4).unwrap()),
            exact_actual: actual.map(exact),
            reason: Some("monitored".to_owned()),
            by: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sample::{check, decision, exact};
    use super::*;

    #[test]
    fn an_override_covers_the_dose_it_was_made_for_and_no_more() {
        for (then, now, holds) in [
            ("1.05", "1.05", true),
            ("1.05", "1.04999999", true),
            ("1.05", "1.0501", false),
            ("0.8000001", "0.8000001", true),
            ("0.8000001", "0.8000002", false),
        ] {
            let decision = decision(CheckStatus::Block, Some(then));
            let check = check(CheckStatus::Block, Some(now));
            assert_eq!(decision.covers(&check), holds, "{then} {now}");
        }
    }

    #[test]
    fn an_endless_share_is_covered_while_it_is_the_same_and_no_longer() {
        let third = Exact::ONE.checked_div(Exact::whole(3)).unwrap();
        let smallest = exact("0.0000000000000000000000000001");
        let decision = Override {
            exact_actual: Some(third),
            ..decision(CheckStatus::Block, Some("0.3333"))
        };
        for (now, holds) in [(third, true), (third.checked_add(smallest).unwrap(), false)] {
            let check = Check {
                exact_actual: Some(now),
                ..check(CheckStatus::Block, None)
            };
            assert_eq!(decision.covers(&check), holds, "{now}");
        }
    }

    #[test]
    fn a_decision_of_before_covers_the_figure_that_was_kept_of_it() {
        let decision = Override {
            exact_actual: None,
            ..decision(CheckStatus::Block, Some("1.05"))
        };
        assert!(decision.covers(&check(CheckStatus::Block, Some("1.05"))));
        assert!(!decision.covers(&check(CheckStatus::Block, Some("1.05000001"))));
    }

    #[test]
    fn an_override_of_an_open_question_does_not_cover_the_answer() {
        let decision = decision(CheckStatus::Indeterminate, None);
        assert!(decision.covers(&check(CheckStatus::Indeterminate, None)));
        assert!(!decision.covers(&check(CheckStatus::Block, Some("2"))));
    }

    #[test]
    fn what_nobody_may_override_stays_in_force() {
        let mut check = check(CheckStatus::Block, None);
        check.override_policy = OverridePolicy::Never;
        assert!(!decision(CheckStatus::Block, None).covers(&check));
    }
}
