//! The kinds of race, and what must come of each.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::clinic::{Clinic, Reply};
use crate::overlaps;

/// What clients go for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    EqualRange,
    OverlappingRanges,
    DifferentTypes,
    Combinations,
    Swaps,
    HoldExpiry,
    WaitlistAccept,
}

/// What came of a round.
#[derive(Debug, Default)]
pub struct Round {
    /// How many got what they went for.
    pub won: u64,
    /// How many were told that it is taken.
    pub lost: u64,
    /// Answers of 500 and above.
    pub failed: u64,
    /// Other outcomes than the kind allows.
    pub wrong: u64,
    /// What the independent query found.
    pub overlaps: u64,
}

impl Kind {
    pub const ALL: &'static [Self] = &[
        Self::EqualRange,
        Self::OverlappingRanges,
        Self::DifferentTypes,
        Self::Combinations,
        Self::Swaps,
        Self::HoldExpiry,
        Self::WaitlistAccept,
    ];

    /// As the table calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EqualRange => "equal range",
            Self::OverlappingRanges => "overlapping ranges",
            Self::DifferentTypes => "different types",
            Self::Combinations => "provider, room, patient",
            Self::Swaps => "reschedule swaps",
            Self::HoldExpiry => "hold expiry",
            Self::WaitlistAccept => "waitlist accept",
        }
    }

    /// Runs one round of it at a time of its own.
    pub async fn run(self, clinic: &Clinic, round: u32) -> anyhow::Result<Round> {
        let time = clinic.time_of(round);
        let mut outcome = match self {
            Self::EqualRange => equal_range(clinic, time).await,
            Self::OverlappingRanges => overlapping_ranges(clinic, time).await,
            Self::DifferentTypes => different_types(clinic, time).await,
            Self::Combinations => combinations(clinic, time).await,
            Self::Swaps => swaps(clinic, time).await,
            Self::HoldExpiry => hold_expiry(clinic, time).await,
            Self::WaitlistAccept => waitlist_accept(clinic, time).await,
        }
        .with_context(|| format!("{} in round {round}", self.name()))?;
        outcome.overlaps = overlaps::count(clinic, Some(time)).await?;
        Ok(outcome)
    }
}

/// One of a list, by turns.
fn turn(items: &[String], number: usize) -> &str {
    items.iter().cycle().nth(number).map_or("", String::as_str)
}

fn booking(clinic: &Clinic, number: usize, kind: &str, time: DateTime<Utc>) -> Value {
    json!({
        "patient_id": turn(&clinic.patients, number), "appointment_type_id": kind,
        "provider_id": turn(&clinic.providers, 0), "location_id": clinic.location,
        "starts_at": time,
    })
}

/// All the bookings at once.
async fn book(clinic: &Clinic, bookings: &[Value]) -> anyhow::Result<Vec<Reply>> {
    let book = |body: &Value| clinic.post("/appointments", body.clone());
    try_join_all(bookings.iter().map(book)).await
}

fn numbers(clinic: &Clinic) -> std::ops::Range<usize> {
    0..clinic.patients.len()
}

impl Round {
    /// Sorts the answers; whatever is neither won nor lost in a known way is wrong.
    fn sort(&mut self, replies: &[Reply], won: u16) {
        for reply in replies {
            match reply.status {
                status if status == won => self.won += 1,
                409 | 412 => self.lost += 1,
                500.. => self.failed += 1,
                _ => self.wrong += 1,
            }
        }
    }

    /// Notes an outcome that the kind does not allow.
    fn expect(&mut self, is_right: bool) {
        if !is_right {
            self.wrong += 1;
        }
    }

    /// One winner among bookings that are all in each other's way.
    fn of_rivals(replies: &[Reply]) -> Self {
        let mut round = Self::default();
        round.sort(replies, 201);
        round.expect(round.won == 1);
        round
    }
}

/// The same provider at the same time, everybody for another patient.
async fn equal_range(clinic: &Clinic, time: DateTime<Utc>) -> anyhow::Result<Round> {
    let bookings: Vec<Value> = numbers(clinic)
        .map(|number| booking(clinic, number, &clinic.short, time))
        .collect();
    Ok(Round::of_rivals(&book(clinic, &bookings).await?))
}

/// An hour each, a quarter of an hour apart: any two of them overlap.
async fn overlapping_ranges(clinic: &Clinic, time: DateTime<Utc>) -> anyhow::Result<Round> {
    let starts = [0, 15, 30, 45].map(|minutes| time + TimeDelta::minutes(minutes));
    let bookings: Vec<Value> = numbers(clinic)
        .zip(starts.iter().cycle())
        .map(|(number, start)| booking(clinic, number, &clinic.long, *start))
        .collect();
    Ok(Round::of_rivals(&book(clinic, &bookings).await?))
}

/// The same start, with and without room, with and without buffers.
async fn different_types(clinic: &Clinic, time: DateTime<Utc>) -> anyhow::Result<Round> {
    let kinds = [&clinic.short, &clinic.long, &clinic.middle];
    let bookings: Vec<Value> = numbers(clinic)
        .zip(kinds.iter().cycle())
        .map(|(number, kind)| booking(clinic, number, kind, time))
        .collect();
    Ok(Round::of_rivals(&book(clinic, &bookings).await?))
}

/// Any of four providers in one of two rooms for one of four patients. Who wins shares none of
/// them with another winner, and who loses shares one with somebody who won.
async fn combinations(clinic: &Clinic, time: DateTime<Utc>) -> anyhow::Result<Round> {
    let bookings: Vec<Value> = numbers(clinic)
        .map(|number| {
            let mut body = booking(clinic, number / 8 % 4, &clinic.middle, time);
            body["provider_id"] = turn(&clinic.providers, number % 4).into();
            body["room_id"] = turn(&clinic.rooms, number / 4 % 2).into();
            body
        })
        .collect();
    let replies = book(clinic, &bookings).await?;
    let mut round = Round::default();
    round.sort(&replies, 201);
    let shares = |one: &Value, other: &Value| {
        ["provider_id", "room_id", "patient_id"]
            .iter()
            .any(|of| one.get(of) == other.get(of))
    };
    let with_reply = || bookings.iter().zip(&replies);
    let winners: Vec<&Value> = with_reply()
        .filter(|(_, reply)| reply.status == 201)
        .map(|(body, _)| body)
        .collect();
    round.expect(!winners.is_empty());
    for (index, winner) in winners.iter().enumerate() {
        let others = winners.iter().skip(index + 1);
        round.expect(!others.into_iter().any(|other| shares(winner, other)));
    }
    for (loser, _) in with_reply().filter(|(_, reply)| reply.status == 409) {
        round.expect(winners.iter().any(|winner| shares(winner, loser)));
    }
    Ok(round)
}

/// Two appointments that want each other's place, and a third place for the first one to step aside
/// to. Neither gets what the other one has; once the first has stepped aside they can change places.
async fn swaps(clinic: &Clinic, time: DateTime<Utc>) -> anyhow::Result<Round> {
    let places = [0, 30, 60].map(|minutes| time + TimeDelta::minutes(minutes));
    let [first_place, second_place, third_place] = places;
    let first = booking(clinic, 0, &clinic.short, first_place);
    let second = booking(clinic, 1, &clinic.short, second_place);
    let first = clinic.post("/appointments", first).await?.id()?;
    let second = clinic.post("/appointments", second).await?.id()?;
    let reschedule = |id: &str| format!("/appointments/{id}/reschedule");
    let moves = [
        (reschedule(&first), second_place),
        (reschedule(&second), first_place),
        (reschedule(&first), third_place),
    ];
    let tries = numbers(clinic)
        .zip(moves.iter().cycle())
        .map(|(_, (path, to))| clinic.post(path, json!({ "starts_at": to })));
    let replies = try_join_all(tries).await?;
    let mut round = Round::default();
    round.sort(&replies, 200);
    // Whatever was won and lost: two appointments, each at one of the three places.
    round.expect(overlaps::appointments(clinic, time).await? == 2);
    round.expect(round.won >= 1);
    Ok(round)
}

/// A slot that somebody held until this very moment. The hold is worth nothing any more.
async fn hold_expiry(clinic: &Clinic, time: DateTime<Utc>) -> anyhow::Result<Round> {
    let wanted = booking(clinic, 0, &clinic.long, time);
    let mut held = wanted.clone();
    if let Some(fields) = held.as_object_mut() {
        fields.remove("patient_id");
    }
    let hold = clinic.post_as_other("/holds", held).await?.id()?;
    let kept = clinic.post("/appointments", wanted.clone()).await?;
    clinic.advance(TimeDelta::minutes(5)).await?;
    let bookings: Vec<Value> = numbers(clinic)
        .skip(1)
        .map(|number| booking(clinic, number, &clinic.long, time))
        .collect();
    let mut with_hold = wanted;
    with_hold["hold_id"] = hold.into();
    let (replies, holder) = futures_util::try_join!(
        book(clinic, &bookings),
        clinic.post_as_other("/appointments", with_hold)
    )?;
    let mut round = Round::of_rivals(&replies);
    round.expect(kept.status == 409 && holder.status == 422);
    Ok(round)
}

/// A time that is given up and offered to one who waits: half of the clients accept, the others
/// try to book it. Who waits gets it, once.
async fn waitlist_accept(clinic: &Clinic, time: DateTime<Utc>) -> anyhow::Result<Round> {
    let given_up = booking(clinic, 1, &clinic.short, time);
    let given_up = clinic.post("/appointments", given_up).await?.id()?;
    let entry = json!({
        "patient_id": turn(&clinic.patients, 0), "appointment_type_id": clinic.short,
        "earliest": time, "latest": time + TimeDelta::minutes(1), "priority": 1,
    });
    let entry = clinic.post("/waitlist", entry).await?.id()?;
    let cancel = format!("/appointments/{given_up}/cancel");
    let cancelled = clinic
        .post(&cancel, json!({ "reason_code": "weather" }))
        .await?;
    clinic.housekeeping.run_once().await?;
    let offered = clinic.get(&format!("/waitlist/{entry}")).await?;
    let accept = format!("/waitlist/{entry}/accept");
    let half = clinic.patients.len() / 2;
    let accepting = (0..half).map(|_| clinic.post(&accept, Value::Null));
    let bookings: Vec<Value> = numbers(clinic)
        .skip(half)
        .map(|number| booking(clinic, number, &clinic.short, time))
        .collect();
    let (accepted, booked) =
        futures_util::try_join!(try_join_all(accepting), book(clinic, &bookings))?;
    let mut round = Round::default();
    round.sort(&accepted, 200);
    round.expect(round.won == 1);
    round.sort(&booked, 201);
    round.expect(round.won == 1);
    round.expect(cancelled.status == 200 && offered.body["status"] == "offered");
    Ok(round)
}
