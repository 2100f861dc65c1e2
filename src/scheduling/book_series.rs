//! Books a series: all of it or nothing, with the rules and the code of a single appointment.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::platform::access::{May, Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::intervals::Interval;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::practice::AppointmentType;

use super::appointment::{Occurrence, SeriesId};
use super::book::{self, BookAppointment};
use super::book_error::{BookError, Outside, nowhere};
use super::check;
use super::chosen::Chosen;
use super::claim::ResourceKind;
use super::explain::{Asked, explained};
use super::refusals::{BOOKING_RULE, BookingRule, OUTSIDE_AVAILABILITY, SLOT_TAKEN};
use super::series::{Rhythm, Series};
use super::slots::SlotRefused;
use super::store;
use super::wanted::{Claimant, Wanted};
use super::wording;

action!(
    /// Booking a series of appointments; patients book for themselves.
    BookSeries, "appointments.book_series", appointments,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// A series to be booked: the first appointment and the rhythm.
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
    /// On the day that follows from the rhythm.
    pub(crate) starts_at: DateTime<Utc>,
    /// Of the location.
    pub(crate) zone: Tz,
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

/// A refused occurrence, as the member `refused` shows it.
#[derive(Serialize)]
struct RefusedMember {
    occurrence: i16,
    starts_at: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The same as for a single booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken: Option<Vec<ResourceKind>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<BookingRule>,
}

impl RefusedMember {
    fn of(refused: &RefusedOccurrence) -> Option<Self> {
        let (detail, taken, rule) = match &refused.why {
            BookError::Taken(taken) => (Some(taken.message()), Some(taken.kinds.clone()), None),
            BookError::Outside(outside) => (Some(outside.detail.clone()), None, None),
            BookError::Rule(rule) => (Some(rule.detail().to_owned()), None, Some(*rule)),
            BookError::Unknown(_) | BookError::StaffOnly | BookError::Database(_) => return None,
        };
        Some(Self {
            occurrence: refused.number,
            starts_at: to_zone_rfc3339(refused.starts_at, refused.zone),
            kind: kind(&refused.why)?.uri(),
            detail,
            taken,
            rule,
        })
    }
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
        let members: Vec<RefusedMember> = refused.iter().filter_map(RefusedMember::of).collect();
        let first = refused.into_iter().next().map(|refused| refused.why);
        let first = first.unwrap_or_else(|| BookError::taken(Vec::new()));
        // The faulty field differs by occurrence, so no field is named.
        first
            .problem()
            .errors(Vec::new())
            .member("refused", members)
    }
}

/// The problem type when the refusal concerns one occurrence; `None` when it concerns the whole
/// series.
pub(super) fn kind(error: &BookError) -> Option<&'static ProblemType> {
    match error {
        BookError::Taken(_) => Some(&SLOT_TAKEN),
        BookError::Outside(_) => Some(&OUTSIDE_AVAILABILITY),
        BookError::Rule(_) => Some(&BOOKING_RULE),
        BookError::Unknown(_) | BookError::StaffOnly | BookError::Database(_) => None,
    }
}

/// Books the whole series, or returns every occurrence that cannot take place.
pub(super) async fn book_series(
    transaction: &Transaction<'_, impl May<BookSeries>>,
    command: &NewSeries,
) -> Result<Series, SeriesError> {
    let first = &command.first;
    let is_patient = transaction.principal().role == Role::Patient;
    if is_patient && first.override_reason.is_some() {
        return Err(BookError::StaffOnly.into());
    }
    let mut wanted = first.wanted();
    let claimant = Claimant {
        patient_id: Some(first.patient_id),
        hold_id: None,
    };
    let checked = check::look_up(transaction, &mut wanted, claimant).await?;
    let zone = store::zone_of(transaction, wanted.location_id).await?;
    let zone = zone
        .filter(|_| checked.unknown.is_empty())
        .ok_or(BookError::Unknown(checked.unknown))?;
    book::require_room_ahead(transaction, first.patient_id, command.count).await?;
    let series = Series {
        id: SeriesId::fresh(transaction.now()),
        patient_id: checked.person_id.unwrap_or(first.patient_id),
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
    let mut refused = Refused::at(zone);
    for number in 1..=series.count {
        let steps = number - 1;
        let booked = async {
            let meant = (&series.rhythm(), steps);
            let chosen = fit(transaction, &wanted, appointment_type, meant).await?;
            let mut booked = first.appointment(transaction.now(), &chosen);
            booked.patient_id = series.patient_id;
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

/// The occurrences that cannot take place, collected one by one.
pub(super) struct Refused {
    /// The zone of the location; times are written in it.
    zone: Tz,
    refused: Vec<RefusedOccurrence>,
}

impl Refused {
    /// An empty collection for a location in this zone.
    pub(super) const fn at(zone: Tz) -> Self {
        Self {
            zone,
            refused: Vec::new(),
        }
    }

    /// Keeps a refusal of this occurrence; returns a refusal of the whole series.
    pub(super) fn sort_out<T>(
        &mut self,
        outcome: Result<T, BookError>,
        number: i16,
        starts_at: DateTime<Utc>,
    ) -> Result<(), BookError> {
        match outcome {
            Ok(_) => Ok(()),
            Err(why) if kind(&why).is_some() => {
                self.refused.push(RefusedOccurrence {
                    number,
                    starts_at,
                    zone: self.zone,
                    why,
                });
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Returns every refusal, if there is one.
    pub(super) fn none(self) -> Result<(), SeriesError> {
        if self.refused.is_empty() {
            Ok(())
        } else {
            Err(SeriesError::Refused(self.refused))
        }
    }
}

/// Chooses the first day on which the occurrence can take place. When there is none, the refusal is
/// the one of the day that follows from the rhythm. All days are read at once.
pub(super) async fn fit(
    transaction: &OpenTransaction<'_>,
    wanted: &Wanted,
    appointment_type: &AppointmentType,
    (rhythm, steps): (&Rhythm, i16),
) -> Result<Chosen, BookError> {
    let candidates = rhythm.candidates(steps);
    let skipped = || {
        BookError::Outside(Outside {
            refused: SlotRefused::Skipped,
            detail: format!(
                "The clocks go forward on {}: the time that was asked for does not exist that day.",
                wording::day(rhythm.meant(steps), rhythm.zone)
            ),
        })
    };
    let days = candidates.iter().min().zip(candidates.iter().max());
    let days = days
        .and_then(|(first, last)| Interval::new(*first, *last + TimeDelta::microseconds(1)))
        .ok_or_else(skipped)?;
    let calendars = check::calendars_for(transaction, wanted, appointment_type, &days).await?;
    let mut on_the_day = rhythm.is_skipped(steps).then(skipped);
    for starts_at in candidates {
        let wanted = Wanted {
            starts_at,
            ..wanted.clone()
        };
        match check::choose_in(transaction, &wanted, appointment_type, &calendars) {
            Ok((chosen, _)) => return Ok(chosen),
            Err(refused) => {
                on_the_day.get_or_insert(refused);
            }
        }
    }
    let meant = Wanted {
        starts_at: rhythm.meant(steps),
        ..wanted.clone()
    };
    let asked = Asked {
        wanted: &meant,
        appointment_type,
        calendars: &calendars,
    };
    let refused = on_the_day.unwrap_or_else(nowhere);
    Err(explained(transaction, asked, refused).await)
}
