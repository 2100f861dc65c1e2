//! A lot of a drug at a location: what can be drawn, and what a recall is traced by.
//!
//! People set a lot aside or recall it; that it is expired or empty follows from the calendar and
//! from what was drawn. A recall is final. The last day of use counts by the calendar of the place
//! where the lot stands.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::local_time::local_date;
use crate::platform::text::text_enum;

use tautband_rules::dose::{Amount, Concentration};
use tautband_rules::safety::rules::RuleSet;
use tautband_rules::solution::{LotStanding, VialKind};

id! {
    /// Names a lot.
    pub(crate) struct LotId
}

text_enum! {
    /// Whether a vial serves one patient or several.
    pub(crate) enum VialType {
        SingleDose = "single_dose",
        MultiDose = "multi_dose",
    }
}

impl From<VialType> for VialKind {
    fn from(vial_type: VialType) -> Self {
        match vial_type {
            VialType::SingleDose => Self::Single,
            VialType::MultiDose => Self::Multi,
        }
    }
}

text_enum! {
    /// Where a lot stands today.
    pub(crate) enum LotStatus {
        Available = "available",
        Quarantined = "quarantined",
        Recalled = "recalled",
        Expired = "expired",
        Empty = "empty",
    }
}

/// What is printed on a vial or its package, as far as it was recorded.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LotLabel {
    pub(crate) strength: Option<Concentration>,
    /// Of a powder, how many units a vial holds.
    pub(crate) units_per_vial: Option<Decimal>,
    pub(crate) manufacturer: Option<String>,
    pub(crate) ndc: Option<String>,
    pub(crate) barcode: Option<String>,
}

/// A powder in stock. It becomes fluid when a vial is dissolved, so it is counted in what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PowderStock {
    pub(crate) units_per_vial: Decimal,
    pub(crate) received_units: Decimal,
    pub(crate) remaining_units: Decimal,
}

impl PowderStock {
    /// What came in, in vials.
    pub(crate) fn received_vials(&self) -> Decimal {
        (self.received_units / self.units_per_vial).normalize()
    }

    /// What is left, in vials; a part of one is what is left in a vial that was dissolved.
    pub(crate) fn remaining_vials(&self) -> Decimal {
        (self.remaining_units / self.units_per_vial)
            .round_dp(4)
            .normalize()
    }
}

/// How much is drawn: the fluid, and the units in it where the drug is dosed in units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Quantity {
    pub(crate) ml: Decimal,
    pub(crate) units: Decimal,
}

impl Quantity {
    /// Whether it is nothing.
    pub(crate) fn is_zero(self) -> bool {
        self.ml.is_zero() && self.units.is_zero()
    }
}

impl std::ops::AddAssign for Quantity {
    fn add_assign(&mut self, more: Self) {
        self.ml += more.ml;
        self.units += more.units;
    }
}

impl std::ops::Sub for Quantity {
    type Output = Self;

    fn sub(self, less: Self) -> Self {
        Self {
            ml: self.ml - less.ml,
            units: self.units - less.units,
        }
    }
}

impl std::ops::Neg for Quantity {
    type Output = Self;

    fn neg(self) -> Self {
        Self::default() - self
    }
}

/// A lot on the shelf.
#[derive(Debug, Clone)]
pub(crate) struct Lot {
    pub(crate) id: LotId,
    pub(crate) drug_code: String,
    pub(crate) lot_number: String,
    pub(crate) expires_on: NaiveDate,
    pub(crate) vial_type: VialType,
    pub(crate) location_id: Uuid,
    pub(crate) zone: Tz,
    pub(crate) standing: LotStanding,
    pub(crate) status_reason: Option<String>,
    pub(crate) label: LotLabel,
    /// Set where the stock is a powder; its millilitres are then none.
    pub(crate) powder: Option<PowderStock>,
    pub(crate) received_ml: Decimal,
    pub(crate) remaining_ml: Decimal,
    pub(crate) version: Version,
    pub(crate) updated_at: DateTime<Utc>,
}

/// Why a lot cannot be drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LotUnusable {
    Standing(LotStatus),
    TooLittle,
}

impl LotUnusable {
    /// A word that a client can act on.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Standing(status) => status.as_str(),
            Self::TooLittle => "too_little",
        }
    }
}

/// A change that does not fit where the lot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LotChangeRefused {
    #[error("the lot is {0}")]
    WrongStatus(LotStatus),
    #[error("there is less in stock")]
    BelowZero,
    #[error("that is more than a stock can hold")]
    TooMuch,
    #[error("the lot is not counted in this")]
    OtherMeasure,
    #[error("a powder is counted by the units of a vial")]
    CountedByIt,
}

/// More than any clinic keeps, and what the column holds.
const LARGEST_STOCK: Decimal = Decimal::from_parts(9_999_999, 0, 0, false, 0);

impl Lot {
    /// Where the lot stands at an instant; what people decided comes first.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> LotStatus {
        match self.standing {
            LotStanding::Recalled => LotStatus::Recalled,
            LotStanding::Quarantined => LotStatus::Quarantined,
            LotStanding::Available if local_date(self.zone, now) > self.expires_on => {
                LotStatus::Expired
            }
            LotStanding::Available if self.left().is_zero() => LotStatus::Empty,
            LotStanding::Available => LotStatus::Available,
        }
    }

    /// What is left, in what the lot is counted in.
    pub(crate) fn left(&self) -> Decimal {
        self.powder
            .map_or(self.remaining_ml, |powder| powder.remaining_units)
    }

    /// Why a concentration that was written down cannot be what is in the vials, if it cannot. Of a powder,
    /// the concentration follows from what it is dissolved in.
    pub(crate) fn contradiction(
        &self,
        written: Option<Concentration>,
        rules: &RuleSet,
    ) -> Option<String> {
        let per_ml = written?.amount_per_ml().ok()?;
        if let Some(units) = self.label.units_per_vial {
            let Amount::Units(units_per_ml) = per_ml else {
                return Some("contradicts the lot, whose vials hold units".to_owned());
            };
            let can = rules.solution.can_make(units, units_per_ml);
            let (least, most) = (
                rules.solution.least_diluent_ml.value,
                rules.solution.most_diluent_ml.value,
            );
            return (!can).then(|| {
                format!(
                    "contradicts the lot: a vial of {units} units is dissolved in {least} to {most} mL"
                )
            });
        }
        let printed = self.label.strength?;
        (printed.amount_per_ml().ok() != Some(per_ml))
            .then(|| format!("contradicts the lot, which is {printed}"))
    }

    /// Whether a lot whose strength nobody recorded was last drawn from with another concentration. Which of
    /// them is right nobody can tell, so that it is asked back.
    pub(crate) fn differs_from_last_draw(
        &self,
        written: Option<Concentration>,
        drawn_before: Option<Concentration>,
    ) -> bool {
        let says_nothing = self.label.strength.is_none() && self.label.units_per_vial.is_none();
        let per_ml = |one: Concentration| one.amount_per_ml().ok();
        match (written.and_then(per_ml), drawn_before.and_then(per_ml)) {
            // A toxin may be dissolved otherwise today.
            (Some(Amount::Units(_)), _) => false,
            (Some(written), Some(before)) => says_nothing && written != before,
            _ => false,
        }
    }

    /// Why nothing of it may go into a patient, whatever is left: it was recalled or set aside, or expired.
    pub(crate) fn set_aside(&self, now: DateTime<Utc>) -> Option<LotStatus> {
        let status = self.status(now);
        match status {
            LotStatus::Quarantined | LotStatus::Recalled | LotStatus::Expired => Some(status),
            LotStatus::Available | LotStatus::Empty => None,
        }
    }

    /// Why so much cannot be drawn, if it cannot.
    pub(crate) fn refuses(&self, quantity: Quantity, now: DateTime<Utc>) -> Option<LotUnusable> {
        let wanted = if self.powder.is_some() {
            quantity.units
        } else {
            quantity.ml
        };
        match self.status(now) {
            LotStatus::Available if wanted > self.left() => Some(LotUnusable::TooLittle),
            LotStatus::Available => None,
            status => Some(LotUnusable::Standing(status)),
        }
    }

    /// Corrects what is left, as after a count or a broken vial.
    pub(crate) fn adjust(&mut self, change: Decimal) -> Result<(), LotChangeRefused> {
        let left = self.left() + change;
        if left.is_sign_negative() && !left.is_zero() {
            return Err(LotChangeRefused::BelowZero);
        }
        if left > LARGEST_STOCK {
            return Err(LotChangeRefused::TooMuch);
        }
        match &mut self.powder {
            Some(powder) => powder.remaining_units = left,
            None => self.remaining_ml = left,
        }
        Ok(())
    }

    /// Sets the lot aside until someone has looked at it.
    pub(crate) fn quarantine(&mut self, reason: String) -> Result<(), LotChangeRefused> {
        if self.standing != LotStanding::Available {
            return Err(self.wrong_standing());
        }
        self.standing = LotStanding::Quarantined;
        self.status_reason = Some(reason);
        Ok(())
    }

    /// Takes the lot out of use for good.
    pub(crate) fn recall(&mut self, reason: String) -> Result<(), LotChangeRefused> {
        if self.standing == LotStanding::Recalled {
            return Err(self.wrong_standing());
        }
        self.standing = LotStanding::Recalled;
        self.status_reason = Some(reason);
        Ok(())
    }

    /// Puts a lot that was set aside back into use.
    pub(crate) fn release(&mut self) -> Result<(), LotChangeRefused> {
        if self.standing != LotStanding::Quarantined {
            return Err(self.wrong_standing());
        }
        self.standing = LotStanding::Available;
        self.status_reason = None;
        Ok(())
    }

    fn wrong_standing(&self) -> LotChangeRefused {
        LotChangeRefused::WrongStatus(match self.standing {
            LotStanding::Available => LotStatus::Available,
            LotStanding::Quarantined => LotStatus::Quarantined,
            LotStanding::Recalled => LotStatus::Recalled,
        })
    }
}

#[cfg(test)]
pub(super) mod sample {
    use super::*;

    pub(in crate::stock) fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// A multi-dose lot in New York that can be used until 22 November 2026.
    pub(in crate::stock) fn lot(remaining_ml: &str) -> Lot {
        Lot {
            id: LotId::from(Uuid::nil()),
            drug_code: "lidocaine".to_owned(),
            lot_number: "A1".to_owned(),
            expires_on: "2026-11-22".parse().unwrap(),
            vial_type: VialType::MultiDose,
            location_id: Uuid::nil(),
            zone: Tz::America__New_York,
            standing: LotStanding::Available,
            status_reason: None,
            label: LotLabel::default(),
            powder: None,
            received_ml: "50".parse().unwrap(),
            remaining_ml: remaining_ml.parse().unwrap(),
            version: Version::FIRST,
            updated_at: at("2026-11-01T00:00:00Z"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sample::{at, lot};
    use super::*;
    use tautband_rules::dose::ConcentrationUnit;

    #[test]
    fn the_last_day_of_use_ends_at_midnight_where_the_lot_stands() {
        let lot = lot("10");
        assert_eq!(lot.status(at("2026-11-23T04:59:59Z")), LotStatus::Available);
        assert_eq!(lot.status(at("2026-11-23T05:00:00Z")), LotStatus::Expired);
    }

    fn ml(text: &str) -> Quantity {
        Quantity {
            ml: text.parse().unwrap(),
            units: Decimal::ZERO,
        }
    }

    #[test]
    fn a_powder_is_counted_in_units_whatever_it_is_dissolved_in() {
        let now = at("2026-11-22T12:00:00Z");
        let mut lot = lot("0");
        lot.powder = Some(PowderStock {
            units_per_vial: "100".parse().unwrap(),
            received_units: "300".parse().unwrap(),
            remaining_units: "155".parse().unwrap(),
        });
        assert_eq!(lot.status(now), LotStatus::Available);
        let drawn = |ml: &str, units: &str| Quantity {
            ml: ml.parse().unwrap(),
            units: units.parse().unwrap(),
        };
        assert_eq!(lot.refuses(drawn("3.1", "155"), now), None);
        assert_eq!(
            lot.refuses(drawn("0.1", "155.001"), now),
            Some(LotUnusable::TooLittle)
        );
        let powder = lot.powder.unwrap();
        assert_eq!(powder.received_vials().to_string(), "3");
        assert_eq!(powder.remaining_vials().to_string(), "1.55");
        lot.adjust("-155".parse().unwrap()).unwrap();
        assert_eq!(lot.status(now), LotStatus::Empty);
    }

    #[test]
    fn a_concentration_that_cannot_be_in_the_vials_is_a_contradiction() {
        let rules = RuleSet::shipped().unwrap();
        let of = |text: &str, unit| Concentration::new(text.parse().unwrap(), unit).unwrap();
        let percent = |text: &str| Some(of(text, ConcentrationUnit::Percent));
        let units = |text: &str| Some(of(text, ConcentrationUnit::UnitsPerMl));
        let plain = lot("10");
        let mut printed = lot("10");
        printed.label.strength = percent("1");
        let mut powder = lot("10");
        powder.label.units_per_vial = Some("100".parse().unwrap());
        let milligrams = Some(of("10", ConcentrationUnit::MilligramsPerMl));
        for (lot, written, before, is_wrong, is_asked) in [
            (&plain, percent("1"), None, false, false),
            (&plain, percent("1"), percent("1"), false, false),
            (&plain, milligrams, percent("1"), false, false),
            (&plain, percent("2"), percent("1"), false, true),
            (&plain, None, percent("1"), false, false),
            (&plain, units("50"), units("25"), false, false),
            (&printed, milligrams, None, false, false),
            (&printed, percent("1"), percent("2"), false, false),
            (&printed, percent("2"), percent("2"), true, false),
            (&printed, percent("0.1"), None, true, false),
            (&powder, units("50"), units("25"), false, false),
            (&powder, units("500"), None, true, false),
            (&powder, units("5"), None, true, false),
            (&powder, percent("1"), None, true, false),
        ] {
            let found = lot.contradiction(written, &rules);
            assert_eq!(found.is_some(), is_wrong, "{written:?} {found:?}");
            let asked = lot.differs_from_last_draw(written, before);
            assert_eq!(asked, is_asked, "{written:?} {before:?}");
        }
    }

    #[test]
    fn no_more_can_be_drawn_than_is_left() {
        let now = at("2026-11-22T12:00:00Z");
        let lot = lot("10");
        assert_eq!(lot.refuses(ml("10"), now), None);
        assert_eq!(lot.refuses(ml("10.001"), now), Some(LotUnusable::TooLittle));
    }

    #[test]
    fn a_recall_is_final_and_goes_before_everything_else() {
        let mut lot = lot("0");
        lot.quarantine("cracked".to_owned()).unwrap();
        lot.recall("particles".to_owned()).unwrap();
        assert_eq!(lot.status(at("2030-01-01T00:00:00Z")), LotStatus::Recalled);
        let refused = LotChangeRefused::WrongStatus(LotStatus::Recalled);
        assert_eq!(lot.release(), Err(refused));
        assert_eq!(lot.quarantine("again".to_owned()), Err(refused));
        assert_eq!(lot.recall("again".to_owned()), Err(refused));
    }

    #[test]
    fn stock_is_never_corrected_below_zero() {
        let mut lot = lot("10");
        assert_eq!(
            lot.adjust("-10.001".parse().unwrap()),
            Err(LotChangeRefused::BelowZero)
        );
        assert_eq!(lot.adjust("-10".parse().unwrap()), Ok(()));
        assert_eq!(lot.status(at("2026-11-22T12:00:00Z")), LotStatus::Empty);
    }
}
