//! Rows and queries of muscles, trigger points and palpations.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::dsl::{IntoBoxed, Select};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::{PatientId, person_id, person_id_of, records_of};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::local_time::local_date;
use crate::platform::page::Window;
use crate::platform::pipeline::{pipelined, pipelined_to_the_end};
use crate::platform::prepared::{ConstantSql, constant_sql};
use crate::schema::{injections, locations, muscles, palpations, patients, trigger_points, visits};
use crate::visits::VisitId;

use super::anatomy::{Home, MuscleAnatomy, Region};
use super::chart::{ChartPoint, Side, View};
use super::classification::{
    Activity, Classification, Classified, Finding, PalpationFindings, ReferredQuality,
};
use super::course::Course;
use super::measures::{
    PainRating, PressureThreshold, PressureUnit, TautBandDiameterMm, TendernessGrade,
};
use super::muscle::{ExternalIdentifiers, Muscle, MuscleKind};
use super::palpation::{
    Felt, Judgement, Palpation, PalpationId, PatientPosition, PlacedPoint, PointId, Treatment,
    TriggerPoint,
};

/// More findings than any one point, muscle or page of points of a patient has.
const LONGEST_HISTORY: i64 = 5_000;

/// Reads what a check of the table promises, or says that the row breaks it.
fn kept<T, E: std::error::Error + Send + Sync + 'static>(value: Result<T, E>) -> Stored<T> {
    value.map_err(|error| DatabaseError::from(DieselError::DeserializationError(Box::new(error))))
}

fn place(view: View, x: ExactDecimal, y: ExactDecimal) -> Stored<ChartPoint> {
    kept(ChartPoint::parse(view, x.0, y.0))
}

/// The code that was loaded for a muscle, if any.
const fn snomed_ct() -> ConstantSql<Nullable<Text>, 0> {
    constant_sql(
        [],
        [],
        "(SELECT mapping.code FROM muscle_mappings mapping \
         WHERE mapping.system = 'snomed_ct' AND mapping.muscle_code = muscles.code)",
    )
}

#[derive(HasQuery)]
#[diesel(table_name = muscles)]
struct MuscleRow {
    code: String,
    parent_code: Option<String>,
    kind: MuscleKind,
    latin: String,
    name: String,
    region: Region,
    paired: bool,
    nerve: String,
    referral: String,
    needle: String,
    cautions: Vec<Option<String>>,
    fma: Option<String>,
    uberon: Option<String>,
    ta98: Option<String>,
    broader_ids: Vec<Option<String>>,
    #[diesel(select_expression = snomed_ct())]
    #[diesel(select_expression_type = ConstantSql<Nullable<Text>, 0>)]
    snomed_ct: Option<String>,
    chart_view: View,
    chart_x: ExactDecimal,
    chart_y: ExactDecimal,
    catalogue_version: String,
}

impl MuscleRow {
    fn home(&self) -> Stored<Home> {
        let usual_place = place(self.chart_view, self.chart_x, self.chart_y)?;
        Ok(Home {
            region: self.region,
            usual_place,
        })
    }

    fn muscle(self, parts: Vec<Home>) -> Stored<Muscle> {
        let anatomy = MuscleAnatomy {
            is_paired: self.paired,
            home: self.home()?,
            parts,
        };
        Ok(Muscle {
            code: self.code,
            parent_code: self.parent_code,
            kind: self.kind,
            latin: self.latin,
            name: self.name,
            nerve: self.nerve,
            referral: self.referral,
            needle: self.needle,
            cautions: self.cautions.into_iter().flatten().collect(),
            identifiers: ExternalIdentifiers {
                fma: self.fma,
                uberon: self.uberon,
                ta98: self.ta98,
                snomed_ct: self.snomed_ct,
                broader: self.broader_ids.into_iter().flatten().collect(),
            },
            catalogue_version: self.catalogue_version,
            anatomy,
        })
    }
}

/// Muscles of these codes with the homes of their parts.
pub(super) async fn muscles(
    transaction: &OpenTransaction<'_>,
    codes: &[&str],
) -> Stored<Vec<Muscle>> {
    let rows: Vec<MuscleRow> = MuscleRow::query()
        .filter(
            muscles::code
                .eq_any(codes)
                .or(muscles::parent_code.eq_any(codes)),
        )
        .order(muscles::code)
        .load(&mut transaction.connection())
        .await?;
    let mut homes = Vec::new();
    for row in &rows {
        if let Some(parent) = &row.parent_code {
            homes.push((parent.clone(), row.home()?));
        }
    }
    let named = rows
        .into_iter()
        .filter(|row| codes.contains(&row.code.as_str()));
    let with_parts = named.map(|row| {
        let parts = homes.iter().filter(|(parent, _)| *parent == row.code);
        let parts = parts.map(|(_, home)| *home).collect();
        row.muscle(parts)
    });
    with_parts.collect()
}

/// Adds a muscle of the practice's own.
pub(super) async fn insert_muscle(
    transaction: &OpenTransaction<'_>,
    muscle: &Muscle,
) -> Stored<()> {
    let home = muscle.anatomy.home;
    diesel::insert_into(muscles::table)
        .values((
            muscles::added_by_practice_id.eq(transaction.practice_id()),
            muscles::code.eq(&muscle.code),
            muscles::kind.eq(muscle.kind),
            muscles::latin.eq(&muscle.latin),
            muscles::name.eq(&muscle.name),
            muscles::region.eq(home.region),
            muscles::paired.eq(muscle.anatomy.is_paired),
            muscles::nerve.eq(&muscle.nerve),
            muscles::referral.eq(&muscle.referral),
            muscles::needle.eq(&muscle.needle),
            muscles::cautions.eq(&muscle.cautions),
            muscles::broader_ids.eq(&muscle.identifiers.broader),
            muscles::chart_view.eq(home.usual_place.view()),
            muscles::chart_x.eq(ExactDecimal(home.usual_place.x())),
            muscles::chart_y.eq(ExactDecimal(home.usual_place.y())),
            muscles::catalogue_version.eq(&muscle.catalogue_version),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// A page of the catalogue, by code.
pub(super) async fn list_muscles(
    transaction: &OpenTransaction<'_>,
    region: Option<Region>,
    window: &Window<String>,
) -> Stored<Vec<Muscle>> {
    let mut query = MuscleRow::query()
        .order(muscles::code)
        .limit(window.probe())
        .into_boxed();
    if let Some(region) = region {
        query = query.filter(muscles::region.eq(region));
    }
    if let Some(after) = &window.after {
        query = query.filter(muscles::code.gt(after));
    }
    let rows: Vec<MuscleRow> = query.load(&mut transaction.connection()).await?;
    rows.into_iter().map(|row| row.muscle(Vec::new())).collect()
}

/// A visit as far as what is under it needs it.
pub(super) struct VisitDay {
    /// The record it was written to.
    pub(super) patient_id: PatientId,
    /// The record that stands for the person.
    pub(super) person_id: PatientId,
    /// Where the visit was.
    pub(super) date: NaiveDate,
}

/// A visit within reach, open or signed.
pub(super) async fn find_visit(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Option<VisitDay>> {
    let row: Option<(PatientId, Option<PatientId>, DateTime<Utc>, String)> = visits::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(visits::practice_id)
                .and(locations::id.eq(visits::location_id))),
        )
        .inner_join(
            patients::table.on(patients::practice_id
                .eq(visits::practice_id)
                .and(patients::id.eq(visits::patient_id))),
        )
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::id.eq(id))
        .select((
            visits::patient_id,
            patients::merged_into_id,
            visits::started_at,
            locations::time_zone,
        ))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(
        row.map(|(patient_id, merged_into, started_at, zone)| VisitDay {
            patient_id,
            person_id: merged_into.unwrap_or(patient_id),
            date: local_date(zone.parse().unwrap_or(Tz::UTC), started_at),
        }),
    )
}

#[derive(HasQuery)]
#[diesel(table_name = palpations)]
struct PalpationRow {
    id: PalpationId,
    visit_id: VisitId,
    patient_id: PatientId,
    point_id: PointId,
    muscle_code: String,
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    chart_version: i16,
    taut_band: Finding,
    hypersensitive_spot: Finding,
    referred_pain: Finding,
    pain_recognised: Finding,
    local_twitch: Finding,
    jump_sign: Finding,
    palpable_nodule: Finding,
    tenderness_grade: i16,
    pressure_threshold_kpa: Option<ExactDecimal>,
    pain_nrs: Option<i16>,
    referred_zones: Vec<Option<String>>,
    depth_mm: Option<i16>,
    note: Option<String>,
    range_of_motion_restricted: Option<Finding>,
    autonomic_signs: Option<Finding>,
    referred_qualities: Option<Vec<Option<ReferredQuality>>>,
    taut_band_diameter_mm: Option<ExactDecimal>,
    classification_reason: Option<String>,
    placement_reason: Option<String>,
    patient_position: Option<PatientPosition>,
    examined_by: Option<Uuid>,
    classification: Classification,
    activity: Activity,
    course: Course,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl PalpationRow {
    fn felt(&self) -> Stored<Felt> {
        let pressure = self
            .pressure_threshold_kpa
            .map(|value| PressureThreshold::new(value.0, PressureUnit::Kilopascal));
        Ok(Felt {
            position: self.patient_position,
            findings: PalpationFindings {
                taut_band: self.taut_band,
                hypersensitive_spot: self.hypersensitive_spot,
                referred_pain: self.referred_pain,
                pain_recognised: self.pain_recognised,
                local_twitch: self.local_twitch,
                jump_sign: self.jump_sign,
                palpable_nodule: self.palpable_nodule,
                range_of_motion_restricted: self
                    .range_of_motion_restricted
                    .unwrap_or(Finding::NotAssessed),
                autonomic_signs: self.autonomic_signs.unwrap_or(Finding::NotAssessed),
            },
            tenderness: kept(TendernessGrade::new(self.tenderness_grade))?,
            pressure_threshold: kept(pressure.transpose())?,
            pain: kept(self.pain_nrs.map(PainRating::new).transpose())?,
            referred_zones: self.referred_zones.iter().flatten().cloned().collect(),
            referred_qualities: self
                .referred_qualities
                .iter()
                .flatten()
                .flatten()
                .copied()
                .collect(),
            taut_band_diameter: kept(
                self.taut_band_diameter_mm
                    .map(|diameter| TautBandDiameterMm::new(diameter.0))
                    .transpose(),
            )?,
            depth_mm: self.depth_mm,
            note: self.note.clone(),
            judgement: self.classification_reason.clone().map(|reason| Judgement {
                classified: Classified {
                    classification: self.classification,
                    activity: self.activity,
                },
                reason,
            }),
        })
    }
}

/// A sign that may be empty in the row: what was not assessed is not written.
fn assessed(finding: Finding) -> Option<Finding> {
    (finding != Finding::NotAssessed).then_some(finding)
}

/// A palpation, the person it was of, and the name of the muscle.
type ToldRow = (PalpationRow, PatientId, String);

fn palpation((row, person_id, muscle_name): ToldRow) -> Stored<Palpation> {
    Ok(Palpation {
        id: row.id,
        visit_id: row.visit_id,
        patient_id: row.patient_id,
        person_id,
        point_id: row.point_id,
        muscle_code: row.muscle_code.clone(),
        muscle_name,
        side: row.side,
        place: place(row.view, row.x, row.y)?,
        chart_version: row.chart_version,
        felt: row.felt()?,
        placement_reason: row.placement_reason,
        classified: Classified {
            classification: row.classification,
            activity: row.activity,
        },
        course: row.course,
        examined_by: row.examined_by,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn all_palpations(rows: Vec<ToldRow>) -> Stored<Vec<Palpation>> {
    rows.into_iter().map(palpation).collect()
}

/// What was ever felt of one muscle on one side of a patient, oldest first.
pub(super) async fn at_muscle(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    muscle_code: &str,
    side: Side,
) -> Stored<Vec<Palpation>> {
    let mut rows: Vec<ToldRow> = palpations::table
        .inner_join(muscles::table)
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(palpations::muscle_code.eq(muscle_code))
        .filter(palpations::side.eq(side))
        .select((
            PalpationRow::as_select(),
            person_id_of!("palpations"),
            muscles::name,
        ))
        .order(palpations::id.desc())
        .limit(LONGEST_HISTORY)
        .load(&mut transaction.connection())
        .await?;
    rows.reverse();
    all_palpations(rows)
}

/// A page of what was felt at one visit.
pub(super) async fn of_visit(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
    window: &Window<Uuid>,
) -> Stored<Vec<Palpation>> {
    let mut query = palpations::table
        .inner_join(muscles::table)
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::visit_id.eq(visit_id))
        .select((
            PalpationRow::as_select(),
            person_id_of!("palpations"),
            muscles::name,
        ))
        .order(palpations::id)
        .limit(window.probe())
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(palpations::id.gt(after));
    }
    all_palpations(query.load(&mut transaction.connection()).await?)
}

pub(super) async fn find_palpation(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
    id: PalpationId,
) -> Stored<Option<Palpation>> {
    let row: Option<ToldRow> = palpations::table
        .inner_join(muscles::table)
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::visit_id.eq(visit_id))
        .filter(palpations::id.eq(id))
        .select((
            PalpationRow::as_select(),
            person_id_of!("palpations"),
            muscles::name,
        ))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    row.map(palpation).transpose()
}

/// Locks a palpation of an open visit, then reads it as it is under the lock.
pub(super) async fn lock_palpation(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
    id: PalpationId,
) -> Stored<Option<Palpation>> {
    let locked: Option<PalpationId> = palpations::table
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::visit_id.eq(visit_id))
        .filter(palpations::id.eq(id))
        .select(palpations::id)
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    match locked {
        Some(_) => find_palpation(transaction, visit_id, id).await,
        None => Ok(None),
    }
}

/// Makes the lasting point of a first palpation.
pub(super) async fn insert_point(
    transaction: &OpenTransaction<'_>,
    palpation: &Palpation,
) -> Stored<()> {
    use trigger_points::dsl;
    diesel::insert_into(dsl::trigger_points)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(palpation.point_id),
            dsl::patient_id.eq(palpation.patient_id),
            dsl::muscle_code.eq(&palpation.muscle_code),
            dsl::side.eq(palpation.side),
            dsl::view.eq(palpation.place.view()),
            dsl::x.eq(ExactDecimal(palpation.place.x())),
            dsl::y.eq(ExactDecimal(palpation.place.y())),
            dsl::chart_version.eq(palpation.chart_version),
            dsl::first_visit_id.eq(palpation.visit_id),
            dsl::created_at.eq(palpation.created_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = palpations, treat_none_as_null = true, treat_none_as_default_value = false)]
struct FeltRow<'a> {
    taut_band: Finding,
    hypersensitive_spot: Finding,
    referred_pain: Finding,
    pain_recognised: Finding,
    local_twitch: Finding,
    jump_sign: Finding,
    palpable_nodule: Finding,
    tenderness_grade: i16,
    pressure_threshold_kpa: Option<ExactDecimal>,
    pain_nrs: Option<i16>,
    referred_zones: &'a [String],
    depth_mm: Option<i16>,
    note: Option<&'a str>,
    range_of_motion_restricted: Option<Finding>,
    autonomic_signs: Option<Finding>,
    referred_qualities: Option<&'a [ReferredQuality]>,
    taut_band_diameter_mm: Option<ExactDecimal>,
    classification_reason: Option<&'a str>,
    placement_reason: Option<&'a str>,
    patient_position: Option<PatientPosition>,
    classification: Classification,
    activity: Activity,
    course: Course,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl<'a> From<&'a Palpation> for FeltRow<'a> {
    fn from(palpation: &'a Palpation) -> Self {
        let felt = &palpation.felt;
        let findings = &felt.findings;
        Self {
            taut_band: findings.taut_band,
            hypersensitive_spot: findings.hypersensitive_spot,
            referred_pain: findings.referred_pain,
            pain_recognised: findings.pain_recognised,
            local_twitch: findings.local_twitch,
            jump_sign: findings.jump_sign,
            palpable_nodule: findings.palpable_nodule,
            tenderness_grade: felt.tenderness.get(),
            pressure_threshold_kpa: felt
                .pressure_threshold
                .map(|threshold| ExactDecimal(threshold.kilopascals())),
            pain_nrs: felt.pain.map(PainRating::get),
            referred_zones: &felt.referred_zones,
            depth_mm: felt.depth_mm,
            note: felt.note.as_deref(),
            range_of_motion_restricted: assessed(findings.range_of_motion_restricted),
            autonomic_signs: assessed(findings.autonomic_signs),
            referred_qualities: Some(felt.referred_qualities.as_slice())
                .filter(|qualities| !qualities.is_empty()),
            taut_band_diameter_mm: felt
                .taut_band_diameter
                .map(|diameter| ExactDecimal(diameter.millimetres())),
            classification_reason: felt.judgement.as_ref().map(|judged| judged.reason.as_str()),
            placement_reason: palpation.placement_reason.as_deref(),
            patient_position: felt.position,
            classification: palpation.classified.classification,
            activity: palpation.classified.activity,
            course: palpation.course,
            version: palpation.version,
            updated_at: palpation.updated_at,
        }
    }
}

pub(super) async fn insert_palpation(
    transaction: &OpenTransaction<'_>,
    palpation: &Palpation,
) -> Stored<()> {
    use palpations::dsl;
    diesel::insert_into(dsl::palpations)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(palpation.id),
            dsl::visit_id.eq(palpation.visit_id),
            dsl::patient_id.eq(palpation.patient_id),
            dsl::point_id.eq(palpation.point_id),
            dsl::muscle_code.eq(&palpation.muscle_code),
            dsl::side.eq(palpation.side),
            dsl::view.eq(palpation.place.view()),
            dsl::x.eq(ExactDecimal(palpation.place.x())),
            dsl::y.eq(ExactDecimal(palpation.place.y())),
            dsl::chart_version.eq(palpation.chart_version),
            FeltRow::from(palpation),
            dsl::examined_by.eq(palpation.examined_by),
            dsl::created_at.eq(palpation.created_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn record_amendment(
    transaction: &OpenTransaction<'_>,
    palpation: &Palpation,
) -> Stored<()> {
    diesel::update(palpations::table)
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::id.eq(palpation.id))
        .set(FeltRow::from(palpation))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[derive(HasQuery)]
#[diesel(table_name = trigger_points)]
struct PointRow {
    id: PointId,
    muscle_code: String,
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    chart_version: i16,
    first_visit_id: VisitId,
    created_at: DateTime<Utc>,
}

/// A point of a person, under whichever of their records it was found.
pub(super) async fn find_point(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: PointId,
) -> Stored<Option<PlacedPoint>> {
    let row: Option<PointRow> = PointRow::query()
        .filter(trigger_points::practice_id.eq(transaction.practice_id()))
        .filter(trigger_points::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(trigger_points::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(|row| PlacedPoint {
        id: row.id,
        muscle_code: row.muscle_code,
        side: row.side,
        view: row.view,
        x: row.x.0,
        y: row.y.0,
    }))
}

#[derive(HasQuery)]
#[diesel(table_name = injections)]
struct TreatmentRow {
    id: Uuid,
    procedure_id: Uuid,
    visit_id: VisitId,
    point_id: Option<PointId>,
    volume_ml: ExactDecimal,
    pain_nrs_before: Option<i16>,
    pain_nrs_after: Option<i16>,
    injected_at: DateTime<Utc>,
}

/// Of a query for points, those on a page of a person's, in its order.
macro_rules! on_page {
    ($points:expr, $transaction:expr, $patient_id:expr, $window:expr) => {{
        let page = $points
            .filter(trigger_points::practice_id.eq($transaction.practice_id()))
            .filter(trigger_points::patient_id.eq_any(records_of($transaction, $patient_id)))
            .order(trigger_points::id)
            .limit($window.probe())
            .into_boxed();
        match $window.after {
            Some(after) => page.filter(trigger_points::id.gt(after)),
            None => page,
        }
    }};
}

/// A query for the ids of a page of points.
type PageOfPoints = IntoBoxed<'static, Select<trigger_points::table, trigger_points::id>, Pg>;

fn page(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> PageOfPoints {
    let ids = trigger_points::table.select(trigger_points::id);
    on_page!(ids, transaction, patient_id, window)
}

/// The rows of a page of points, each with the name of its muscle.
async fn points(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> Stored<Vec<(PointRow, String)>> {
    let rows = trigger_points::table
        .inner_join(muscles::table)
        .select((PointRow::as_select(), muscles::name));
    let page = on_page!(rows, transaction, patient_id, window);
    Ok(page.load(&mut transaction.connection()).await?)
}

/// A page of a patient's points, each with its history; nothing when there is no such patient. All
/// is asked for in one exchange, since the statements for the history find the page by themselves.
pub(super) async fn of_patient(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> Stored<Option<Vec<TriggerPoint>>> {
    let (person_id, rows, (mut palpated, mut treated)) = pipelined!(
        person_id(transaction, patient_id),
        points(transaction, patient_id, window),
        history(transaction, patient_id, window),
    )?;
    let Some(person_id) = person_id else {
        return Ok(None);
    };
    let points = rows.into_iter().map(|(row, muscle_name)| {
        let of_point = |(one, _): &mut (PalpationRow, String)| one.point_id == row.id;
        let palpated = palpated.extract_if(.., of_point);
        let palpated = palpated.map(|(one, muscle_name)| (one, person_id, muscle_name));
        Ok(TriggerPoint {
            id: row.id,
            person_id,
            muscle_code: row.muscle_code,
            muscle_name,
            side: row.side,
            place: place(row.view, row.x, row.y)?,
            chart_version: row.chart_version,
            first_visit_id: row.first_visit_id,
            created_at: row.created_at,
            palpations: all_palpations(palpated.collect())?,
            treatments: treated
                .extract_if(.., |one| one.point_id == Some(row.id))
                .map(Treatment::from)
                .collect(),
        })
    });
    points.collect::<Stored<_>>().map(Some)
}

impl From<TreatmentRow> for Treatment {
    fn from(row: TreatmentRow) -> Self {
        Self {
            injection_id: row.id,
            procedure_id: row.procedure_id,
            visit_id: row.visit_id,
            injected_at: row.injected_at,
            volume_ml: Decimal::from(row.volume_ml),
            pain_before: row.pain_nrs_before,
            pain_after: row.pain_nrs_after,
        }
    }
}

/// What was felt at a page of points and done to them, oldest first; both are asked for at once.
async fn history(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> Stored<(Vec<(PalpationRow, String)>, Vec<TreatmentRow>)> {
    let (mut for_palpations, mut for_treatments) =
        (transaction.connection(), transaction.connection());
    let palpated = palpations::table
        .inner_join(muscles::table)
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::point_id.eq_any(page(transaction, patient_id, window)))
        .select((PalpationRow::as_select(), muscles::name))
        .order(palpations::id)
        .limit(LONGEST_HISTORY)
        .load::<(PalpationRow, String)>(&mut for_palpations);
    let treated = TreatmentRow::query()
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::point_id.assume_not_null().eq_any(page(
            transaction,
            patient_id,
            window,
        )))
        .order((injections::injected_at, injections::id))
        .limit(LONGEST_HISTORY)
        .load::<TreatmentRow>(&mut for_treatments);
    let (palpated, treated) = pipelined_to_the_end!(palpated, treated);
    Ok((palpated?, treated?))
}

/// Where a needle went in.
pub(super) struct InjectedSite {
    pub(super) injection_id: Uuid,
    pub(super) visit_id: VisitId,
    pub(super) point_id: Option<PointId>,
    pub(super) muscle_name: String,
    pub(super) side: Side,
    pub(super) place: ChartPoint,
}

type SiteRow = (
    Uuid,
    VisitId,
    Option<PointId>,
    String,
    Side,
    View,
    ExactDecimal,
    ExactDecimal,
);

/// Everything that can be drawn of these visits.
pub(super) async fn drawn_at(
    transaction: &OpenTransaction<'_>,
    visit_ids: &[VisitId],
) -> Stored<(Vec<Palpation>, Vec<InjectedSite>)> {
    let (mut for_palpations, mut for_sites) = (transaction.connection(), transaction.connection());
    let palpated = palpations::table
        .inner_join(muscles::table)
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::visit_id.eq_any(visit_ids))
        .select((
            PalpationRow::as_select(),
            person_id_of!("palpations"),
            muscles::name,
        ))
        .order(palpations::id)
        .limit(LONGEST_HISTORY)
        .load::<ToldRow>(&mut for_palpations);
    let sites = injections::table
        .inner_join(muscles::table)
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::visit_id.eq_any(visit_ids))
        .select((
            injections::id,
            injections::visit_id,
            injections::point_id,
            muscles::name,
            injections::side,
            injections::view,
            injections::x,
            injections::y,
        ))
        .order(injections::id)
        .limit(LONGEST_HISTORY)
        .load::<SiteRow>(&mut for_sites);
    let (palpated, sites) = pipelined_to_the_end!(palpated, sites);
    let sites = sites?.into_iter().map(
        |(injection_id, visit_id, point_id, muscle_name, side, view, x, y)| {
            let place = place(view, x, y)?;
            Ok(InjectedSite {
                injection_id,
                visit_id,
                point_id,
                muscle_name,
                side,
                place,
            })
        },
    );
    Ok((all_palpations(palpated?)?, sites.collect::<Stored<_>>()?))
}
