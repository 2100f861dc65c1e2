//! What the codes look at beside the procedure itself: muscles, palpations and earlier sessions,
//! each bounded by a window.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::dsl::{max, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;

use crate::findings::{MuscleKind, PointId};
use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::prepared::constant_sql;
use crate::platform::text::Word;
use crate::schema::{injections, locations, muscles, palpations, procedures, visits};
use crate::stock::LotId;
use crate::visits::VisitId;

use super::super::procedure::{Procedure, ProcedureId};
use super::super::syringe::SolutionId;
use super::belongings::concentration;
use tautband_rules::dose::{Concentration, ConcentrationUnit};
use tautband_rules::kind::{ProcedureKind, Side};

/// A local day lies within so much of any instant in it, in whatever zone and on a day of 25 hours.
const A_DAY_ANYWHERE: TimeDelta = TimeDelta::hours(26);

/// The time zone of the place where a visit is.
pub(in super::super) async fn zone_of_visit(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
) -> Stored<Tz> {
    let name: Option<String> = visits::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(visits::practice_id)
                .and(locations::id.eq(visits::location_id))),
        )
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::id.eq(visit_id))
        .select(locations::time_zone)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    let zone = name.and_then(|name| name.parse().ok());
    Ok(zone.ok_or_else(|| InconsistentRow::new("visits", "location_id", visit_id))?)
}

/// The members of the muscle groups among these codes.
pub(in super::super) async fn group_members(
    transaction: &OpenTransaction<'_>,
    codes: &[&str],
) -> Stored<BTreeMap<String, Vec<String>>> {
    let rows: Vec<(Option<String>, String)> = muscles::table
        .filter(muscles::parent_code.eq_any(codes))
        .filter(muscles::kind.eq("muscle"))
        .order(muscles::code)
        .select((muscles::parent_code, muscles::code))
        .load(&mut transaction.connection())
        .await?;
    let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (group, code) in rows {
        if let Some(group) = group {
            members.entry(group).or_default().push(code);
        }
    }
    Ok(members)
}

/// A place that was treated in an earlier session of the same kind.
#[derive(Queryable)]
pub(in super::super) struct EarlierSession {
    /// When the session was over.
    pub(in super::super) ended_at: DateTime<Utc>,
    pub(in super::super) muscle_code: String,
    pub(in super::super) side: Word<Side>,
    pub(in super::super) muscle_kind: MuscleKind,
    pub(in super::super) parent_code: Option<String>,
    pub(in super::super) region: String,
    pub(in super::super) point_id: Option<PointId>,
    pub(in super::super) pain_nrs_before: Option<i16>,
}

/// Places of earlier sessions of the same kind that are over, completed or stopped, by session.
pub(in super::super) async fn earlier_sessions(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    since: DateTime<Utc>,
) -> Stored<Vec<EarlierSession>> {
    let until = procedure.ended_at().unwrap_or_else(|| transaction.now());
    let ended_at = || {
        constant_sql::<Timestamptz, 0>(
            [],
            [],
            "coalesce(procedures.completed_at, procedures.stopped_at)",
        )
    };
    let rows = procedures::table
        .inner_join(
            injections::table.on(injections::practice_id
                .eq(procedures::practice_id)
                .and(injections::procedure_id.eq(procedures::id))),
        )
        .inner_join(muscles::table.on(muscles::code.eq(injections::muscle_code)))
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::patient_id.eq_any(records_of(transaction, procedure.patient_id)))
        .filter(procedures::id.ne(procedure.id))
        .filter(procedures::kind.eq(Word(procedure.kind)))
        .filter(procedures::voided_at.is_null())
        .filter(injections::voided_at.is_null())
        .filter(ended_at().between(since, until))
        .order((ended_at(), procedures::id, injections::id))
        .select((
            ended_at(),
            injections::muscle_code,
            injections::side,
            muscles::kind,
            muscles::parent_code,
            muscles::region,
            injections::point_id,
            injections::pain_nrs_before,
        ))
        .load(&mut transaction.connection())
        .await?;
    Ok(rows)
}

/// When a needle last went into the person of a patient, of all sessions that are over.
pub(in super::super) async fn last_needled_at(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Option<DateTime<Utc>>> {
    let last = injections::table
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(injections::voided_at.is_null())
        .select(max(injections::injected_at))
        .first(&mut transaction.connection())
        .await?;
    Ok(last)
}

/// A needle site of the days around a procedure, of whichever procedure.
#[derive(Queryable)]
pub(in super::super) struct DaySite {
    pub(in super::super) procedure_id: ProcedureId,
    pub(in super::super) injected_at: DateTime<Utc>,
    pub(in super::super) muscle_code: String,
    pub(in super::super) muscle_kind: MuscleKind,
    pub(in super::super) parent_code: Option<String>,
    pub(in super::super) side: Word<Side>,
    pub(in super::super) solution_id: Option<SolutionId>,
}

/// The needle sites of the person around an instant, the earliest first: those with toxin when the
/// procedure is one with toxin, else the others. Which lie on the same day depends on the time zone.
pub(in super::super) async fn sites_around(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    at: DateTime<Utc>,
) -> Stored<Vec<DaySite>> {
    let toxin = Word(ProcedureKind::BotulinumToxin);
    let mut query = injections::table
        .inner_join(
            procedures::table.on(procedures::practice_id
                .eq(injections::practice_id)
                .and(procedures::id.eq(injections::procedure_id))),
        )
        .inner_join(muscles::table.on(muscles::code.eq(injections::muscle_code)))
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::patient_id.eq_any(records_of(transaction, procedure.patient_id)))
        .filter(injections::voided_at.is_null())
        .filter(injections::injected_at.between(at - A_DAY_ANYWHERE, at + A_DAY_ANYWHERE))
        .order((injections::injected_at, injections::id))
        .select((
            injections::procedure_id,
            injections::injected_at,
            injections::muscle_code,
            muscles::kind,
            muscles::parent_code,
            injections::side,
            injections::solution_id,
        ))
        .into_boxed();
    query = if procedure.kind == ProcedureKind::BotulinumToxin {
        query.filter(procedures::kind.eq(toxin))
    } else {
        query.filter(procedures::kind.ne(toxin))
    };
    Ok(query.load(&mut transaction.connection()).await?)
}

/// The pain found at points of a patient in a stretch of time, the earliest first.
pub(in super::super) async fn pains_found(
    transaction: &OpenTransaction<'_>,
    points: &[PointId],
    (after, until): (DateTime<Utc>, DateTime<Utc>),
) -> Stored<Vec<(PointId, i16, DateTime<Utc>)>> {
    if points.is_empty() {
        return Ok(Vec::new());
    }
    Ok(palpations::table
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::point_id.eq_any(points))
        .filter(palpations::voided_at.is_null())
        .filter(felt_at().gt(after))
        .filter(felt_at().le(until))
        .filter(palpations::pain_nrs.is_not_null())
        .order((felt_at(), palpations::id))
        .select((
            palpations::point_id,
            palpations::pain_nrs.assume_not_null(),
            felt_at(),
        ))
        .load(&mut transaction.connection())
        .await?)
}

/// When something was felt, whenever it was entered.
fn felt_at() -> SqlLiteral<Timestamptz> {
    sql("coalesce(palpations.palpated_at, palpations.created_at)")
}

/// What of the criteria of a trigger point was found at a point in a visit.
#[derive(Queryable)]
pub(in super::super) struct FindingsRow {
    pub(in super::super) point_id: PointId,
    taut_band: String,
    hypersensitive_spot: String,
    referred_pain: String,
}

impl FindingsRow {
    /// How many criteria were found.
    pub(in super::super) fn count(&self) -> u32 {
        let criteria = [
            &self.taut_band,
            &self.hypersensitive_spot,
            &self.referred_pain,
        ];
        criteria
            .into_iter()
            .map(|criterion| u32::from(criterion == "yes"))
            .sum()
    }
}

/// The findings at all points of a visit.
pub(in super::super) async fn findings_of_points(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
) -> Stored<Vec<FindingsRow>> {
    let rows = palpations::table
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::visit_id.eq(visit_id))
        .filter(palpations::voided_at.is_null())
        .select((
            palpations::point_id,
            palpations::taut_band,
            palpations::hypersensitive_spot,
            palpations::referred_pain,
        ))
        .load(&mut transaction.connection())
        .await?;
    Ok(rows)
}

type LastDrawn = (
    LotId,
    SolutionId,
    Option<ExactDecimal>,
    Option<Word<ConcentrationUnit>>,
);

/// With which concentration each of these lots was drawn from last; a lot that never was is left out.
pub(in super::super) async fn concentrations_last_drawn(
    transaction: &OpenTransaction<'_>,
    lots: impl Iterator<Item = LotId>,
) -> Stored<BTreeMap<LotId, Concentration>> {
    use crate::schema::{solution_components, solutions};
    let lots: Vec<LotId> = lots.collect();
    let of_solution = solutions::practice_id
        .eq(solution_components::practice_id)
        .and(solutions::id.eq(solution_components::solution_id));
    let rows: Vec<LastDrawn> = solution_components::table
        .inner_join(solutions::table.on(of_solution))
        .filter(solution_components::practice_id.eq(transaction.practice_id()))
        .filter(solution_components::lot_id.eq_any(lots))
        .filter(solution_components::concentration.is_not_null())
        .filter(solutions::voided_at.is_null())
        .distinct_on(solution_components::lot_id)
        .order((solution_components::lot_id, solution_components::id.desc()))
        .select((
            solution_components::lot_id,
            solution_components::solution_id,
            solution_components::concentration,
            solution_components::concentration_unit,
        ))
        .load(&mut transaction.connection())
        .await?;
    let mut last = BTreeMap::new();
    for (lot_id, of, value, unit) in rows {
        let read = concentration(of, value, unit.map(|unit| unit.0))?;
        last.extend(read.map(|read| (lot_id, read)));
    }
    Ok(last)
}
