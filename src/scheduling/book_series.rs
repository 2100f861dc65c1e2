//! Booking a series: all of it or nothing, by the same rules and the same code as one appointment.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::patients::PatientId;
use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::intervals::Interval;
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::practice::AppointmentType;

use super::appointment::{Appointment, Occurrence, SeriesId};
use super::book::{self, BookAppointment};
use super::calendars::Calendars;
use super::place::{self, BookError, Chosen, ResourceKind, Wanted};
use super::refusals::{BOOKING_RULE, OUTSIDE_AVAILABILITY, SLOT_TAKEN};
use super::series::{Rhythm, Series};
use super::store;

action!(
    /// Booking a series of appointments; patients book for themselves.
    BookSeries, "appointments.book_series", patients,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// As long as any appointment is.
const LONGEST: TimeDelta = TimeDelta::hours(8);

/// A series to be booked: the first appointment and how it goes on.
#[derive(Debug, Clone)]
pub(crate) struct NewSeries {
    /// The first one, without room or hold.
    pub(crate) first: BookAppointment,
    pub(crate) count: i16,
    pub(crate) every_weeks: i16,
    pub(crate) slack_days: i16,
}

/// An occurrence that cannot take place, and why.
#[derive(Debug)]
pub(crate) struct RefusedOccurrence {
    pub(crate) number: i16,
    /// On the day that was meant for it.
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) why: BookError,
}

/// Why a series was not booked or moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeriesError {
    #[error(transparent)]
    Book(#[from] BookError),
    /// Never empty; in the order of their numbers.
    #[error("some of it cannot take place")]
    Refused(Vec<RefusedOccurrence>),
}

impl From<DatabaseError> for SeriesError {
    fn from(error: DatabaseError) -> Self {
        Self::Book(error.into())
    }
}

/// A refused occurrence, as the member `refused` names it.
#[derive(Serialize)]
struct RefusedMember {
    occurrence: i16,
    starts_at: DateTime<Utc>,
    #[serde(rename = "type")]
    kind: String,
    detail: String,
}

impl Refusal for SeriesError {
    const TYPES: &'static [&'static ProblemType] =
        &[&SLOT_TAKEN, &OUTSIDE_AVAILABILITY, &BOOKING_RULE];

    /// The problem of the first occurrence that is refused, with all of them named.
    fn problem(self) -> Problem {
        let refused = match self {
            Self::Book(error) => return error.problem(),
            Self::Refused(refused) => refused,
        };
        let members: Vec<RefusedMember> = refused
            .iter()
            .filter_map(|refused| {
                Some(RefusedMember {
                    occurrence: refused.number,
                    starts_at: refused.starts_at,
                    kind: kind(&refused.why)?.uri(),
                    detail: refused.why.to_string(),
                })
            })
            .collect();
        let first = refused.into_iter().next().map(|refused| refused.why);
        let first = first.unwrap_or_else(|| BookError::Taken(Vec::new()));
        first.problem().member("refused", members)
    }
}

/// The kind of refusal that is of one occurrence and not of the whole.
pub(super) fn kind(error: &BookError) -> Option<&'static ProblemType> {
    match error {
        BookError::Taken(_) => Some(&SLOT_TAKEN),
        BookError::Outside(_) => Some(&OUTSIDE_AVAILABILITY),
        BookError::Rule(_) => Some(&BOOKING_RULE),
        BookError::Unknown(_) | BookError::StaffOnly | BookError::Database(_) => None,
    }
}

/// Books all of it, or says which of it cannot take place.
pub(super) async fn book_series(
    transaction: &Transaction<'_, BookSeries>,
    command: &NewSeries,
) -> Result<Series, SeriesError> {
    let first = &command.first;
    let is_patient = transaction.principal().role == Role::Patient;
    if is_patient && first.override_reason.is_some() {
        return Err(BookError::StaffOnly.into());
    }
    let wanted = first.wanted();
    let checked = place::look_up(transaction, &wanted, Some(first.patient_id)).await?;
    let zone = store::zone_of(transaction, wanted.location_id).await?;
    let zone = zone
        .filter(|_| checked.unknown.is_empty())
        .ok_or(BookError::Unknown(checked.unknown))?;
    let series = Series {
        id: SeriesId::fresh(transaction.now()),
        patient_id: first.patient_id,
        appointment_type_id: first.appointment_type_id,
        provider_id: first.provider_id,
        location_id: first.location_id,
        zone,
        first_starts_at: first.starts_at,
        count: command.count,
        every_weeks: command.every_weeks,
        slack_days: command.slack_days,
        created_at: transaction.now(),
    };
    store::insert_series(transaction, &series).await?;
    let appointment_type = &checked.appointment_type;
    let mut refused = Refused::default();
    for number in 1..=series.count {
        let steps = number - 1;
        let fitting = Fitting {
            wanted: &wanted,
            appointment_type,
            patient_id: first.patient_id,
        };
        let booked = async {
            let chosen = fitting.find(transaction, &series.rhythm(), steps).await?;
            let mut booked = first.appointment(transaction.now(), &chosen);
            booked.series = Some(Occurrence {
                series_id: series.id,
                number,
            });
            book::win(transaction, booked, &chosen).await
        };
        refused.sort_out(booked.await, number, series.rhythm().meant(steps))?;
    }
    refused.none()?;
    transaction.touch("appointment_series", series.id, series.patient_id);
    Ok(series)
}

/// What cannot take place, so far.
#[derive(Default)]
pub(super) struct Refused(Vec<RefusedOccurrence>);

impl Refused {
    /// Keeps a refusal that is of this occurrence, and passes on one that is of the whole.
    pub(super) fn sort_out(
        &mut self,
        outcome: Result<Appointment, BookError>,
        number: i16,
        starts_at: DateTime<Utc>,
    ) -> Result<(), BookError> {
        match outcome {
            Ok(_) => Ok(()),
            Err(why) if kind(&why).is_some() => {
                self.0.push(RefusedOccurrence {
                    number,
                    starts_at,
                    why,
                });
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Nothing was refused, or all that was.
    pub(super) fn none(self) -> Result<(), SeriesError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(SeriesError::Refused(self.0))
        }
    }
}

/// What the occurrences of a series have in common.
pub(super) struct Fitting<'a> {
    pub(super) wanted: &'a Wanted,
    pub(super) appointment_type: &'a AppointmentType,
    pub(super) patient_id: PatientId,
}

impl Fitting<'_> {
    /// The first of the days for an occurrence on which it can take place; why not on the day that
    /// was meant, when there is none. All of the days are read at once.
    pub(super) async fn find(
        &self,
        transaction: &OpenTransaction<'_>,
        rhythm: &Rhythm,
        steps: i16,
    ) -> Result<Chosen, BookError> {
        let candidates = rhythm.candidates(steps);
        let days = candidates.iter().min().zip(candidates.iter().max());
        let days = days
            .and_then(|(first, last)| Interval::new(*first, *last + TimeDelta::microseconds(1)));
        let days = days.ok_or_else(place::nowhere)?;
        let pair = (
            Some(self.wanted.provider_id.uuid()),
            Some(self.wanted.location_id.uuid()),
        );
        let calendars = Calendars::load(transaction, self.appointment_type, pair, &days).await?;
        let elsewhere = self.elsewhere(transaction, &days).await?;
        let mut on_the_day = None;
        for starts_at in candidates {
            let wanted = Wanted {
                starts_at,
                ..self.wanted.clone()
            };
            let chosen = place::choose_in(transaction, &wanted, self.appointment_type, &calendars);
            let refused = match chosen {
                Ok((chosen, _)) if elsewhere.iter().any(|busy| busy.overlaps(&chosen.span)) => {
                    BookError::Taken(vec![ResourceKind::Patient])
                }
                Ok((chosen, _)) => return Ok(chosen),
                Err(refused) => refused,
            };
            on_the_day.get_or_insert(refused);
        }
        Err(on_the_day.unwrap_or_else(place::nowhere))
    }

    /// When the patient is somewhere else on these days.
    async fn elsewhere(
        &self,
        transaction: &OpenTransaction<'_>,
        days: &Interval,
    ) -> Result<Vec<Interval>, DatabaseError> {
        let reach = Interval::new(days.starts_at(), days.ends_at() + LONGEST).unwrap_or(*days);
        let taken = store::busy(transaction, &[self.patient_id.uuid()], &reach).await?;
        Ok(taken
            .into_iter()
            .filter_map(|(_, starts_at, ends_at)| Interval::new(starts_at, ends_at))
            .collect())
    }
}
