//! Putting right what was mistyped of a lot, with the reason.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;
use crate::platform::id;

use super::change_lot::{ChangeLotError, change};
use super::lot::{Lot, LotChangeRefused, LotId};
use super::lot_correction::{KeptCorrection, LotField};
use super::movement::{Movement, MovementCause};
use super::store;
use tautband_rules::dose::Concentration;

action!(
    /// Putting right what was mistyped of a lot.
    CorrectLot, "lots.correct", practice, [Admin, Assistant]
);

/// What is right.
#[derive(Debug, Clone)]
pub(super) enum RightValue {
    ExpiresOn(NaiveDate),
    LotNumber(String),
    Strength(Option<Concentration>),
    UnitsPerVial(Option<Decimal>),
    Manufacturer(Option<String>),
    Ndc(Option<String>),
    Barcode(Option<String>),
}

impl RightValue {
    const fn field(&self) -> LotField {
        match self {
            Self::ExpiresOn(_) => LotField::ExpiresOn,
            Self::LotNumber(_) => LotField::LotNumber,
            Self::Strength(_) => LotField::Strength,
            Self::UnitsPerVial(_) => LotField::UnitsPerVial,
            Self::Manufacturer(_) => LotField::Manufacturer,
            Self::Ndc(_) => LotField::Ndc,
            Self::Barcode(_) => LotField::Barcode,
        }
    }

    fn put_into(self, lot: &mut Lot) -> Result<(), LotChangeRefused> {
        match self {
            Self::ExpiresOn(date) => lot.expires_on = date,
            Self::LotNumber(number) => lot.lot_number = number,
            Self::Strength(strength) => lot.label.strength = strength,
            Self::UnitsPerVial(units) => {
                recount(lot, units)?;
                lot.label.units_per_vial = units;
            }
            Self::Manufacturer(name) => lot.label.manufacturer = name,
            Self::Ndc(ndc) => lot.label.ndc = ndc,
            Self::Barcode(barcode) => lot.label.barcode = barcode,
        }
        Ok(())
    }
}

/// The vials that came in are as many as before, each with so many units.
fn recount(lot: &mut Lot, units_per_vial: Option<Decimal>) -> Result<(), LotChangeRefused> {
    let Some(powder) = lot.powder else {
        return Ok(());
    };
    let units_per_vial = units_per_vial.ok_or(LotChangeRefused::CountedByIt)?;
    let received_units = (powder.received_vials() * units_per_vial).round_dp(4);
    lot.adjust(received_units - powder.received_units)?;
    if let Some(powder) = &mut lot.powder {
        powder.units_per_vial = units_per_vial;
        powder.received_units = received_units;
    }
    Ok(())
}

/// What a field of a lot says, as it is kept with a correction.
fn said(lot: &Lot, field: LotField) -> Option<String> {
    let label = &lot.label;
    match field {
        LotField::ExpiresOn => Some(lot.expires_on.to_string()),
        LotField::LotNumber => Some(lot.lot_number.clone()),
        LotField::Strength => label
            .strength
            .map(|one| format!("{} {}", one.value().normalize(), one.unit())),
        LotField::UnitsPerVial => label
            .units_per_vial
            .map(|units| units.normalize().to_string()),
        LotField::Manufacturer => label.manufacturer.clone(),
        LotField::Ndc => label.ndc.clone(),
        LotField::Barcode => label.barcode.clone(),
    }
}

/// Puts right what was mistyped of a lot.
pub(super) async fn correct_lot(
    transaction: &Transaction<'_, CorrectLot>,
    id: LotId,
    if_match: &IfMatch,
    right: RightValue,
    reason: &str,
) -> Result<Lot, ChangeLotError> {
    let field = right.field();
    let mut old_value = None;
    let mut left_before = Decimal::ZERO;
    let corrected = change(transaction, id, if_match, |lot| {
        old_value = said(lot, field);
        left_before = lot.left();
        right.put_into(lot)
    })
    .await;
    let lot = match corrected {
        Err(ChangeLotError::Database(error)) if error.breaks("lots_number_unique") => {
            return Err(ChangeLotError::Exists);
        }
        corrected => corrected?,
    };
    let recounted = lot.left() - left_before;
    if !recounted.is_zero() {
        let movement = Movement {
            lot_id: id,
            change: recounted,
            is_in_units: lot.powder.is_some(),
            cause: MovementCause::Received,
            procedure_id: None,
            note: Some(reason.to_owned()),
        };
        store::insert_movements(transaction, &[movement]).await?;
    }
    let kept = KeptCorrection {
        id: id::fresh(transaction.now()),
        lot_id: id,
        field,
        old_value,
        new_value: said(&lot, field),
        reason: reason.to_owned(),
    };
    store::insert_correction(transaction, &kept).await?;
    Ok(lot)
}
