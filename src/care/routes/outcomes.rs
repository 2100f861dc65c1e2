//! Outcomes over HTTP.

use actix_web::{HttpResponse, get};
use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::care::course_picture;
use crate::care::diary_periods::{Flag, Period, RestsOn, per_28};
use crate::care::instrument::Instrument;
use crate::care::outcomes::{Outcomes, PastProcedure, PastScore, ReportedRelief, Response};
use crate::care::read_outcomes::{OutcomesError, ReadOutcomes, read_outcomes};
use crate::care::relief::{PointRelief, ReliefSummary, ResponseClass, by_point, by_recipe};
use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::Answer;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::procedures::ProcedureKind;
use crate::rule_sets::shown;

/// Adds the operations on outcomes.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(get_outcomes).service(draw_outcomes);
}

/// How a patient has fared; every series in order of time.
#[derive(Serialize, ToSchema)]
struct OutcomesBody {
    patient_id: PatientId,
    time_zone: String,
    /// The last day of the last period.
    as_of: NaiveDate,
    periods: Vec<OutcomePeriod>,
    flags: OutcomeFlags,
    /// Migraine days of the 28 days before the day of the first procedure, and of the latest 28 days
    /// since then on 21 of which something was recorded; null where too little was.
    response: Option<OutcomeResponse>,
    procedures: Vec<OutcomeProcedure>,
    scores: Vec<OutcomeScore>,
    relief: Vec<OutcomeRelief>,
    points: Vec<OutcomePoint>,
    /// The same by what was injected.
    by_recipe: Vec<RecipeSummary>,
    /// The same by the trigger point.
    by_point: Vec<PointSummary>,
}

/// What the injections of one recipe did.
#[derive(Serialize, ToSchema)]
struct RecipeSummary {
    /// In the order of their codes; empty for a dry needle.
    drug_codes: Vec<String>,
    #[serde(flatten)]
    summary: ReliefSummaryBody,
}

/// What the injections of one trigger point did.
#[derive(Serialize, ToSchema)]
struct PointSummary {
    point_id: Uuid,
    #[serde(flatten)]
    summary: ReliefSummaryBody,
}

/// What several injections did together.
#[derive(Serialize, ToSchema)]
#[schema(as = ReliefSummary)]
struct ReliefSummaryBody {
    injections: usize,
    /// At once; null where pain was not noted before and after.
    mean_relief_percent: Option<ExactDecimal>,
    /// Injections whose relief was looked at later.
    followed: usize,
    /// Half of those looked at held for so many whole weeks or longer.
    median_relief_weeks: Option<i64>,
    /// Relief that held when it was last looked at.
    still_holding: usize,
}

impl From<ReliefSummary> for ReliefSummaryBody {
    fn from(summary: ReliefSummary) -> Self {
        Self {
            injections: summary.injections,
            mean_relief_percent: summary.mean_percent.map(ExactDecimal),
            followed: summary.followed,
            median_relief_weeks: summary.median_weeks,
            still_holding: summary.still_holding,
        }
    }
}

/// What the diary says to check; no diagnosis.
#[derive(Serialize, ToSchema)]
struct OutcomeFlags {
    chronic_migraine: Flag,
    medication_overuse: Flag,
    rests_on: FlagsRestOn,
}

/// The days that the flags look at: the latest three periods of 28 days.
#[derive(Serialize, ToSchema)]
struct FlagsRestOn {
    first_day: Option<NaiveDate>,
    last_day: Option<NaiveDate>,
    recorded_days: u32,
    /// Of these, the days that staff took over afterwards, from paper or an app.
    retrospective_days: u32,
    /// How many of the three have at least 21 recorded days.
    periods_with_enough_data: u32,
}

impl From<RestsOn> for FlagsRestOn {
    fn from(days: RestsOn) -> Self {
        Self {
            first_day: days.span.map(|span| span.0),
            last_day: days.span.map(|span| span.1),
            recorded_days: days.recorded,
            retrospective_days: days.retrospective,
            periods_with_enough_data: days.periods_with_figures,
        }
    }
}

/// 28 days of the diary.
#[derive(Serialize, ToSchema)]
struct OutcomePeriod {
    first_day: NaiveDate,
    last_day: NaiveDate,
    recorded_days: u32,
    /// Of these, the days that staff took over afterwards, from paper or an app.
    retrospective_days: u32,
    /// Whether at least 21 days were recorded; without it the days per 28 are null.
    enough_data: bool,
    headache_days_per_28: Option<ExactDecimal>,
    migraine_days_per_28: Option<ExactDecimal>,
    medication_days_per_28: Option<ExactDecimal>,
    triptan_days: u32,
    simple_analgesic_days: u32,
    mean_peak_pain_nrs: Option<ExactDecimal>,
    worst_pain_nrs: Option<i16>,
}

impl From<&Period> for OutcomePeriod {
    fn from(period: &Period) -> Self {
        let counts = &period.counts;
        let normalised = |days: u32| per_28(days, counts.recorded).map(ExactDecimal);
        Self {
            first_day: period.first_day,
            last_day: period.last_day,
            recorded_days: counts.recorded,
            retrospective_days: counts.retrospective,
            enough_data: counts.tell(),
            headache_days_per_28: normalised(counts.headache),
            migraine_days_per_28: normalised(counts.migraine),
            medication_days_per_28: normalised(counts.medication),
            triptan_days: counts.triptan,
            simple_analgesic_days: counts.simple_analgesic,
            mean_peak_pain_nrs: counts.mean_peak_pain().map(ExactDecimal),
            worst_pain_nrs: counts.peak_pain,
        }
    }
}

/// Migraine days per 28 before treatment and since.
#[derive(Serialize, ToSchema)]
struct OutcomeResponse {
    baseline_migraine_days_per_28: ExactDecimal,
    latest_migraine_days_per_28: ExactDecimal,
    /// Half as many, or three in ten fewer where headache was on 15 days or more.
    responder: bool,
    baseline_first_day: NaiveDate,
    /// The day before the first procedure.
    baseline_last_day: NaiveDate,
    latest_first_day: NaiveDate,
    latest_last_day: NaiveDate,
}

impl From<Response> for OutcomeResponse {
    fn from(response: Response) -> Self {
        Self {
            baseline_migraine_days_per_28: ExactDecimal(response.baseline),
            latest_migraine_days_per_28: ExactDecimal(response.latest),
            responder: response.responds,
            baseline_first_day: response.before.0,
            baseline_last_day: response.before.1,
            latest_first_day: response.after.0,
            latest_last_day: response.after.1,
        }
    }
}

/// A procedure that happened.
#[derive(Serialize, ToSchema)]
struct OutcomeProcedure {
    id: Uuid,
    #[schema(value_type = shown::ProcedureKind)]
    kind: ProcedureKind,
    #[schema(value_type = String, format = DateTime)]
    completed_at: String,
}

impl OutcomeProcedure {
    fn of(procedure: &PastProcedure, zone: Tz) -> Self {
        Self {
            id: procedure.id,
            kind: procedure.kind,
            completed_at: to_zone_rfc3339(procedure.completed_at, zone),
        }
    }
}

/// A score on a day.
#[derive(Serialize, ToSchema)]
struct OutcomeScore {
    instrument: Instrument,
    taken_on: NaiveDate,
    score: ExactDecimal,
    band: Option<String>,
}

impl From<PastScore> for OutcomeScore {
    fn from(score: PastScore) -> Self {
        Self {
            instrument: score.instrument,
            taken_on: score.taken_on,
            score: ExactDecimal(score.score),
            band: score.band,
        }
    }
}

/// Relief that the patient reported at a follow-up.
#[derive(Serialize, ToSchema)]
struct OutcomeRelief {
    procedure_id: Option<Uuid>,
    #[schema(value_type = String, format = DateTime)]
    told_at: String,
    relief_percent: i16,
    response: ResponseClass,
}

impl OutcomeRelief {
    fn of(told: &ReportedRelief, zone: Tz) -> Self {
        Self {
            procedure_id: told.procedure_id,
            told_at: to_zone_rfc3339(told.told_at, zone),
            relief_percent: told.percent,
            response: told.response(),
        }
    }
}

/// What one injection of a point did.
#[derive(Serialize, ToSchema)]
struct OutcomePoint {
    procedure_id: Uuid,
    point_id: Option<Uuid>,
    muscle_code: String,
    side: String,
    /// What was injected; empty for a dry needle.
    drug_codes: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    injected_at: String,
    pain_nrs_before: Option<i16>,
    pain_nrs_after: Option<i16>,
    /// Of the pain before, at once; null where there was none or it was not asked.
    relief_percent: Option<ExactDecimal>,
    response: Option<ResponseClass>,
    /// Whole weeks for which at least half of the relief was found to hold.
    relief_weeks: Option<i64>,
    /// When more than half of the pain was found to be back; null while relief holds.
    #[schema(value_type = Option<String>, format = DateTime)]
    relief_lost_at: Option<String>,
}

impl OutcomePoint {
    fn of(relief: PointRelief, zone: Tz) -> Self {
        let shown = |instant: DateTime<chrono::Utc>| to_zone_rfc3339(instant, zone);
        let injection = relief.injection;
        Self {
            procedure_id: injection.procedure_id,
            point_id: injection.point_id,
            muscle_code: injection.muscle_code,
            side: injection.side,
            drug_codes: relief.drug_codes,
            injected_at: shown(injection.injected_at),
            pain_nrs_before: injection.pain_nrs_before,
            pain_nrs_after: injection.pain_nrs_after,
            relief_percent: relief.percent.map(ExactDecimal),
            response: relief.response,
            relief_weeks: relief.lasting.map(|lasting| lasting.weeks),
            relief_lost_at: relief
                .lasting
                .and_then(|lasting| lasting.lost_at)
                .map(shown),
        }
    }
}

impl OutcomesBody {
    fn of(outcomes: Outcomes) -> Self {
        let zone = outcomes.zone;
        Self {
            patient_id: outcomes.patient_id,
            time_zone: zone.name().to_owned(),
            as_of: outcomes.today,
            periods: outcomes.periods.iter().map(OutcomePeriod::from).collect(),
            flags: OutcomeFlags {
                chronic_migraine: outcomes.chronic_migraine,
                medication_overuse: outcomes.medication_overuse,
                rests_on: outcomes.flags_rest_on.into(),
            },
            response: outcomes.response.map(OutcomeResponse::from),
            procedures: outcomes
                .procedures
                .into_iter()
                .map(|procedure| OutcomeProcedure::of(&procedure, zone))
                .collect(),
            scores: outcomes
                .scores
                .into_iter()
                .map(OutcomeScore::from)
                .collect(),
            relief: outcomes
                .told
                .iter()
                .map(|told| OutcomeRelief::of(told, zone))
                .collect(),
            by_recipe: by_recipe(&outcomes.points)
                .into_iter()
                .map(|(drug_codes, summary)| RecipeSummary {
                    drug_codes,
                    summary: summary.into(),
                })
                .collect(),
            by_point: by_point(&outcomes.points)
                .into_iter()
                .map(|(point_id, summary)| PointSummary {
                    point_id,
                    summary: summary.into(),
                })
                .collect(),
            points: outcomes
                .points
                .into_iter()
                .map(|relief| OutcomePoint::of(relief, zone))
                .collect(),
        }
    }
}

/// How a patient has fared: diary, scores and relief beside the procedures that happened.
#[utoipa::path(
    operation_id = "getOutcomes", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient.")),
    responses((status = 200, description = "The course.", body = OutcomesBody), Refused<OutcomesError>)
)]
#[get("/patients/{patient_id}/outcomes")]
async fn get_outcomes(
    permit: Permit<ReadOutcomes>,
    patient_id: PathId<PatientId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let outcomes = read_outcomes(transaction, patient_id.0).await?;
            Answer::ok(&OutcomesBody::of(outcomes))
        })
        .await
}

/// Draws days with headache and pain over time with the procedures, for print and for all eyes.
#[utoipa::path(
    operation_id = "drawOutcomes", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient.")),
    responses(
        (status = 200, description = "The drawing.", body = String, content_type = "image/svg+xml"),
        Refused<OutcomesError>,
    )
)]
#[get("/patients/{patient_id}/outcomes.svg")]
async fn draw_outcomes(
    permit: Permit<ReadOutcomes>,
    patient_id: PathId<PatientId>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| {
            let outcomes = read_outcomes(transaction, patient_id.0).await?;
            let svg = course_picture::draw(&outcomes);
            Ok(HttpResponse::Ok().content_type("image/svg+xml").body(svg))
        })
        .await
}
