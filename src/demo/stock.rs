//! Lots of drugs, and what was drawn from them.
//!
//! Each location has its own. What is left of a lot is what came in less what was drawn, and every
//! draw leaves a movement. Among them are one that expired, one in quarantine and one that was
//! recalled after it had been used.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::platform::decimal::ExactDecimal;

use super::clinic::Clinic;
use super::dice::Dice;
use super::present::{Present, day_from};
use super::rows::{LotRow, MovementRow, Rows};

struct Lot {
    row: LotRow,
    /// The lot is not used after this instant.
    usable_until: DateTime<Utc>,
}

/// All lots of the clinic.
pub(super) struct Stock {
    lots: Vec<Lot>,
}

/// Drug, vial, millilitres, days since it came, days until it expires, and what became of it.
type Delivery = (&'static str, &'static str, i64, i32, i32, Standing);

#[derive(Clone, Copy)]
enum Standing {
    Good,
    /// Set aside so many days ago.
    Quarantined(i32),
    Recalled(i32),
}

const EVERYWHERE: &[Delivery] = &[
    ("lidocaine", "multi_dose", 1500, 100, 420, Standing::Good),
    ("lidocaine", "multi_dose", 500, 20, 600, Standing::Good),
    ("bupivacaine", "multi_dose", 600, 40, 380, Standing::Good),
    (
        "triamcinolone_acetonide",
        "single_dose",
        60,
        100,
        300,
        Standing::Good,
    ),
    ("cyanocobalamin", "multi_dose", 60, 60, 500, Standing::Good),
    (
        "onabotulinumtoxin_a",
        "single_dose",
        200,
        100,
        240,
        Standing::Good,
    ),
];
const NEW_YORK: &[Delivery] = &[
    (
        "bupivacaine",
        "multi_dose",
        400,
        100,
        300,
        Standing::Recalled(9),
    ),
    ("cyanocobalamin", "multi_dose", 30, 110, -12, Standing::Good),
];
const PHOENIX: &[Delivery] = &[
    ("bupivacaine", "multi_dose", 400, 100, 340, Standing::Good),
    ("cyanocobalamin", "multi_dose", 30, 110, 340, Standing::Good),
    (
        "triamcinolone_acetonide",
        "single_dose",
        20,
        30,
        260,
        Standing::Quarantined(5),
    ),
];

impl Stock {
    /// Takes in every delivery.
    pub(super) fn receive(
        clinic: &Clinic,
        present: Present,
        dice: &mut Dice,
        rows: &mut Rows,
    ) -> Self {
        let mut stock = Self { lots: Vec::new() };
        for (location_id, own) in clinic.locations().into_iter().zip([NEW_YORK, PHOENIX]) {
            // What came first is used first.
            for delivery in own.iter().chain(EVERYWHERE) {
                let lot = deliver(clinic, location_id, *delivery, present, dice);
                rows.stock_movements.push(MovementRow {
                    practice_id: clinic.practice_id,
                    id: dice.id(lot.row.created_at),
                    lot_id: lot.row.id,
                    change_ml: lot.row.received_ml,
                    cause: "received",
                    procedure_id: None,
                    note: None,
                    moved_by: clinic.front_desk,
                    moved_at: lot.row.created_at,
                });
                stock.lots.push(lot);
            }
        }
        stock
    }

    /// Draws from the first suitable lot; returns `None` when there is none.
    pub(super) fn draw(
        &mut self,
        (drug_code, location_id): (&str, Uuid),
        volume_ml: Decimal,
        at: DateTime<Utc>,
    ) -> Option<Uuid> {
        let lot = self.lots.iter_mut().find(|lot| {
            lot.row.drug_code == drug_code
                && lot.row.location_id == location_id
                && lot.row.created_at <= at
                && at < lot.usable_until
                && lot.row.remaining_ml.0 >= volume_ml
        })?;
        lot.row.remaining_ml.0 -= volume_ml;
        lot.row.version += 1;
        lot.row.updated_at = lot.row.updated_at.max(at);
        Some(lot.row.id)
    }

    /// Writes down what is left.
    pub(super) fn count(self, rows: &mut Rows) {
        rows.lots.extend(self.lots.into_iter().map(|lot| lot.row));
    }
}

fn deliver(
    clinic: &Clinic,
    location_id: Uuid,
    (drug_code, vial_type, millilitres, days_ago, good_for, standing): Delivery,
    present: Present,
    dice: &mut Dice,
) -> Lot {
    let received_at = present.now - TimeDelta::days(i64::from(days_ago));
    let expires_on: NaiveDate = day_from(present.today, good_for);
    let (status, status_reason, set_aside) = match standing {
        Standing::Good => ("available", None, None),
        Standing::Quarantined(days) => (
            "quarantined",
            Some("Crystals seen in a vial; asked the maker"),
            Some(days),
        ),
        Standing::Recalled(days) => (
            "recalled",
            Some("Recalled by the maker (made up for the demo)"),
            Some(days),
        ),
    };
    let set_aside_at = set_aside.map(|days| present.now - TimeDelta::days(i64::from(days)));
    let midnight = expires_on
        .checked_sub_days(Days::new(1))
        .unwrap_or(expires_on);
    let expires_at = midnight.and_time(chrono::NaiveTime::MIN).and_utc();
    let volume = ExactDecimal(Decimal::from(millilitres));
    Lot {
        row: LotRow {
            practice_id: clinic.practice_id,
            id: dice.id(received_at),
            drug_code,
            lot_number: format!("DEMO-{}", dice.between(10_000, 99_999)),
            expires_on,
            vial_type,
            location_id,
            status,
            received_ml: volume,
            remaining_ml: volume,
            status_reason,
            version: 1,
            created_at: received_at,
            updated_at: set_aside_at.unwrap_or(received_at),
        },
        usable_until: set_aside_at.unwrap_or(expires_at),
    }
}
