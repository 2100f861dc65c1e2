//! Rows and queries of lots.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Numeric, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use uuid::Uuid;

use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::{Window, rows_after};
use crate::platform::prepared::prepared;
use crate::platform::text::Word;
use crate::schema::{locations, lots};

use super::super::lot::{Lot, LotId, LotLabel, LotStatus, PowderStock, Quantity, VialType};
use super::super::lot_filter::{LotFilter, LotKey};
use tautband_rules::dose::{Concentration, ConcentrationUnit};
use tautband_rules::solution::LotStanding;

#[derive(Queryable, Selectable, Deserialize)]
#[diesel(table_name = lots, check_for_backend(diesel::pg::Pg))]
struct LotRow {
    id: LotId,
    drug_code: String,
    lot_number: String,
    expires_on: NaiveDate,
    vial_type: VialType,
    location_id: Uuid,
    status: Word<LotStanding>,
    status_reason: Option<String>,
    strength: Option<ExactDecimal>,
    strength_unit: Option<Word<ConcentrationUnit>>,
    units_per_vial: Option<ExactDecimal>,
    manufacturer: Option<String>,
    ndc: Option<String>,
    barcode: Option<String>,
    received_ml: ExactDecimal,
    remaining_ml: ExactDecimal,
    received_units: Option<ExactDecimal>,
    remaining_units: Option<ExactDecimal>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl LotRow {
    fn strength(&self) -> Stored<Option<Concentration>> {
        let read = match (self.strength, self.strength_unit) {
            (None, None) => return Ok(None),
            (Some(value), Some(unit)) => Concentration::new(value.0, unit.0).ok(),
            _ => None,
        };
        let unreadable = || InconsistentRow::new("lots", "strength", self.id);
        Ok(Some(read.ok_or_else(unreadable)?))
    }

    fn powder(&self) -> Stored<Option<PowderStock>> {
        match (
            self.units_per_vial,
            self.received_units,
            self.remaining_units,
        ) {
            (_, None, None) => Ok(None),
            (Some(per_vial), Some(received), Some(remaining)) => Ok(Some(PowderStock {
                units_per_vial: per_vial.0.normalize(),
                received_units: received.0.normalize(),
                remaining_units: remaining.0.normalize(),
            })),
            _ => Err(InconsistentRow::new("lots", "received_units", self.id).into()),
        }
    }

    fn lot(self, time_zone: &str) -> Stored<Lot> {
        Ok(Lot {
            powder: self.powder()?,
            label: LotLabel {
                strength: self.strength()?,
                units_per_vial: self.units_per_vial.map(|units| units.0),
                manufacturer: self.manufacturer,
                ndc: self.ndc,
                barcode: self.barcode,
            },
            id: self.id,
            drug_code: self.drug_code,
            lot_number: self.lot_number,
            expires_on: self.expires_on,
            vial_type: self.vial_type,
            location_id: self.location_id,
            zone: zone(self.location_id, time_zone)?,
            standing: self.status.0,
            status_reason: self.status_reason,
            received_ml: self.received_ml.0,
            remaining_ml: self.remaining_ml.0,
            version: self.version,
            updated_at: self.updated_at,
        })
    }
}

/// A lot and the time zone of its location, as JSON.
#[derive(Deserialize)]
struct LotInJson {
    lot: LotRow,
    time_zone: String,
}

/// Reads lots from a list of `{"lot": …, "time_zone": …}`, which a statement of another feature
/// returns beside its own rows.
pub(crate) fn lots_in_json(list: serde_json::Value) -> Stored<Vec<Lot>> {
    let rows: Vec<LotInJson> = serde_json::from_value(list).map_err(|error| {
        DatabaseError::from(diesel::result::Error::DeserializationError(Box::new(error)))
    })?;
    rows.into_iter()
        .map(|row| row.lot.lot(&row.time_zone))
        .collect()
}

/// A zone is checked when the location is recorded.
fn zone(location_id: Uuid, name: &str) -> Stored<Tz> {
    name.parse()
        .map_err(|_unknown| InconsistentRow::new("locations", "time_zone", location_id).into())
}

#[derive(Insertable)]
#[diesel(table_name = lots, treat_none_as_default_value = false)]
struct NewLotRow<'a> {
    practice_id: Uuid,
    id: LotId,
    drug_code: &'a str,
    lot_number: &'a str,
    expires_on: NaiveDate,
    vial_type: VialType,
    location_id: Uuid,
    status: Word<LotStanding>,
    strength: Option<ExactDecimal>,
    strength_unit: Option<Word<ConcentrationUnit>>,
    units_per_vial: Option<ExactDecimal>,
    manufacturer: Option<&'a str>,
    ndc: Option<&'a str>,
    barcode: Option<&'a str>,
    received_ml: ExactDecimal,
    remaining_ml: ExactDecimal,
    received_units: Option<ExactDecimal>,
    remaining_units: Option<ExactDecimal>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Inserts a lot, unless this lot of the maker is in stock there.
pub(in super::super) async fn insert_lot(
    transaction: &OpenTransaction<'_>,
    lot: &Lot,
) -> Stored<bool> {
    let row = NewLotRow {
        practice_id: transaction.practice_id(),
        id: lot.id,
        drug_code: &lot.drug_code,
        lot_number: &lot.lot_number,
        expires_on: lot.expires_on,
        vial_type: lot.vial_type,
        location_id: lot.location_id,
        status: Word(lot.standing),
        strength: lot.label.strength.map(|one| one.value().into()),
        strength_unit: lot.label.strength.map(|one| Word(one.unit())),
        units_per_vial: lot.label.units_per_vial.map(ExactDecimal),
        manufacturer: lot.label.manufacturer.as_deref(),
        ndc: lot.label.ndc.as_deref(),
        barcode: lot.label.barcode.as_deref(),
        received_ml: lot.received_ml.into(),
        remaining_ml: lot.remaining_ml.into(),
        received_units: lot.powder.map(|powder| powder.received_units.into()),
        remaining_units: lot.powder.map(|powder| powder.remaining_units.into()),
        version: lot.version,
        created_at: transaction.now(),
        updated_at: lot.updated_at,
    };
    let inserted = diesel::insert_into(lots::table)
        .values(&row)
        .on_conflict((
            lots::practice_id,
            lots::location_id,
            lots::drug_code,
            lots::maker_number,
        ))
        .do_nothing()
        .execute(&mut transaction.connection())
        .await?;
    Ok(inserted == 1)
}

/// The time zone of a location of this practice.
pub(in super::super) async fn zone_of_location(
    transaction: &OpenTransaction<'_>,
    id: Uuid,
) -> Stored<Option<Tz>> {
    let name: Option<String> = locations::table
        .filter(locations::practice_id.eq(transaction.practice_id()))
        .filter(locations::id.eq(id))
        .select(locations::time_zone)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    name.map(|name| zone(id, &name)).transpose()
}

pub(crate) async fn find_lot(transaction: &OpenTransaction<'_>, id: LotId) -> Stored<Option<Lot>> {
    Ok(lots_with_ids(transaction, &[id]).await?.pop())
}

/// The lots with these ids, in the order of their ids; an unknown id adds nothing.
pub(crate) async fn lots_with_ids(
    transaction: &OpenTransaction<'_>,
    ids: &[LotId],
) -> Stored<Vec<Lot>> {
    let rows: Vec<(LotRow, String)> = lots::table
        .inner_join(locations::table.on(on_location()))
        .filter(lots::practice_id.eq(transaction.practice_id()))
        .filter(lots::id.eq_any(ids))
        .order(lots::id)
        .select((LotRow::as_select(), locations::time_zone))
        .load(&mut transaction.connection())
        .await?;
    rows.into_iter().map(|(row, zone)| row.lot(&zone)).collect()
}

/// Locks lots against draws and changes until the transaction ends, in the order of their ids.
pub(in super::super) async fn lock_lots(
    transaction: &OpenTransaction<'_>,
    ids: &[LotId],
) -> Stored<()> {
    let _held: Vec<LotId> = lots::table
        .filter(lots::practice_id.eq(transaction.practice_id()))
        .filter(lots::id.eq_any(ids))
        .order(lots::id)
        .select(lots::id)
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Locks a lot against draws and changes until the transaction ends.
pub(in super::super) async fn lock_lot(
    transaction: &OpenTransaction<'_>,
    id: LotId,
) -> Stored<Option<Lot>> {
    let held: Option<LotId> = lots::table
        .filter(lots::practice_id.eq(transaction.practice_id()))
        .filter(lots::id.eq(id))
        .select(lots::id)
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    if held.is_none() {
        return Ok(None);
    }
    find_lot(transaction, id).await
}

pub(in super::super) async fn record_lot(
    transaction: &OpenTransaction<'_>,
    lot: &Lot,
) -> Stored<()> {
    diesel::update(lots::table)
        .filter(lots::practice_id.eq(transaction.practice_id()))
        .filter(lots::id.eq(lot.id))
        .set((
            lots::status.eq(Word(lot.standing)),
            lots::status_reason.eq(&lot.status_reason),
            lots::expires_on.eq(lot.expires_on),
            lots::lot_number.eq(&lot.lot_number),
            lots::strength.eq(lot.label.strength.map(|one| ExactDecimal(one.value()))),
            lots::strength_unit.eq(lot.label.strength.map(|one| Word(one.unit()))),
            lots::units_per_vial.eq(lot.label.units_per_vial.map(ExactDecimal)),
            lots::manufacturer.eq(&lot.label.manufacturer),
            lots::ndc.eq(&lot.label.ndc),
            lots::barcode.eq(&lot.label.barcode),
            lots::remaining_ml.eq(ExactDecimal(lot.remaining_ml)),
            lots::received_units.eq(lot.powder.map(|one| ExactDecimal(one.received_units))),
            lots::remaining_units.eq(lot.powder.map(|one| ExactDecimal(one.remaining_units))),
            lots::version.eq(lot.version),
            lots::updated_at.eq(lot.updated_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Locks every row of the maker's lot that a row belongs to, in the order of their ids: at any location, and
/// however its number was written.
pub(in super::super) async fn lock_makers_lot(
    transaction: &OpenTransaction<'_>,
    id: LotId,
) -> Stored<Vec<Lot>> {
    let practice_id = transaction.practice_id();
    let makers: Option<(String, String)> = lots::table
        .filter(lots::practice_id.eq(practice_id))
        .filter(lots::id.eq(id))
        .select((lots::drug_code, lots::maker_number))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    let Some((drug_code, maker_number)) = makers else {
        return Ok(Vec::new());
    };
    let ids: Vec<LotId> = lots::table
        .filter(lots::practice_id.eq(practice_id))
        .filter(lots::drug_code.eq(drug_code))
        .filter(lots::maker_number.eq(maker_number))
        .order(lots::id)
        .select(lots::id)
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    lots_with_ids(transaction, &ids).await
}

/// The lot of this number that is in stock at a location.
pub(in super::super) async fn lot_in_stock(
    transaction: &OpenTransaction<'_>,
    lot: &Lot,
) -> Stored<Option<Lot>> {
    let id: Option<LotId> = lots::table
        .filter(lots::practice_id.eq(transaction.practice_id()))
        .filter(lots::location_id.eq(lot.location_id))
        .filter(lots::drug_code.eq(&lot.drug_code))
        .filter(lots::maker_number.eq(maker_number(&lot.lot_number)))
        .select(lots::id)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    match id {
        Some(id) => find_lot(transaction, id).await,
        None => Ok(None),
    }
}

/// The number as Postgres compares it: without blanks and in capitals.
fn maker_number(lot_number: &str) -> String {
    let marks = lot_number.chars().filter(|mark| !mark.is_whitespace());
    marks.flat_map(char::to_uppercase).collect()
}

/// Takes a quantity out of a lot, unless it holds less or has been set aside in the meantime.
pub(in super::super) async fn draw_from_lot(
    transaction: &OpenTransaction<'_>,
    id: LotId,
    quantity: Quantity,
) -> Stored<bool> {
    let drawn = take(transaction, id, quantity, DRAW).await?;
    Ok(drawn == 1)
}

/// Puts a quantity back into a lot.
pub(in super::super) async fn return_to_lot(
    transaction: &OpenTransaction<'_>,
    id: LotId,
    quantity: Quantity,
) -> Stored<()> {
    take(transaction, id, -quantity, RETURN).await?;
    Ok(())
}

/// A lot is counted in units where it is a powder, else in millilitres: `$1` and `$2` of them are taken.
macro_rules! take_where {
    ($condition:literal) => {
        concat!(
            "UPDATE lots SET remaining_ml = remaining_ml - CASE WHEN received_units IS NULL THEN $1 ELSE 0 END, \
             remaining_units = remaining_units - $2, version = version + 1, updated_at = $3 \
             WHERE practice_id = $4 AND id = $5 AND ",
            $condition
        )
    };
}

const DRAW: &str = take_where!(
    "status = 'available' AND CASE WHEN received_units IS NULL THEN remaining_ml >= $1 ELSE remaining_units >= $2 END"
);
const RETURN: &str = take_where!("true");

async fn take(
    transaction: &OpenTransaction<'_>,
    id: LotId,
    quantity: Quantity,
    statement: &'static str,
) -> Stored<usize> {
    let taken = prepared(
        diesel::sql_query(statement)
            .bind::<Numeric, _>(ExactDecimal(quantity.ml))
            .bind::<Numeric, _>(ExactDecimal(quantity.units))
            .bind::<Timestamptz, _>(transaction.now())
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(id),
    );
    Ok(taken.execute(&mut transaction.connection()).await?)
}

/// Lots by drug and last day of use, from the place of the window on.
pub(in super::super) async fn lots_matching(
    transaction: &OpenTransaction<'_>,
    filter: &LotFilter,
    window: &Window<LotKey>,
) -> Stored<Vec<Lot>> {
    let mut query = lots::table
        .inner_join(locations::table.on(on_location()))
        .filter(lots::practice_id.eq(transaction.practice_id()))
        .order((lots::drug_code, lots::expires_on, lots::id))
        .limit(window.probe())
        .select((LotRow::as_select(), locations::time_zone))
        .into_boxed();
    if let Some(code) = &filter.drug_code {
        query = query.filter(lots::drug_code.eq(code));
    }
    if let Some(id) = filter.location_id {
        query = query.filter(lots::location_id.eq(id));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(lots::updated_at.ge(since));
    }
    if let Some(status) = filter.status {
        let standing = match status {
            LotStatus::Quarantined => LotStanding::Quarantined,
            LotStatus::Recalled => LotStanding::Recalled,
            LotStatus::Available | LotStatus::Expired | LotStatus::Empty => LotStanding::Available,
        };
        query = query.filter(lots::status.eq(Word(standing)));
        let is_expired = || {
            sql::<Bool>("lots.expires_on < (")
                .bind::<Timestamptz, _>(transaction.now())
                .sql(" AT TIME ZONE locations.time_zone)::date")
        };
        let is_empty = || sql::<Bool>("coalesce(lots.remaining_units, lots.remaining_ml) = 0");
        query = match status {
            LotStatus::Available => query
                .filter(diesel::dsl::not(is_expired()))
                .filter(diesel::dsl::not(is_empty())),
            LotStatus::Expired => query.filter(is_expired()),
            LotStatus::Empty => query
                .filter(diesel::dsl::not(is_expired()))
                .filter(is_empty()),
            LotStatus::Quarantined | LotStatus::Recalled => query,
        };
    }
    rows_after!(query, window, lots::drug_code, lots::expires_on, lots::id);
    let rows: Vec<(LotRow, String)> = query.load(&mut transaction.connection()).await?;
    rows.into_iter().map(|(row, zone)| row.lot(&zone)).collect()
}

#[diesel::dsl::auto_type]
fn on_location() -> _ {
    locations::practice_id
        .eq(lots::practice_id)
        .and(locations::id.eq(lots::location_id))
}
