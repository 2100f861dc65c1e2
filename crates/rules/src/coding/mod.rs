//! Codes and payer questions that follow from what was done, never from what was hoped for.
//!
//! A procedure code follows from the number of distinct muscles, not of needles. Drug codes are a
//! dated table, because they are replaced from year to year. Payers ask for their own evidence;
//! a failed payer question informs and never stops care. Wording is our own throughout.

pub mod conservative_care;
pub mod drugs;
#[cfg(test)]
mod edges;
pub mod indications;
pub mod muscles;
pub mod payer;

use serde::{Deserialize, Serialize};

use conservative_care::ConservativeTherapies;
use drugs::DrugCode;
use indications::IndicationList;
use muscles::ProcedureCode;
use payer::PayerRules;

use crate::kind::ProcedureKind;

const SHIPPED: &str = include_str!("shipped_coding.json");

/// Every dated code and payer rule, under one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodingTable {
    pub version: String,
    pub procedure_codes: Vec<ProcedureCode>,
    /// Muscles whose parts a payer may count separately. They are named, never counted by default.
    pub ask_payer_about: Vec<String>,
    pub drug_codes: Vec<DrugCode>,
    pub indications: IndicationList,
    pub conservative_therapies: ConservativeTherapies,
    pub payers: Vec<PayerRules>,
}

impl CodingTable {
    /// The table that comes with the program.
    pub fn shipped() -> Result<Self, serde_json::Error> {
        serde_json::from_str(SHIPPED)
    }

    /// The rules that are asked about a kind of procedure when no payer is named: the first that are for it.
    pub fn usual_payer(&self, kind: ProcedureKind) -> Option<&PayerRules> {
        self.payers.iter().find(|payer| payer.kinds.contains(&kind))
    }

    /// The rules of the payer with this code.
    pub fn payer(&self, code: &str) -> Option<&PayerRules> {
        self.payers.iter().find(|payer| payer.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_read_and_written_unchanged() {
        let table = CodingTable::shipped().unwrap();
        let text = serde_json::to_string(&table).unwrap();
        assert_eq!(serde_json::from_str::<CodingTable>(&text).unwrap(), table);
        assert_eq!(table.payer("lcd_2024").unwrap().session_cap, Some(3));
        for kind in ProcedureKind::ALL {
            assert!(table.usual_payer(*kind).is_some(), "{kind}");
        }
        assert_eq!(table.payer("unheard_of"), None);
    }
}
