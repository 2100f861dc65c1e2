//! What may be drawn up: the drugs a solution can hold, as data.
//!
//! The safety rules ask for the active ingredient and the class, never for a product name, so a
//! new product is a new row. The usual preservative is what the rule falls back on when the lot
//! does not say; an unknown preservative is said to be unknown.

use serde::{Deserialize, Serialize};

use super::dose::Concentration;
use crate::text::text_enum;

const SHIPPED: &str = include_str!("shipped_formulary.json");

text_enum! {
    /// What a component is for.
    pub enum DrugClass {
        LocalAnaesthetic = "local_anaesthetic",
        Corticosteroid = "corticosteroid",
        VitaminB12 = "vitamin_b12",
        BotulinumToxin = "botulinum_toxin",
        Vasoconstrictor = "vasoconstrictor",
        Saline = "saline",
        SterileWater = "sterile_water",
        Biologic = "biologic",
        Other = "other",
    }
}

text_enum! {
    /// The chemical group of a local anaesthetic; allergies go by it.
    pub enum AnaestheticGroup {
        Amide = "amide",
        Ester = "ester",
    }
}

text_enum! {
    /// What keeps a vial sterile once opened.
    pub enum Preservative {
        Free = "none",
        Methylparaben = "methylparaben",
        BenzylAlcohol = "benzyl_alcohol",
        Sulfite = "sulfite",
        MethylparabenAndSulfite = "methylparaben_and_sulfite",
        BenzalkoniumChloride = "benzalkonium_chloride",
        Unknown = "unknown",
    }
}

text_enum! {
    /// How far a shipped fact has been checked.
    pub enum ReviewState {
        AwaitingClinicianReview = "awaiting_clinician_review",
        SourcesConflict = "sources_conflict",
        Reviewed = "reviewed",
    }
}

/// One drug that may be a component of a solution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drug {
    pub code: String,
    pub name: String,
    /// The active substance that limits and allergies are written for.
    pub ingredient: String,
    pub class: DrugClass,
    #[serde(default)]
    pub group: Option<AnaestheticGroup>,
    /// The vasoconstrictor that the product itself carries.
    #[serde(default)]
    pub vasoconstrictor: Option<Concentration>,
    #[serde(default)]
    pub concentrations: Vec<Concentration>,
    pub usual_preservative: Preservative,
    #[serde(default)]
    pub hcpcs_code: Option<String>,
    pub source: String,
    pub review_state: ReviewState,
}

/// The drugs of one dated list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formulary {
    pub version: String,
    pub drugs: Vec<Drug>,
}

impl Formulary {
    /// The list that comes with the program.
    pub fn shipped() -> Result<Self, serde_json::Error> {
        serde_json::from_str(SHIPPED)
    }

    /// The drug with this code.
    pub fn find(&self, code: &str) -> Option<&Drug> {
        self.drugs.iter().find(|drug| drug.code == code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_shipped_list_has_unique_codes_and_names_its_sources() {
        let formulary = Formulary::shipped().unwrap();
        let codes: BTreeSet<_> = formulary.drugs.iter().map(|drug| &drug.code).collect();
        assert_eq!(codes.len(), formulary.drugs.len());
        for drug in &formulary.drugs {
            assert!(!drug.source.is_empty(), "{}", drug.code);
            assert_eq!(
                drug.group.is_some(),
                drug.class == DrugClass::LocalAnaesthetic,
                "{} needs a group exactly when it is a local anaesthetic",
                drug.code
            );
        }
    }

    #[test]
    fn every_drug_named_by_the_clinic_is_there() {
        let formulary = Formulary::shipped().unwrap();
        for (code, class, group) in [
            ("lidocaine", "local_anaesthetic", Some("amide")),
            ("lidocaine_epinephrine", "local_anaesthetic", Some("amide")),
            ("bupivacaine", "local_anaesthetic", Some("amide")),
            ("levobupivacaine", "local_anaesthetic", Some("amide")),
            ("ropivacaine", "local_anaesthetic", Some("amide")),
            ("mepivacaine", "local_anaesthetic", Some("amide")),
            ("procaine", "local_anaesthetic", Some("ester")),
            ("chloroprocaine", "local_anaesthetic", Some("ester")),
            ("tetracaine", "local_anaesthetic", Some("ester")),
            ("triamcinolone_acetonide", "corticosteroid", None),
            ("methylprednisolone_acetate", "corticosteroid", None),
            ("dexamethasone_phosphate", "corticosteroid", None),
            ("betamethasone", "corticosteroid", None),
            ("cyanocobalamin", "vitamin_b12", None),
            ("hydroxocobalamin", "vitamin_b12", None),
            ("methylcobalamin", "vitamin_b12", None),
            ("onabotulinumtoxin_a", "botulinum_toxin", None),
            ("epinephrine", "vasoconstrictor", None),
            ("saline", "saline", None),
            ("sterile_water", "sterile_water", None),
        ] {
            let drug = formulary
                .find(code)
                .unwrap_or_else(|| panic!("{code} is missing"));
            assert_eq!(drug.class.as_str(), class, "{code}");
            assert_eq!(drug.group.map(AnaestheticGroup::as_str), group, "{code}");
        }
        assert_eq!(formulary.find("unheard_of"), None);
    }

    #[test]
    fn a_product_with_epinephrine_says_how_much() {
        let formulary = Formulary::shipped().unwrap();
        let carried = formulary
            .find("lidocaine_epinephrine")
            .unwrap()
            .vasoconstrictor
            .unwrap();
        assert_eq!(carried.to_string(), "1:100000");
        assert_eq!(formulary.find("lidocaine").unwrap().vasoconstrictor, None);
    }
}
