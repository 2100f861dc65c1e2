//! Syringes and plans to which the tests of the checklist change one thing.

use super::super::facts::PatientFacts;
use super::super::sample::{dry, judge, plan, site, status};
use super::super::verdict::CheckStatus;

pub(super) const LIDOCAINE: &str = "lidocaine 1 percent 1";
pub(super) const PROCAINE: &str = "procaine 1 percent 1";
pub(super) const STEROID: &str = "triamcinolone_acetonide 10 mg_per_ml 1";
pub(super) const DEXAMETHASONE: &str = "dexamethasone_phosphate 4 mg_per_ml 1";
pub(super) const B12: &str = "cyanocobalamin 1000 mcg_per_ml 1";
pub(super) const EPINEPHRINE: &str = "lidocaine_epinephrine 1 percent 1";
pub(super) const TOXIN: &str = "onabotulinumtoxin_a 50 units_per_ml 2";

/// How the check with this code comes out for a syringe, or for a dry needle without one.
pub(super) fn raised(patient: &PatientFacts, syringe: &str, code: &str) -> Option<CheckStatus> {
    let planned = if syringe.is_empty() {
        dry(vec![site("temporalis left", "0", None)])
    } else {
        plan(&[syringe])
    };
    status(&judge(patient, &planned), code)
}
