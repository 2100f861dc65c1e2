//! The answer of the rules: one check per question, and the strictest of them for the whole.
//!
//! A check that could not be answered is `indeterminate` and stops like a block: not knowing a
//! weight is no reason to inject. Sentences tell the clinician what to check; the program never
//! calls anything safe.

use rust_decimal::Decimal;

use super::rules::{RuleSet, Severity};
use crate::exact::Exact;
use crate::text::text_enum;

const SHOWN_PLACES: u32 = 4;

text_enum! {
    /// How a check came out, from harmless to strictest.
    pub enum CheckStatus {
        Ok = "ok",
        Warn = "warn",
        Indeterminate = "indeterminate",
        Block = "block",
    }
}

impl CheckStatus {
    /// The status of a check when a rule of this severity applies.
    const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Absolute => Self::Block,
            Severity::Relative => Self::Warn,
            Severity::Inform => Self::Ok,
        }
    }

    /// Whether the procedure may not be completed without more.
    pub const fn stops(self) -> bool {
        matches!(self, Self::Indeterminate | Self::Block)
    }
}

text_enum! {
    /// Who may go on in spite of a check that stops.
    pub enum OverridePolicy {
        ByProvider = "by_provider",
        Never = "never",
    }
}

/// The answer to one question, with the figures behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub code: String,
    pub status: CheckStatus,
    /// What was allowed, rounded for reading.
    pub limit: Option<Decimal>,
    /// What was measured, rounded for reading.
    pub actual: Option<Decimal>,
    /// What was measured, as the decision was made on it; more is worse.
    pub exact_actual: Option<Exact>,
    /// Share of the limit, rounded for reading.
    pub fraction: Option<Decimal>,
    pub unit: Option<String>,
    pub rule_version: String,
    pub explanation: String,
    pub override_policy: OverridePolicy,
    /// Whether the clinician must confirm having read it before going on.
    pub needs_acknowledgement: bool,
}

impl Check {
    /// A check without figures.
    pub(super) fn plain(
        rules: &RuleSet,
        code: &str,
        status: CheckStatus,
        explanation: String,
    ) -> Self {
        Self {
            code: code.to_owned(),
            status,
            limit: None,
            actual: None,
            exact_actual: None,
            fraction: None,
            unit: None,
            rule_version: rules.version.clone(),
            explanation,
            override_policy: OverridePolicy::ByProvider,
            needs_acknowledgement: status == CheckStatus::Warn,
        }
    }

    /// A check of a rule row with a severity.
    pub(super) fn of_severity(
        rules: &RuleSet,
        code: &str,
        severity: Severity,
        explanation: String,
    ) -> Self {
        Self::plain(rules, code, CheckStatus::of(severity), explanation)
    }

    /// A question that could not be answered.
    pub(super) fn indeterminate(rules: &RuleSet, code: &str, explanation: String) -> Self {
        Self::plain(rules, code, CheckStatus::Indeterminate, explanation)
    }

    /// A refusal that cannot be overridden.
    pub(super) fn forbidden(rules: &RuleSet, code: &str, explanation: String) -> Self {
        Self {
            override_policy: OverridePolicy::Never,
            ..Self::plain(rules, code, CheckStatus::Block, explanation)
        }
    }

    /// Adds what was measured against what.
    pub(super) fn with_figures(mut self, actual: Exact, limit: Exact, unit: &str) -> Self {
        self.actual = actual.rounded(SHOWN_PLACES);
        self.exact_actual = Some(actual);
        self.limit = limit.rounded(SHOWN_PLACES);
        self.fraction = actual
            .checked_div(limit)
            .ok()
            .and_then(|share| share.rounded(SHOWN_PLACES));
        self.unit = Some(unit.to_owned());
        self
    }
}

/// Every check, and the strictest status among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    pub status: CheckStatus,
    pub checks: Vec<Check>,
    /// How long the patient should be observed afterwards.
    pub observation_minutes: u32,
}

impl Assessment {
    /// Joins the checks; the strictest decides.
    pub(super) fn of(checks: Vec<Check>, observation_minutes: u32) -> Self {
        let status = checks
            .iter()
            .map(|check| check.status)
            .max()
            .unwrap_or(CheckStatus::Ok);
        Self {
            status,
            checks,
            observation_minutes,
        }
    }

    /// The checks on which a provider has to decide: to go on against what stops, or having read
    /// what must be acknowledged.
    pub fn to_decide(&self) -> impl Iterator<Item = &Check> {
        self.checks
            .iter()
            .filter(|check| check.status.stops() || check.needs_acknowledgement)
    }

    /// The checks that stop the procedure.
    pub fn stopping(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.status.stops())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: CheckStatus) -> Check {
        Check::plain(&RuleSet::shipped().unwrap(), "any", status, String::new())
    }

    #[test]
    fn the_strictest_check_decides() {
        use CheckStatus::{Block, Indeterminate, Ok, Warn};
        for (statuses, expected) in [
            (vec![], Ok),
            (vec![Ok, Ok], Ok),
            (vec![Ok, Warn, Ok], Warn),
            (vec![Warn, Indeterminate], Indeterminate),
            (vec![Indeterminate, Block, Warn], Block),
        ] {
            let checks = statuses.iter().copied().map(check).collect();
            assert_eq!(Assessment::of(checks, 15).status, expected, "{statuses:?}");
        }
    }

    #[test]
    fn a_provider_decides_on_what_stops_and_on_what_must_be_acknowledged() {
        let informing = Check {
            needs_acknowledgement: false,
            ..check(CheckStatus::Warn)
        };
        let acknowledged = Check {
            needs_acknowledgement: true,
            ..check(CheckStatus::Ok)
        };
        for (asked, decided) in [
            (check(CheckStatus::Ok), false),
            (informing, false),
            (acknowledged, true),
            (check(CheckStatus::Warn), true),
            (check(CheckStatus::Indeterminate), true),
            (check(CheckStatus::Block), true),
        ] {
            let assessment = Assessment::of(vec![asked.clone()], 15);
            let expected: Vec<&Check> = decided.then_some(&asked).into_iter().collect();
            assert_eq!(assessment.to_decide().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn what_is_blocked_or_unknown_stops_and_a_warning_does_not() {
        for (status, stops) in [
            (CheckStatus::Ok, false),
            (CheckStatus::Warn, false),
            (CheckStatus::Indeterminate, true),
            (CheckStatus::Block, true),
        ] {
            assert_eq!(status.stops(), stops);
            assert_eq!(
                Assessment::of(vec![check(status)], 15).stopping().count(),
                usize::from(stops)
            );
            assert_eq!(
                check(status).needs_acknowledgement,
                status == CheckStatus::Warn
            );
        }
    }
}
