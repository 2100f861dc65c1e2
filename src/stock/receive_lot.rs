//! Taking a delivery into stock.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::Version;
use crate::platform::problem::{FieldError, Member, Problem, ProblemType, Refusal, Shape};

use super::lot::{Lot, LotId, LotLabel, PowderStock, VialType};
use super::movement::{Movement, MovementCause};
use super::store;
use tautband_rules::formulary::{Drug, DrugClass};
use tautband_rules::shipped::formulary;
use tautband_rules::solution::LotStanding;

action!(
    /// Taking a lot into stock.
    ReceiveLot, "lots.receive", practice, [Admin, Assistant]
);

/// What came in.
pub(super) struct Delivery {
    pub(super) drug_code: String,
    pub(super) lot_number: String,
    pub(super) expires_on: NaiveDate,
    pub(super) vial_type: VialType,
    pub(super) amount: DeliveredAmount,
    pub(super) location_id: Uuid,
    pub(super) label: LotLabel,
}

/// How much came in.
#[derive(Debug, Clone, Copy)]
pub(super) enum DeliveredAmount {
    Millilitres(Decimal),
    /// Vials of a powder, and the units that each of them holds.
    Powder {
        vials: u32,
        units_per_vial: Decimal,
    },
}

/// Why nothing was taken into stock.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReceiveLotError {
    #[error("names what is not there")]
    Unknown(Vec<FieldError>),
    #[error("this lot is in stock there")]
    Exists(Option<Box<Lot>>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

pub(super) static LOT_EXISTS: ProblemType = ProblemType::new(
    "lot-exists",
    409,
    "This lot of this drug is in stock at this location",
)
.with(&[
    Member::new("lot_id", Shape::Id, "The lot that is on record."),
    Member::new("expires_on", Shape::Date, "When that lot expires."),
]);

impl Refusal for ReceiveLotError {
    const TYPES: &'static [&'static ProblemType] = &[&LOT_EXISTS];

    fn problem(self) -> Problem {
        match self {
            Self::Unknown(errors) => Problem::invalid(errors),
            Self::Exists(None) => {
                Problem::new(&LOT_EXISTS).detail("Adjust the lot that is there.")
            }
            Self::Exists(Some(there)) => Problem::new(&LOT_EXISTS)
                .detail(format!(
                    "The lot that is in stock expires on {}. One lot of the maker has one expiry: correct the \
                     one that is wrong, and adjust the lot that is there.",
                    there.expires_on
                ))
                .member("lot_id", there.id)
                .member("expires_on", there.expires_on),
            Self::Database(error) => error.into(),
        }
    }
}

/// Takes a lot into stock; an expired one can be recorded, and cannot be drawn from.
pub(super) async fn receive_lot(
    transaction: &Transaction<'_, ReceiveLot>,
    delivery: &Delivery,
) -> Result<Lot, ReceiveLotError> {
    let zone = store::zone_of_location(transaction, delivery.location_id).await?;
    let mut unknown = Vec::new();
    let is_powder = matches!(delivery.amount, DeliveredAmount::Powder { .. });
    match formulary().find(&delivery.drug_code) {
        None => unknown.push(FieldError::new("/drug_code", "is not in the formulary")),
        Some(drug) if is_powder && !has_units(drug) => {
            let detail =
                "counts a powder that is dosed in units, which this drug is not; say quantity_ml";
            unknown.push(FieldError::new("/vials", detail));
        }
        Some(_) => {}
    }
    let Some(zone) = zone.filter(|_| unknown.is_empty()) else {
        if zone.is_none() {
            unknown.push(FieldError::new("/location_id", "names no location here"));
        }
        return Err(ReceiveLotError::Unknown(unknown));
    };
    let (received_ml, powder) = match delivery.amount {
        DeliveredAmount::Millilitres(quantity_ml) => (quantity_ml, None),
        DeliveredAmount::Powder {
            vials,
            units_per_vial,
        } => {
            let units = Decimal::from(vials) * units_per_vial;
            let powder = PowderStock {
                units_per_vial,
                received_units: units,
                remaining_units: units,
            };
            (Decimal::ZERO, Some(powder))
        }
    };
    let lot = Lot {
        id: LotId::fresh(transaction.now()),
        drug_code: delivery.drug_code.clone(),
        lot_number: delivery.lot_number.clone(),
        expires_on: delivery.expires_on,
        vial_type: delivery.vial_type,
        location_id: delivery.location_id,
        label: delivery.label.clone(),
        zone,
        standing: LotStanding::Available,
        status_reason: None,
        powder,
        received_ml,
        remaining_ml: received_ml,
        version: Version::FIRST,
        updated_at: transaction.now(),
    };
    if !store::insert_lot(transaction, &lot).await? {
        let there = store::lot_in_stock(transaction, &lot).await?;
        let differs = there.filter(|there| there.expires_on != lot.expires_on);
        return Err(ReceiveLotError::Exists(differs.map(Box::new)));
    }
    let movement = Movement {
        lot_id: lot.id,
        change: powder.map_or(received_ml, |powder| powder.received_units),
        is_in_units: powder.is_some(),
        cause: MovementCause::Received,
        procedure_id: None,
        note: None,
    };
    store::insert_movements(transaction, &[movement]).await?;
    Ok(lot)
}

/// Whether a drug is dosed in units, as its class says.
const fn has_units(drug: &Drug) -> bool {
    matches!(drug.class, DrugClass::BotulinumToxin | DrugClass::Other)
}
