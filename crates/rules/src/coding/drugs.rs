//! Drug codes and billing units on the day of service.
//!
//! Units are the exact dose divided by the unit of the code, rounded up. The waste of a single-dose
//! vial is a line of its own. A line also states when nothing was wasted.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::CodingTable;
use super::muscles::is_valid;
use crate::dose::{Amount, AmountUnit, DoseRefused, VolumeMl};
use crate::exact::{Exact, NotExact};
use crate::formulary::ReviewState;
use crate::solution::VialKind;
use crate::text::text_enum;

text_enum! {
    /// What one billing unit measures.
    pub enum BillingUnit {
        Milligram = "mg",
        Microgram = "mcg",
        Unit = "units",
        Millilitre = "ml",
    }
}

text_enum! {
    /// What a line says about the rest of a single-dose vial.
    pub enum WasteModifier {
        Discarded = "JW",
        NothingDiscarded = "JZ",
    }
}

/// One dated drug code.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrugCode {
    pub code: String,
    pub drug_codes: Vec<String>,
    #[serde_as(as = "DisplayFromStr")]
    pub per_unit: Decimal,
    pub unit: BillingUnit,
    pub valid_from: NaiveDate,
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// Never for infiltration, only kept so that it is not reinvented.
    #[serde(default)]
    pub is_not_for_local_use: bool,
    #[serde(default)]
    pub notice: Option<String>,
    pub source: String,
    pub review_state: ReviewState,
}

/// How much of one drug was injected and thrown away in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledDrug {
    pub drug_code: String,
    pub given: Amount,
    pub given_volume: VolumeMl,
    pub wasted: Amount,
    pub wasted_volume: VolumeMl,
    pub vial: VialKind,
}

/// One line of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrugLine {
    pub code: String,
    pub units: u128,
    pub modifier: Option<WasteModifier>,
    pub notice: Option<String>,
}

/// Why units cannot be calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnitsUnknown {
    #[error("{0}")]
    Dose(#[from] DoseRefused),
    #[error("{0}")]
    NotExact(#[from] NotExact),
}

impl DrugCode {
    /// Billing units of a dose, rounded up.
    pub fn units_of(&self, amount: Amount, volume: VolumeMl) -> Result<u128, UnitsUnknown> {
        let dose = self.measure(amount, volume)?;
        Ok(dose
            .checked_div(Exact::from_decimal(self.per_unit)?)?
            .ceiling())
    }

    fn measure(&self, amount: Amount, volume: VolumeMl) -> Result<Exact, DoseRefused> {
        match self.unit {
            BillingUnit::Milligram => amount.in_unit(AmountUnit::Milligram),
            BillingUnit::Microgram => amount.in_unit(AmountUnit::Microgram),
            BillingUnit::Unit => amount.in_unit(AmountUnit::Unit),
            BillingUnit::Millilitre => volume.exact(),
        }
    }
}

impl CodingTable {
    /// The code of a drug on a day; none when it has none for local use.
    pub fn drug_code(&self, drug_code: &str, on: NaiveDate) -> Option<&DrugCode> {
        self.drug_codes.iter().find(|row| {
            !row.is_not_for_local_use
                && row.drug_codes.iter().any(|code| code == drug_code)
                && is_valid(row.valid_from, row.valid_to, on)
        })
    }
}

/// The claim lines of one drug; empty when it has no code on the day.
pub fn drug_lines(
    drug: &BilledDrug,
    on: NaiveDate,
    table: &CodingTable,
) -> Result<Vec<DrugLine>, UnitsUnknown> {
    let Some(row) = table.drug_code(&drug.drug_code, on) else {
        return Ok(Vec::new());
    };
    let line = |units, modifier| DrugLine {
        code: row.code.clone(),
        units,
        modifier,
        notice: row.notice.clone(),
    };
    let given = row.units_of(drug.given, drug.given_volume)?;
    if drug.vial == VialKind::Multi {
        return Ok(vec![line(given, None)]);
    }
    let amount = drug.given.checked_add(drug.wasted)?;
    let volume = drug.given_volume.checked_add(drug.wasted_volume)?;
    let discarded = row.units_of(amount, volume)?.saturating_sub(given);
    if discarded == 0 {
        return Ok(vec![line(given, Some(WasteModifier::NothingDiscarded))]);
    }
    Ok(vec![
        line(given, None),
        line(discarded, Some(WasteModifier::Discarded)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{decimal, ml};

    fn amount(text: &str) -> Amount {
        let (value, unit) = text.split_once(' ').unwrap();
        Amount::new(decimal(value), AmountUnit::parse(unit).unwrap()).unwrap()
    }

    fn billed(drug: &str, given: &str, wasted: &str, vial: VialKind) -> BilledDrug {
        BilledDrug {
            drug_code: drug.to_owned(),
            given: amount(given),
            given_volume: ml("20"),
            wasted: amount(wasted),
            wasted_volume: ml("0"),
            vial,
        }
    }

    fn lines(drug: &BilledDrug, on: &str) -> Vec<(String, u128, Option<WasteModifier>)> {
        drug_lines(drug, on.parse().unwrap(), &CodingTable::shipped().unwrap())
            .unwrap()
            .into_iter()
            .map(|line| (line.code, line.units, line.modifier))
            .collect()
    }

    #[test]
    fn units_are_the_dose_by_the_unit_of_the_code_rounded_up() {
        for (drug, given, code, units) in [
            ("triamcinolone_acetonide", "40 mg", "J3301", 4),
            ("triamcinolone_acetonide", "40.000001 mg", "J3301", 5),
            ("triamcinolone_acetonide", "39.999999 mg", "J3301", 4),
            ("triamcinolone_acetonide", "1 mg", "J3301", 1),
            ("triamcinolone_acetonide", "0 mg", "J3301", 0),
            ("methylprednisolone_acetate", "40 mg", "J1010", 40),
            ("dexamethasone_phosphate", "4 mg", "J1100", 4),
            ("dexamethasone_phosphate", "500 mcg", "J1100", 1),
            ("betamethasone", "6 mg", "J0702", 1),
            ("betamethasone", "6.1 mg", "J0702", 2),
            ("cyanocobalamin", "1000 mcg", "J3420", 1),
            ("cyanocobalamin", "1 mg", "J3420", 1),
            ("cyanocobalamin", "1001 mcg", "J3420", 2),
            ("cyanocobalamin", "100 mcg", "J3420", 1),
            ("hydroxocobalamin", "1000 mcg", "J3425", 100),
            ("bupivacaine", "30 mg", "J0665", 60),
            ("bupivacaine", "12.5 mg", "J0665", 25),
            ("ropivacaine", "40 mg", "J2795", 40),
            ("mepivacaine", "200 mg", "J0670", 2),
            ("onabotulinumtoxin_a", "155 units", "J0585", 155),
            ("lidocaine", "50 mg", "J2003", 50),
            ("lidocaine_epinephrine", "50 mg", "J2004", 50),
        ] {
            let drug = billed(
                drug,
                given,
                &given
                    .replace(|c: char| c.is_numeric() || c == '.', "")
                    .replace(' ', "0 "),
                VialKind::Multi,
            );
            assert_eq!(
                lines(&drug, "2026-11-22"),
                [(code.to_owned(), units, None)],
                "{given}"
            );
        }
    }

    #[test]
    fn a_code_is_used_only_in_its_time() {
        let drug = billed(
            "methylprednisolone_acetate",
            "40 mg",
            "0 mg",
            VialKind::Multi,
        );
        assert_eq!(lines(&drug, "2024-03-31"), [("J1030".to_owned(), 1, None)]);
        assert_eq!(lines(&drug, "2024-04-01"), [("J1010".to_owned(), 40, None)]);
    }

    #[test]
    fn what_a_single_vial_loses_is_a_line_of_its_own() {
        use WasteModifier::{Discarded, NothingDiscarded};
        for (given, wasted, expected) in [
            (
                "155 units",
                "45 units",
                vec![(155, None), (45, Some(Discarded))],
            ),
            ("200 units", "0 units", vec![(200, Some(NothingDiscarded))]),
            (
                "155.5 units",
                "44.5 units",
                vec![(156, None), (44, Some(Discarded))],
            ),
        ] {
            let drug = billed("onabotulinumtoxin_a", given, wasted, VialKind::Single);
            let lines: Vec<_> = lines(&drug, "2026-11-22")
                .into_iter()
                .map(|line| (line.1, line.2))
                .collect();
            assert_eq!(lines, expected, "{given}");
        }
    }

    #[test]
    fn a_drug_without_a_code_or_only_for_infusion_has_no_line() {
        for drug in ["saline", "procaine", "lidocaine_infusion"] {
            assert_eq!(
                lines(&billed(drug, "1 mg", "0 mg", VialKind::Multi), "2026-11-22"),
                []
            );
        }
        let table = CodingTable::shipped().unwrap();
        assert!(
            table
                .drug_codes
                .iter()
                .any(|row| row.code == "J2001" && row.is_not_for_local_use)
        );
    }

    #[test]
    fn a_dose_in_the_wrong_unit_is_refused() {
        let drug = billed(
            "triamcinolone_acetonide",
            "40 units",
            "0 units",
            VialKind::Multi,
        );
        let table = CodingTable::shipped().unwrap();
        let refused = drug_lines(&drug, "2026-11-22".parse().unwrap(), &table);
        assert_eq!(refused, Err(UnitsUnknown::Dose(DoseRefused::UnitMismatch)));
    }
}
