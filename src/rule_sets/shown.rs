//! The words of the rules as the API document shows them: `#[schema(value_type = shown::Side)]`.
//!
//! `tautband_rules` does not know utoipa, so its sets of words are described through [`Word`].

use tautband_rules::{checklist, coding, dose, formulary, kind, safety};

use crate::platform::text::Word;

pub(crate) type AnaestheticGroup = Word<formulary::AnaestheticGroup>;
pub(crate) type Approach = Word<kind::Approach>;
pub(crate) type CheckStatus = Word<safety::verdict::CheckStatus>;
pub(crate) type ChecklistAnswer = Word<checklist::ChecklistAnswer>;
pub(crate) type ConcentrationUnit = Word<dose::ConcentrationUnit>;
pub(crate) type DrugClass = Word<formulary::DrugClass>;
pub(crate) type LaboratoryCode = Word<checklist::LaboratoryCode>;
pub(crate) type OverridePolicy = Word<safety::verdict::OverridePolicy>;
pub(crate) type PayerResult = Word<coding::payer::PayerResult>;
pub(crate) type Pregnancy = Word<safety::facts::Pregnancy>;
pub(crate) type Preservative = Word<formulary::Preservative>;
pub(crate) type ProcedureKind = Word<kind::ProcedureKind>;
pub(crate) type ReviewState = Word<formulary::ReviewState>;
pub(crate) type Side = Word<kind::Side>;
pub(crate) type SiteFinding = Word<checklist::SiteFinding>;
pub(crate) type WasteModifier = Word<coding::drugs::WasteModifier>;
