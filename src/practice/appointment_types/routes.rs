//! Appointment types over HTTP.

use std::num::NonZeroU32;

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::ToSchema;

use crate::platform::access::Permit;
use crate::platform::blank::trimmed;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{Paged, PathId};
use crate::practice::listing::ListByName;

use super::{
    Add, AppointmentType, AppointmentTypeId, Change, Read, TypeChanges, TypeError, TypeRules, add,
    change, list, read,
};

/// Adds the operations on appointment types.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_appointment_types)
        .service(add_appointment_type)
        .service(get_appointment_type)
        .service(change_appointment_type);
}

/// What can be booked, and by which rules.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddAppointmentTypeBody {
    #[schema(min_length = 1, max_length = 100, example = "Trigger point injection")]
    name: String,
    /// Length of the appointment.
    #[schema(value_type = i32, minimum = 5, maximum = 480, example = 45)]
    duration_minutes: NonZeroU32,
    /// Blocks provider and room before the start.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 0, maximum = 120)]
    buffer_before_minutes: u32,
    /// Blocks provider and room after the end.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 0, maximum = 120)]
    buffer_after_minutes: u32,
    /// Whether a free room is a condition.
    needs_room: bool,
    /// Whether patients may book it themselves.
    patient_bookable: bool,
    /// How long before the start a patient may still book.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 0, maximum = 525_600)]
    min_lead_minutes: u32,
    /// How far ahead a patient may book.
    #[serde(default = "a_year")]
    #[schema(value_type = i32, minimum = 1, maximum = 730)]
    max_ahead_days: u32,
    /// How long before the start a patient may still cancel or move.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 0, maximum = 525_600)]
    cancel_cutoff_minutes: u32,
    /// Grid of starts, counted from local midnight.
    #[schema(value_type = i32, minimum = 5, maximum = 480, example = 15)]
    start_every_minutes: NonZeroU32,
    /// Colour on the calendar.
    #[serde(default = "grey")]
    #[schema(pattern = "^#[0-9a-f]{6}$", example = "#2f6f9f")]
    color: String,
    /// How many patients share one session; more than one for groups.
    #[serde(default = "one")]
    #[schema(value_type = i32, minimum = 1, maximum = 50)]
    capacity: NonZeroU32,
    /// Fewest days to another appointment of the same patient whose type has an interval too; the
    /// longer one holds. Staff may override it with a reason.
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365)]
    min_interval_days: Option<NonZeroU32>,
}

const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

const fn a_year() -> u32 {
    365
}

fn grey() -> String {
    "#808080".to_owned()
}

/// What is to be changed; a field left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeAppointmentTypeBody {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    #[schema(value_type = Option<i32>, minimum = 5, maximum = 480, nullable = false)]
    duration_minutes: Option<NonZeroU32>,
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 120, nullable = false)]
    buffer_before_minutes: Option<u32>,
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 120, nullable = false)]
    buffer_after_minutes: Option<u32>,
    #[schema(nullable = false)]
    needs_room: Option<bool>,
    #[schema(nullable = false)]
    patient_bookable: Option<bool>,
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 525_600, nullable = false)]
    min_lead_minutes: Option<u32>,
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 730, nullable = false)]
    max_ahead_days: Option<u32>,
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 525_600, nullable = false)]
    cancel_cutoff_minutes: Option<u32>,
    #[schema(value_type = Option<i32>, minimum = 5, maximum = 480, nullable = false)]
    start_every_minutes: Option<NonZeroU32>,
    #[schema(pattern = "^#[0-9a-f]{6}$", nullable = false)]
    color: Option<String>,
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 50, nullable = false)]
    capacity: Option<NonZeroU32>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365)]
    min_interval_days: Option<Option<NonZeroU32>>,
    /// False retires it: nothing new of it is booked.
    #[schema(nullable = false)]
    active: Option<bool>,
}

/// A type of appointment.
#[derive(Serialize, ToSchema)]
struct AppointmentTypeBody {
    id: AppointmentTypeId,
    name: String,
    #[schema(value_type = i32)]
    duration_minutes: NonZeroU32,
    buffer_before_minutes: u32,
    buffer_after_minutes: u32,
    needs_room: bool,
    patient_bookable: bool,
    min_lead_minutes: u32,
    max_ahead_days: u32,
    cancel_cutoff_minutes: u32,
    #[schema(value_type = i32)]
    start_every_minutes: NonZeroU32,
    color: String,
    #[schema(value_type = i32)]
    capacity: NonZeroU32,
    #[schema(value_type = Option<i32>)]
    min_interval_days: Option<NonZeroU32>,
    /// Whether anything new of it is booked.
    active: bool,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<AppointmentType> for AppointmentTypeBody {
    fn from(of: AppointmentType) -> Self {
        let rules = of.rules;
        Self {
            id: of.id,
            name: rules.name,
            duration_minutes: rules.duration_minutes,
            buffer_before_minutes: rules.buffer_before_minutes,
            buffer_after_minutes: rules.buffer_after_minutes,
            needs_room: rules.needs_room,
            patient_bookable: rules.patient_bookable,
            min_lead_minutes: rules.min_lead_minutes,
            max_ahead_days: rules.max_ahead_days,
            cancel_cutoff_minutes: rules.cancel_cutoff_minutes,
            start_every_minutes: rules.start_every_minutes,
            color: rules.color,
            capacity: rules.capacity,
            min_interval_days: rules.min_interval_days,
            active: rules.active,
            version: of.version,
            updated_at: of.updated_at,
        }
    }
}

impl AddAppointmentTypeBody {
    fn rules(&self) -> Result<TypeRules, Problem> {
        let mut errors = Vec::new();
        let name = trimmed(&self.name, "/name", &mut errors);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(TypeRules {
            name,
            duration_minutes: self.duration_minutes,
            buffer_before_minutes: self.buffer_before_minutes,
            buffer_after_minutes: self.buffer_after_minutes,
            needs_room: self.needs_room,
            patient_bookable: self.patient_bookable,
            min_lead_minutes: self.min_lead_minutes,
            max_ahead_days: self.max_ahead_days,
            cancel_cutoff_minutes: self.cancel_cutoff_minutes,
            start_every_minutes: self.start_every_minutes,
            color: self.color.clone(),
            capacity: self.capacity,
            min_interval_days: self.min_interval_days,
            active: true,
        })
    }
}

impl ChangeAppointmentTypeBody {
    fn changes(self) -> Result<TypeChanges, Problem> {
        let mut errors = Vec::new();
        let name = self.name.map(|text| trimmed(&text, "/name", &mut errors));
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(TypeChanges {
            name,
            duration_minutes: self.duration_minutes,
            buffer_before_minutes: self.buffer_before_minutes,
            buffer_after_minutes: self.buffer_after_minutes,
            needs_room: self.needs_room,
            patient_bookable: self.patient_bookable,
            min_lead_minutes: self.min_lead_minutes,
            max_ahead_days: self.max_ahead_days,
            cancel_cutoff_minutes: self.cancel_cutoff_minutes,
            start_every_minutes: self.start_every_minutes,
            color: self.color,
            capacity: self.capacity,
            min_interval_days: self.min_interval_days,
            active: self.active,
        })
    }
}

fn answer(of: AppointmentType) -> Result<Answer, Problem> {
    let version = of.version;
    Ok(Answer::ok(&AppointmentTypeBody::from(of))?.version(version))
}

/// Lists what can be booked, by name; patients see what they may book themselves.
#[utoipa::path(
    operation_id = "listAppointmentTypes", tag = "practice", context_path = "/api/v1",
    params(ListByName, PageParameters),
    responses((status = 200, description = "Types of appointment.", body = Page<AppointmentTypeBody>))
)]
#[get("/appointment-types")]
async fn list_appointment_types(
    permit: Permit<Read>,
    query: Paged<ListByName>,
) -> Result<Answer, Problem> {
    let window = query.window()?;
    permit
        .transaction(async |transaction| {
            let types = list(transaction, query.updated_since(), &window).await?;
            let key = |of: &AppointmentType| (of.rules.name.clone(), of.id.uuid());
            Answer::ok(&Page::of(
                types,
                window.size,
                key,
                AppointmentTypeBody::from,
            ))
        })
        .await
}

/// Adds something that can be booked.
#[utoipa::path(
    operation_id = "addAppointmentType", tag = "practice", context_path = "/api/v1",
    request_body = AddAppointmentTypeBody,
    params(Once),
    responses((status = 201, description = "Added.", body = AppointmentTypeBody), Refused<TypeError>)
)]
#[post("/appointment-types")]
async fn add_appointment_type(
    permit: Permit<Add>,
    once: Once,
    body: Json<AddAppointmentTypeBody>,
) -> Result<Answer, Problem> {
    let rules = body.rules()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let added = add(transaction, &rules).await?;
            let (version, location) = (
                added.version,
                format!("/api/v1/appointment-types/{}", added.id),
            );
            Ok(Answer::created(&AppointmentTypeBody::from(added), location)?.version(version))
        })
        .await
}

/// Reads a type of appointment.
#[utoipa::path(
    operation_id = "getAppointmentType", tag = "practice", context_path = "/api/v1",
    params(("appointment_type_id" = AppointmentTypeId, Path, description = "The type.")),
    responses((status = 200, description = "The type.", body = AppointmentTypeBody))
)]
#[get("/appointment-types/{appointment_type_id}")]
async fn get_appointment_type(
    permit: Permit<Read>,
    id: PathId<AppointmentTypeId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, id.0).await?))
        .await
}

/// Changes what can be booked; appointments made before keep their times.
#[utoipa::path(
    operation_id = "changeAppointmentType", tag = "practice", context_path = "/api/v1",
    params(("appointment_type_id" = AppointmentTypeId, Path, description = "The type."), IfMatch),
    request_body = ChangeAppointmentTypeBody,
    responses((status = 200, description = "As it is now.", body = AppointmentTypeBody), Refused<TypeError>)
)]
#[patch("/appointment-types/{appointment_type_id}")]
async fn change_appointment_type(
    permit: Permit<Change>,
    id: PathId<AppointmentTypeId>,
    if_match: IfMatch,
    body: Json<ChangeAppointmentTypeBody>,
) -> Result<Answer, Problem> {
    let changes = body.into_inner().changes()?;
    permit
        .transaction(async |transaction| {
            answer(change(transaction, id.0, &if_match, &changes).await?)
        })
        .await
}
