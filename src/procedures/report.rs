//! An assessment as it is shown, and as it is stored with a completed procedure.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::decimal::ExactDecimal;

use super::judge::JudgeError;
use super::procedure::Procedure;
use crate::rule_sets::shown;
use tautband_rules::safety::rules::RuleSet;
use tautband_rules::safety::verdict::{Assessment, Check, CheckStatus, OverridePolicy};

/// What speaks against a procedure, check by check. It never says that something is safe.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Safety)]
pub(super) struct SafetyReport {
    /// The strictest among the checks, overridden or not.
    #[schema(value_type = shown::CheckStatus)]
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
    #[schema(value_type = shown::CheckStatus)]
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
    #[schema(value_type = shown::OverridePolicy)]
    override_policy: OverridePolicy,
    /// A provider decided to go on in spite of it, or having read it, as it stands now.
    overridden: bool,
    /// A provider must have read it before the procedure is completed.
    needs_acknowledgement: bool,
    /// The user who read it.
    acknowledged_by: Option<Uuid>,
    acknowledged_at: Option<DateTime<Utc>>,
}

impl CheckReport {
    /// Shows one check of a procedure.
    pub(super) fn new(check: &Check, procedure: &Procedure) -> Self {
        let decision = procedure.decision_on(check);
        let read = decision.filter(|_| check.needs_acknowledgement);
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
            overridden: decision.is_some(),
            needs_acknowledgement: check.needs_acknowledgement,
            acknowledged_by: read.map(|decision| decision.by),
            acknowledged_at: read.map(|decision| decision.at),
        }
    }
}

/// Writes what is shown of an assessment.
pub(super) fn written(value: &impl Serialize) -> Result<serde_json::Value, JudgeError> {
    serde_json::to_value(value).map_err(|error| {
        tracing::error!(%error, "an assessment could not be written");
        JudgeError::Inconsistent
    })
}

impl SafetyReport {
    /// As it is stored with the procedure.
    pub(super) fn stored(&self) -> Result<serde_json::Value, JudgeError> {
        written(self)
    }

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
            may_complete: procedure.obstacles(assessment).next().is_none(),
            rule_version: rules.version.clone(),
            observation_minutes: assessment.observation_minutes,
            assessed_at: at,
        }
    }
}
