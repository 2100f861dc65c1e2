//! The practice's own figures over HTTP, as JSON and as a file for a spreadsheet.

use actix_web::http::header;
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::care::practice_report::{
    Division, Every, Measure, ReportError, ReportPeriod, ReportRow, SMALLEST_GROUP, split,
};
use crate::care::read_practice_report::{ReadReport, read_report};
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::Answer;
use crate::platform::operations::Operations;
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::Query;

/// Adds the reports.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(get_report).service(get_report_file);
}

/// Which months, and how they are put together.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReportQuery {
    /// The first month.
    #[param(
        pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$",
        min_length = 7,
        max_length = 7,
        example = "2026-01"
    )]
    from: String,
    /// The last month, at most 35 after the first.
    #[param(
        pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$",
        min_length = 7,
        max_length = 7,
        example = "2026-03"
    )]
    to: String,
    /// Length of the periods; the whole span is one unless it is said.
    #[param(inline, nullable = false)]
    every: Option<Every>,
}

impl ReportQuery {
    fn periods(&self) -> Result<Vec<ReportPeriod>, Problem> {
        let month = |name: &str, text: &str| {
            let first: Option<NaiveDate> = format!("{text}-01").parse().ok();
            first.ok_or_else(|| {
                let pointer = format!("#/query/{name}");
                Problem::invalid(vec![FieldError::new(pointer, "is no month")])
            })
        };
        let (from, to) = (month("from", &self.from)?, month("to", &self.to)?);
        Ok(split(from, to, self.every.unwrap_or(Every::Whole))?)
    }
}

/// How the practice fares.
#[derive(Serialize, ToSchema)]
struct CareReport {
    time_zone: String,
    /// Rows about fewer patients show no numbers, nor does a row from which they could be computed.
    smallest_group: i64,
    rows: Vec<CareReportRow>,
}

/// One row; its numbers are null where it is suppressed.
#[derive(Serialize, ToSchema)]
struct CareReportRow {
    first_day: NaiveDate,
    last_day: NaiveDate,
    /// Retention counts follow-ups that were done, the no-show rate appointments that were missed,
    /// response injections that took half of the pain away at once.
    measure: Measure,
    divided_by: Division,
    /// A kind, the id of a provider, the code of a muscle, or the drugs of a recipe.
    key: String,
    label: String,
    suppressed: bool,
    patients: Option<i64>,
    cases: Option<i64>,
    /// How many of the cases.
    reached: Option<i64>,
    /// `reached` of `cases`.
    percent: Option<ExactDecimal>,
    /// For the response alone.
    mean_relief_percent: Option<ExactDecimal>,
}

impl From<ReportRow> for CareReportRow {
    fn from(row: ReportRow) -> Self {
        let numbers = row.numbers.as_ref();
        Self {
            first_day: row.period.first_day,
            last_day: row.period.last_day,
            measure: row.measure,
            divided_by: row.division,
            suppressed: numbers.is_none(),
            patients: numbers.map(|numbers| numbers.patients),
            cases: numbers.map(|numbers| numbers.cases),
            reached: numbers.map(|numbers| numbers.reached),
            percent: numbers.and_then(|n| n.percent).map(ExactDecimal),
            mean_relief_percent: numbers
                .and_then(|n| n.mean_relief_percent)
                .map(ExactDecimal),
            key: row.key,
            label: row.label,
        }
    }
}

/// Retention of follow-ups, missed appointments, and response by muscle, recipe and provider.
#[utoipa::path(
    operation_id = "getCareReport", tag = "care", context_path = "/api/v1", params(ReportQuery),
    responses((status = 200, description = "The report.", body = CareReport), Refused<ReportError>)
)]
#[get("/reports/care")]
async fn get_report(
    permit: Permit<ReadReport>,
    query: Query<ReportQuery>,
) -> Result<Answer, Problem> {
    let periods = query.periods()?;
    permit
        .transaction(async |transaction| {
            let report = read_report(transaction, &periods).await?;
            Answer::ok(&CareReport {
                time_zone: report.zone.name().to_owned(),
                smallest_group: SMALLEST_GROUP,
                rows: report.rows.into_iter().map(CareReportRow::from).collect(),
            })
        })
        .await
}

/// The same report as a file for a spreadsheet.
#[utoipa::path(
    operation_id = "exportCareReport", tag = "care", context_path = "/api/v1", params(ReportQuery),
    responses(
        (status = 200, description = "The report.", body = String, content_type = "text/csv"),
        Refused<ReportError>,
    )
)]
#[get("/reports/care.csv")]
async fn get_report_file(
    permit: Permit<ReadReport>,
    query: Query<ReportQuery>,
) -> Result<HttpResponse, Problem> {
    let periods = query.periods()?;
    permit
        .transaction(async |transaction| {
            let report = read_report(transaction, &periods).await?;
            Ok(HttpResponse::Ok()
                .content_type("text/csv; charset=utf-8")
                .insert_header((
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"care-report.csv\"",
                ))
                .body(report.csv()))
        })
        .await
}
