//! A dose that was given elsewhere.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::visits::Voided;
use tautband_rules::dose::AmountUnit;

id! {
    /// Names a dose that was given elsewhere.
    pub(crate) struct OutsideDoseId
}

text_enum! {
    /// How exactly a day is known.
    pub(crate) enum DayPrecision {
        Day = "day",
        Month = "month",
        Year = "year",
    }
}

/// A dose that was given elsewhere, as it was told.
#[derive(Debug, Clone)]
pub(crate) struct OutsideDose {
    pub(crate) id: OutsideDoseId,
    pub(super) patient_id: PatientId,
    pub(crate) drug_code: String,
    pub(crate) amount: Decimal,
    pub(crate) unit: AmountUnit,
    pub(super) given_on: NaiveDate,
    pub(super) precision: DayPrecision,
    /// The muscle, where that is known.
    pub(crate) muscle_code: Option<String>,
    pub(super) given_by: Option<String>,
    pub(super) told_by: String,
    pub(super) recorded_by: Uuid,
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) voided: Option<Voided>,
}

impl OutsideDose {
    /// Its place in a list.
    pub(super) const fn key(&self) -> (NaiveDate, Uuid) {
        (self.given_on, self.id.uuid())
    }

    /// The last instant at which it can have been given, and not later than now.
    pub(crate) fn given_by_then(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let first_of_month = |date: NaiveDate| date.with_day(1);
        let next = match self.precision {
            DayPrecision::Day => self.given_on.checked_add_days(Days::new(1)),
            DayPrecision::Month => {
                first_of_month(self.given_on).and_then(|day| day.checked_add_months(Months::new(1)))
            }
            DayPrecision::Year => NaiveDate::from_ymd_opt(self.given_on.year() + 1, 1, 1),
        };
        next.map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc().min(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_known_roughly_counts_from_its_last_end() {
        let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        for (given_on, precision, expected) in [
            ("2026-10-05", DayPrecision::Day, "2026-10-06T00:00:00Z"),
            ("2026-10-05", DayPrecision::Month, "2026-11-01T00:00:00Z"),
            ("2025-02-01", DayPrecision::Year, "2026-01-01T00:00:00Z"),
            ("2026-11-01", DayPrecision::Month, "2026-11-20T12:00:00Z"),
        ] {
            let dose = OutsideDose {
                id: OutsideDoseId::from(Uuid::nil()),
                patient_id: PatientId::from(Uuid::nil()),
                drug_code: "lidocaine".to_owned(),
                amount: Decimal::ONE,
                unit: AmountUnit::Milligram,
                given_on: given_on.parse().unwrap(),
                precision,
                muscle_code: None,
                given_by: None,
                told_by: "patient".to_owned(),
                recorded_by: Uuid::nil(),
                recorded_at: now,
                voided: None,
            };
            let expected: DateTime<Utc> = expected.parse().unwrap();
            assert_eq!(dose.given_by_then(now), expected, "{given_on} {precision}");
        }
    }
}
