//! The rule set: every figure the engine compares with, as data with its source.
//!
//! No limit is a constant of the program. A set has a version that every check repeats; each
//! figure names where it comes from and how far it has been reviewed, and a practice can publish
//! a set of its own. A set that could not protect a patient (a warning above the block, a drug
//! twice, a missing version) is refused before it can be used.
//!
//! This folder holds what a set says, a file for each subject. The checks that read it are beside
//! the folder.

mod allergy_group;
mod botulinum_toxin;
mod completeness;
mod contraindication;
mod corticosteroid;
mod epinephrine;
mod figure;
mod laboratory_age;
mod local_anaesthetic;
mod medication_group;
mod rule_set;
#[cfg(test)]
mod sample;
mod severity;
mod shipped;
mod site;
mod solution;
mod validation;
mod vitamin_b12;
mod weight;

pub use allergy_group::AllergyGroup;
pub use botulinum_toxin::{BotulinumToxinRules, ToxinMuscle};
pub use contraindication::{AppliesTo, ContraindicationRow, LaboratoryTrigger, OnlyIf, Trigger};
pub use corticosteroid::{CorticosteroidRules, SteroidEquivalent};
pub use epinephrine::EpinephrineRules;
pub use figure::Figure;
pub use laboratory_age::LaboratoryAge;
pub use local_anaesthetic::{
    AnaestheticLimit, DoseCeiling, DoseReduction, LocalAnaestheticRules, NoticeRow,
    PublishedAlternative,
};
pub use medication_group::{KnownMedicines, MedicationGroup, WashOut};
pub use rule_set::RuleSet;
pub use severity::Severity;
pub use site::{SiteFlagRow, SiteRules};
pub use solution::{OpenedVial, SolutionRules};
pub use validation::RuleSetRefused;
pub use vitamin_b12::VitaminB12Rules;
pub use weight::WeightRules;
