//! Codes and payer questions as clients see them.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::claim::Claim;
use crate::rule_sets::shown;
use tautband_rules::coding::drugs::{DrugLine, WasteModifier};
use tautband_rules::coding::payer::{PayerCheck, PayerResult};

/// What would go on a claim. A payer's answer informs and stops nothing.
#[derive(Serialize, ToSchema)]
#[schema(as = Coding)]
pub(super) struct CodingBody {
    /// The one procedure code; null when nothing was needled.
    cpt: Option<String>,
    /// How many distinct muscles it rests on.
    muscle_count: usize,
    notices: Vec<String>,
    hcpcs: Vec<DrugLineBody>,
    icd10: Vec<String>,
    missing_documentation: Vec<String>,
    /// Whose rules were asked.
    payer: String,
    payer_checks: Vec<PayerCheckBody>,
    /// Version of the codes and payer rules.
    table_version: String,
}

impl From<Claim> for CodingBody {
    fn from(claim: Claim) -> Self {
        Self {
            cpt: claim.procedure.code,
            muscle_count: claim.procedure.muscle_count,
            notices: claim.procedure.notices,
            hcpcs: claim.drugs.into_iter().map(DrugLineBody::from).collect(),
            icd10: claim.icd10,
            missing_documentation: claim.missing_documentation,
            payer: claim.payer_code,
            payer_checks: claim
                .payer_checks
                .into_iter()
                .map(PayerCheckBody::from)
                .collect(),
            table_version: claim.table_version,
        }
    }
}

/// One drug of a claim.
#[derive(Serialize, ToSchema)]
#[schema(as = CodingDrugLine)]
struct DrugLineBody {
    code: String,
    units: u64,
    /// What is said of the rest of a single-dose vial.
    #[schema(value_type = Option<shown::WasteModifier>)]
    modifier: Option<WasteModifier>,
    notice: Option<String>,
}

impl From<DrugLine> for DrugLineBody {
    fn from(line: DrugLine) -> Self {
        Self {
            code: line.code,
            units: u64::try_from(line.units).unwrap_or(u64::MAX),
            modifier: line.modifier,
            notice: line.notice,
        }
    }
}

/// The answer to one question of a payer.
#[derive(Serialize, ToSchema)]
#[schema(as = PayerCheck)]
struct PayerCheckBody {
    code: &'static str,
    #[schema(value_type = shown::PayerResult)]
    result: PayerResult,
    missing: Vec<String>,
    explanation: String,
}

impl From<PayerCheck> for PayerCheckBody {
    fn from(check: PayerCheck) -> Self {
        Self {
            code: check.code,
            result: check.result,
            missing: check.missing,
            explanation: check.explanation,
        }
    }
}
