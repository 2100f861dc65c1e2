//! A lot as the safety rules look at it when a syringe is drawn from it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::local_time::local_date;

use super::lot::Lot;
use super::vial::Vial;
use tautband_rules::dose::{DoseRefused, VolumeMl};
use tautband_rules::expiry::ExpiryDate;
use tautband_rules::solution::{DrawnLot, LotStanding};

/// The patient that a syringe is drawn for, and the location of the visit, if it has one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrawnAt {
    pub(crate) patient_id: PatientId,
    pub(crate) location_id: Option<Uuid>,
}

/// What the rules look at.
///
/// A lot and a vial count as they were when the syringe was drawn: what befell them since is not the
/// fault of the syringe. So the last day of use and the opening move by the time since then. The rules
/// count days in UTC, but the day where the lot stands is what matters, so the last day of use moves by
/// that difference, too. When the vial is not known, its opening is left out.
pub(crate) fn drawn_lot(
    lot: &Lot,
    vial: Option<&Vial>,
    at: DrawnAt,
    (drawn_at, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<DrawnLot, DoseRefused> {
    let behind = now
        .date_naive()
        .signed_duration_since(local_date(lot.zone, drawn_at));
    let last_day = lot
        .expires_on
        .checked_add_signed(behind)
        .unwrap_or(lot.expires_on);
    Ok(DrawnLot {
        number: lot.lot_number.clone(),
        standing: LotStanding::Available,
        expiry: ExpiryDate::on(last_day),
        remaining: VolumeMl::new(lot.remaining_ml)?,
        vial: lot.vial_type.into(),
        opened_at: vial.map(|vial| vial.opened_at + (now - drawn_at)),
        was_used_for_another_patient: vial
            .and_then(|vial| vial.recipient)
            .is_some_and(|recipient| recipient.patient_id != at.patient_id),
        strength: None,
        differs_from_last_draw: false,
        is_elsewhere: at
            .location_id
            .is_some_and(|location_id| location_id != lot.location_id),
        preservative: None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::lot::sample::{at, lot};
    use super::*;

    fn to(location_id: Option<Uuid>) -> DrawnAt {
        DrawnAt {
            patient_id: PatientId::from(Uuid::nil()),
            location_id,
        }
    }

    #[test]
    fn the_rules_see_the_last_day_of_use_as_the_place_does() {
        let lot = lot("10");
        for (now, is_past) in [
            ("2026-11-23T04:59:59Z", false),
            ("2026-11-23T05:00:00Z", true),
        ] {
            let now = at(now);
            assert_eq!(
                drawn_lot(&lot, None, to(None), (now, now))
                    .unwrap()
                    .expiry
                    .is_past_on(now.date_naive()),
                is_past
            );
        }
    }

    #[test]
    fn a_lot_lies_elsewhere_when_it_is_kept_at_another_location_than_the_visit() {
        let lot = lot("10");
        for (location_id, is_elsewhere) in [
            (None, false),
            (Some(Uuid::nil()), false),
            (Some(Uuid::from_u128(1)), true),
        ] {
            let now = at("2026-11-22T12:00:00Z");
            let drawn = drawn_lot(&lot, None, to(location_id), (now, now)).unwrap();
            assert_eq!(drawn.is_elsewhere, is_elsewhere, "{location_id:?}");
        }
    }
}
