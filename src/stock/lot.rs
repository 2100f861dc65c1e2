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

use tautband_rules::dose::Concentration;
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
}

/// More than any clinic keeps, and what the column holds.
const LARGEST_STOCK_ML: Decimal = Decimal::from_parts(9_999_999, 0, 0, false, 0);

impl Lot {
    /// Where the lot stands at an instant; what people decided comes first.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> LotStatus {
        match self.standing {
            LotStanding::Recalled => LotStatus::Recalled,
            LotStanding::Quarantined => LotStatus::Quarantined,
            LotStanding::Available if local_date(self.zone, now) > self.expires_on => {
                LotStatus::Expired
            }
            LotStanding::Available if self.remaining_ml.is_zero() => LotStatus::Empty,
            LotStanding::Available => LotStatus::Available,
        }
    }

    /// Whether a concentration that was written down is not what is printed on the vials. Of a powder, the
    /// concentration follows from what it is dissolved in.
    pub(crate) fn contradicts(&self, written: Option<Concentration>) -> bool {
        match (self.label.strength, written) {
            (Some(printed), Some(written)) if self.label.units_per_vial.is_none() => {
                printed.amount_per_ml().ok() != written.amount_per_ml().ok()
            }
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

    /// Why this volume cannot be drawn, if it cannot.
    pub(crate) fn refuses(&self, volume_ml: Decimal, now: DateTime<Utc>) -> Option<LotUnusable> {
        match self.status(now) {
            LotStatus::Available if volume_ml > self.remaining_ml => Some(LotUnusable::TooLittle),
            LotStatus::Available => None,
            status => Some(LotUnusable::Standing(status)),
        }
    }

    /// Corrects what is left, as after a count or a broken vial.
    pub(crate) fn adjust(&mut self, change_ml: Decimal) -> Result<(), LotChangeRefused> {
        let left = self.remaining_ml + change_ml;
        if left.is_sign_negative() && !left.is_zero() {
            return Err(LotChangeRefused::BelowZero);
        }
        if left > LARGEST_STOCK_ML {
            return Err(LotChangeRefused::TooMuch);
        }
        self.remaining_ml = left;
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

    #[test]
    fn the_last_day_of_use_ends_at_midnight_where_the_lot_stands() {
        let lot = lot("10");
        assert_eq!(lot.status(at("2026-11-23T04:59:59Z")), LotStatus::Available);
        assert_eq!(lot.status(at("2026-11-23T05:00:00Z")), LotStatus::Expired);
    }

    #[test]
    fn no_more_can_be_drawn_than_is_left() {
        let now = at("2026-11-22T12:00:00Z");
        let lot = lot("10");
        assert_eq!(lot.refuses("10".parse().unwrap(), now), None);
        assert_eq!(
            lot.refuses("10.001".parse().unwrap(), now),
            Some(LotUnusable::TooLittle)
        );
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
