//! An assessment as it is shown, and as it is stored with a completed procedure.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::decimal::ExactDecimal;

use super::procedure::Procedure;
use super::safety::rules::RuleSet;
use super::safety::verdict::{Assessment, Check, CheckStatus, OverridePolicy};

/// What speaks against a procedure, check by check. It never says that something is safe.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Safety)]
pub(super) struct SafetyReport {
    /// The strictest among the checks, overridden or not.
    status: CheckStatus,
    checks: Vec<CheckReport>,
    /// Whether the procedure could be completed as far as the checks go.
    may_complete: bool,
    /// Version of the rules that were used.
    rule_version: String,
    /// How long the patient should be observed afterwards.
    observation_minutes: u32,
    assessed_at: DateTime<Utc>,
}

/// The answer to one question, with the figures behind it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SafetyCheck)]
pub(super) struct CheckReport {
    code: String,
    status: CheckStatus,
    limit: Option<ExactDecimal>,
    actual: Option<ExactDecimal>,
    /// Share of the limit, rounded for reading.
    fraction: Option<ExactDecimal>,
    /// Unit of limit and actual.
    unit: Option<String>,
    rule_version: String,
    explanation: String,
    /// Who may go on in spite of it.
    override_policy: OverridePolicy,
    /// A provider decided to go on in spite of it, as it stands now.
    overridden: bool,
    needs_acknowledgement: bool,
}

impl CheckReport {
    /// Shows one check of a procedure.
    pub(super) fn new(check: &Check, procedure: &Procedure) -> Self {
        Self {
            code: check.code.clone(),
            status: check.status,
            limit: check.limit.map(ExactDecimal),
            actual: check.actual.map(ExactDecimal),
            fraction: check.fraction.map(ExactDecimal),
            unit: check.unit.clone(),
            rule_version: check.rule_version.clone(),
            explanation: check.explanation.clone(),
            override_policy: check.override_policy,
            overridden: procedure.has_overridden(check),
            needs_acknowledgement: check.needs_acknowledgement,
        }
    }
}

impl SafetyReport {
    /// Shows the assessment of a procedure.
    pub(super) fn new(
        assessment: &Assessment,
        procedure: &Procedure,
        rules: &RuleSet,
        at: DateTime<Utc>,
    ) -> Self {
        let checks = assessment
            .checks
            .iter()
            .map(|check| CheckReport::new(check, procedure));
        Self {
            status: assessment.status,
            checks: checks.collect(),
            may_complete: assessment
                .stopping()
                .all(|check| procedure.has_overridden(check)),
            rule_version: rules.version.clone(),
            observation_minutes: assessment.observation_minutes,
            assessed_at: at,
        }
    }
}
