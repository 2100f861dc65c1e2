//! Lots, what moved in and out of them, and who received them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz};
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::id;
use crate::platform::page::Window;
use crate::platform::text::Word;
use crate::schema::{
    injections, locations, lots, patients, procedures, solution_components, solutions,
    stock_movements,
};
use crate::visits::VisitId;

use super::super::exposures::{ExposedSite, Exposure};
use super::super::find_lots::{LotFilter, LotKey};
use super::super::lot::{Lot, LotId, LotStatus, MovementCause, VialType};
use super::super::procedure::{InjectionId, Procedure, ProcedureId, ProcedureStatus, SolutionId};
use tautband_rules::kind::Side;
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
    received_ml: ExactDecimal,
    remaining_ml: ExactDecimal,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl LotRow {
    fn lot(self, time_zone: &str) -> Lot {
        Lot {
            id: self.id,
            drug_code: self.drug_code,
            lot_number: self.lot_number,
            expires_on: self.expires_on,
            vial_type: self.vial_type,
            location_id: self.location_id,
            zone: zone(time_zone),
            standing: self.status.0,
            status_reason: self.status_reason,
            received_ml: self.received_ml.0,
            remaining_ml: self.remaining_ml.0,
            version: self.version,
            updated_at: self.updated_at,
        }
    }
}

/// A lot and the time zone of the place where it lies.
#[derive(Deserialize)]
pub(super) struct LotAtPlaceRow {
    lot: LotRow,
    time_zone: String,
}

impl From<LotAtPlaceRow> for Lot {
    fn from(found: LotAtPlaceRow) -> Self {
        found.lot.lot(&found.time_zone)
    }
}

/// A zone is checked when the location is recorded; UTC where a database lost it.
pub(super) fn zone(name: &str) -> Tz {
    name.parse().unwrap_or_else(|_| {
        tracing::error!(name, "a location is in a time zone that is not known");
        Tz::UTC
    })
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
    received_ml: ExactDecimal,
    remaining_ml: ExactDecimal,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

pub(in super::super) async fn insert_lot(
    transaction: &OpenTransaction<'_>,
    lot: &Lot,
) -> Stored<()> {
    let row = NewLotRow {
        practice_id: transaction.practice_id(),
        id: lot.id,
        drug_code: &lot.drug_code,
        lot_number: &lot.lot_number,
        expires_on: lot.expires_on,
        vial_type: lot.vial_type,
        location_id: lot.location_id,
        status: Word(lot.standing),
        received_ml: lot.received_ml.into(),
        remaining_ml: lot.remaining_ml.into(),
        version: lot.version,
        created_at: transaction.now(),
        updated_at: lot.updated_at,
    };
    diesel::insert_into(lots::table)
        .values(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
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
    Ok(name.as_deref().map(zone))
}

pub(in super::super) async fn find_lot(
    transaction: &OpenTransaction<'_>,
    id: LotId,
) -> Stored<Option<Lot>> {
    Ok(lots_with_ids(transaction, &[id]).await?.pop())
}

/// The lots with these ids, in the order of their ids; an unknown id adds nothing.
pub(in super::super) async fn lots_with_ids(
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
    Ok(rows.into_iter().map(|(row, zone)| row.lot(&zone)).collect())
}

/// The lots a procedure draws from, in the order of their ids.
pub(in super::super) async fn lots_of_procedure(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
) -> Stored<Vec<Lot>> {
    let ids: Vec<LotId> = procedure.drawn_from_lots().into_keys().collect();
    lots_with_ids(transaction, &ids).await
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
            lots::remaining_ml.eq(ExactDecimal(lot.remaining_ml)),
            lots::version.eq(lot.version),
            lots::updated_at.eq(lot.updated_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Takes a volume out of a lot, unless it holds less or has been set aside in the meantime.
pub(in super::super) async fn draw_from_lot(
    transaction: &OpenTransaction<'_>,
    id: LotId,
    volume_ml: Decimal,
    standings: &[LotStanding],
) -> Stored<bool> {
    let volume = ExactDecimal(volume_ml);
    let drawn = diesel::update(lots::table)
        .filter(lots::practice_id.eq(transaction.practice_id()))
        .filter(lots::id.eq(id))
        .filter(lots::status.eq_any(standings.iter().copied().map(Word)))
        .filter(lots::remaining_ml.ge(volume))
        .set((
            lots::remaining_ml.eq(lots::remaining_ml - volume),
            lots::version.eq(lots::version + 1),
            lots::updated_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(drawn == 1)
}

/// A change of stock.
pub(in super::super) struct Movement {
    pub(in super::super) lot_id: LotId,
    pub(in super::super) change_ml: Decimal,
    pub(in super::super) cause: MovementCause,
    pub(in super::super) procedure_id: Option<ProcedureId>,
    pub(in super::super) note: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = stock_movements, treat_none_as_default_value = false)]
struct MovementRow<'a> {
    practice_id: Uuid,
    id: Uuid,
    lot_id: LotId,
    change_ml: ExactDecimal,
    cause: MovementCause,
    procedure_id: Option<ProcedureId>,
    note: Option<&'a str>,
    moved_by: Uuid,
    moved_at: DateTime<Utc>,
}

pub(in super::super) async fn insert_movements(
    transaction: &OpenTransaction<'_>,
    movements: &[Movement],
) -> Stored<()> {
    let rows: Vec<MovementRow<'_>> = movements
        .iter()
        .map(|movement| MovementRow {
            practice_id: transaction.practice_id(),
            id: id::fresh(transaction.now()),
            lot_id: movement.lot_id,
            change_ml: movement.change_ml.into(),
            cause: movement.cause,
            procedure_id: movement.procedure_id,
            note: movement.note.as_deref(),
            moved_by: transaction.principal().user_id,
            moved_at: transaction.now(),
        })
        .collect();
    diesel::insert_into(stock_movements::table)
        .values(&rows)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
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
        let nothing = ExactDecimal(Decimal::ZERO);
        query = match status {
            LotStatus::Available => query
                .filter(diesel::dsl::not(is_expired()))
                .filter(lots::remaining_ml.gt(nothing)),
            LotStatus::Expired => query.filter(is_expired()),
            LotStatus::Empty => query
                .filter(diesel::dsl::not(is_expired()))
                .filter(lots::remaining_ml.eq(nothing)),
            LotStatus::Quarantined | LotStatus::Recalled => query,
        };
    }
    if let Some((drug_code, expires_on, id)) = &window.after {
        query = query.filter(
            lots::drug_code
                .gt(drug_code)
                .or(lots::drug_code.eq(drug_code).and(
                    lots::expires_on
                        .gt(expires_on)
                        .or(lots::expires_on.eq(expires_on).and(lots::id.gt(id))),
                )),
        );
    }
    let rows: Vec<(LotRow, String)> = query.load(&mut transaction.connection()).await?;
    Ok(rows.into_iter().map(|(row, zone)| row.lot(&zone)).collect())
}

#[derive(Queryable)]
struct ExposureRow {
    id: Uuid,
    solution_id: SolutionId,
    patient_id: PatientId,
    given_name: String,
    family_name: String,
    visit_id: VisitId,
    procedure_id: ProcedureId,
    procedure_status: ProcedureStatus,
    drawn_ml: ExactDecimal,
    drawn_at: DateTime<Utc>,
}

#[derive(Queryable)]
struct ExposedSiteRow {
    id: InjectionId,
    solution_id: Option<SolutionId>,
    muscle_code: String,
    side: Word<Side>,
    volume_ml: ExactDecimal,
    injected_at: DateTime<Utc>,
}

/// Every time a lot was drawn from, with the sites that received some of them.
pub(in super::super) async fn exposures(
    transaction: &OpenTransaction<'_>,
    id: LotId,
    window: &Window<Uuid>,
) -> Stored<Vec<Exposure>> {
    let drawn = drawn_from(transaction, id, window).await?;
    let solution_ids: Vec<SolutionId> = drawn.iter().map(|row| row.solution_id).collect();
    let mut sites: BTreeMap<SolutionId, Vec<ExposedSite>> = BTreeMap::new();
    for row in sites_of(transaction, &solution_ids).await? {
        let Some(solution_id) = row.solution_id else {
            continue;
        };
        sites.entry(solution_id).or_default().push(ExposedSite {
            injection_id: row.id,
            muscle_code: row.muscle_code,
            side: row.side.0,
            volume_ml: row.volume_ml.0,
            injected_at: row.injected_at,
        });
    }
    let exposure = |row: ExposureRow| Exposure {
        id: row.id,
        sites: sites.get(&row.solution_id).cloned().unwrap_or_default(),
        solution_id: row.solution_id,
        patient_id: row.patient_id,
        patient_name: Some(format!("{} {}", row.given_name, row.family_name)),
        visit_id: row.visit_id,
        procedure_id: row.procedure_id,
        procedure_status: row.procedure_status,
        drawn_ml: row.drawn_ml.0,
        drawn_at: row.drawn_at,
    };
    Ok(drawn.into_iter().map(exposure).collect())
}

async fn drawn_from(
    transaction: &OpenTransaction<'_>,
    id: LotId,
    window: &Window<Uuid>,
) -> Stored<Vec<ExposureRow>> {
    let mut query = solution_components::table
        .inner_join(
            solutions::table.on(solutions::practice_id
                .eq(solution_components::practice_id)
                .and(solutions::id.eq(solution_components::solution_id))),
        )
        .inner_join(
            procedures::table.on(procedures::practice_id
                .eq(solutions::practice_id)
                .and(procedures::id.eq(solutions::procedure_id))),
        )
        .inner_join(
            patients::table.on(patients::practice_id
                .eq(solution_components::practice_id)
                .and(patients::id.eq(solution_components::patient_id))),
        )
        .filter(solution_components::practice_id.eq(transaction.practice_id()))
        .filter(solution_components::lot_id.eq(id))
        .order(solution_components::id)
        .limit(window.probe())
        .select((
            solution_components::id,
            solutions::id,
            patients::id,
            patients::given_name,
            patients::family_name,
            solutions::visit_id,
            solutions::procedure_id,
            procedures::status,
            solution_components::volume_ml,
            solutions::prepared_at,
        ))
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(solution_components::id.gt(after));
    }
    Ok(query.load(&mut transaction.connection()).await?)
}

async fn sites_of(
    transaction: &OpenTransaction<'_>,
    solution_ids: &[SolutionId],
) -> Stored<Vec<ExposedSiteRow>> {
    let rows = injections::table
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::solution_id.eq_any(solution_ids))
        .order(injections::id)
        .select((
            injections::id,
            injections::solution_id,
            injections::muscle_code,
            injections::side,
            injections::volume_ml,
            injections::injected_at,
        ))
        .load(&mut transaction.connection())
        .await?;
    Ok(rows)
}

#[diesel::dsl::auto_type]
fn on_location() -> _ {
    locations::practice_id
        .eq(lots::practice_id)
        .and(locations::id.eq(lots::location_id))
}
