//! Random lives of follow-ups: whatever happens, and in whatever order, each step of a protocol is
//! there once and stands where the last thing that happened to it left it.
//!
//! `TAUTBAND_SEQUENCES` says how many lives are tried; a few unless it is set.

use serde_json::{Value, json};

use crate::harness::*;

/// A small generator of its own, so that a failing life can be told by its number and lived again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }
}

/// What one follow-up is expected to be.
struct Expected {
    path: String,
    step: String,
    /// Where it stands by its window alone.
    by_window: String,
    closed: Option<&'static str>,
    /// The appointment made for it and where that stands.
    appointment: Option<(String, &'static str)>,
    /// Where that is.
    slot: Value,
}

impl Expected {
    fn status(&self) -> &str {
        match (self.closed, &self.appointment) {
            (Some(closed), _) => closed,
            (None, Some((_, "booked"))) => "booked",
            (None, Some((_, "completed"))) => "done",
            (None, _) => &self.by_window,
        }
    }

    fn is_bookable(&self) -> bool {
        !matches!(self.status(), "booked" | "done" | "cancelled")
    }
}

/// Half-hours of Ada's that nobody has taken: a new one each time, or one that was given up.
#[derive(Default)]
struct Slots {
    taken: u64,
    given_up: Vec<Value>,
}

impl Slots {
    fn next(&mut self) -> Value {
        if let Some(slot) = self.given_up.pop() {
            return slot;
        }
        let (day, place) = (self.taken / 16, self.taken % 16);
        self.taken += 1;
        let monday: chrono::NaiveDate = "2026-03-30".parse().unwrap();
        let date = monday + chrono::Days::new(day / 5 * 7 + day % 5);
        let minutes = (if place < 8 { 8 * 60 } else { 13 * 60 - 240 }) + place * 30;
        let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(
            u32::try_from(minutes * 60).unwrap(),
            0,
        );
        let local = date.and_time(time.unwrap());
        let instant = local
            .and_local_timezone(chrono_tz::America::New_York)
            .unwrap();
        json!({ "starts_at": instant.to_rfc3339(), "provider_id": ADA, "location_id": MAIN_STREET })
    }
}

/// The clinic, and whether Ben's record is merged into Ana's just now.
struct World {
    clinic: Clinic,
    ada: Client,
    admin: Client,
    slots: Slots,
    /// Ana's plan.
    plan: String,
    is_merged: bool,
}

impl World {
    async fn open() -> Self {
        let clinic = Clinic::open().await;
        let (ada, admin) = (clinic.provider().await, clinic.admin().await);
        let plan = ada
            .post(&format!("/patients/{ANA}/treatment-plans"), plan("First"))
            .await
            .created();
        Self {
            plan: format!("/treatment-plans/{}", plan["id"].as_str().unwrap()),
            clinic,
            ada,
            admin,
            slots: Slots::default(),
            is_merged: false,
        }
    }

    /// Who a record's person is.
    fn person<'a>(&self, record: &'a str) -> &'a str {
        if self.is_merged { ANA } else { record }
    }

    async fn merge_or_part(&mut self) {
        let verb = if self.is_merged { "unmerge" } else { "merge" };
        let path = format!("/patients/{ANA}/{verb}");
        let duplicate = json!({ "duplicate_id": BEN });
        self.admin.act_now(&path, duplicate).await.ok();
        self.is_merged = !self.is_merged;
    }

    async fn plans_change(&mut self, days: u64) {
        self.ada.put(&self.plan, "*", plan("Changed")).await.ok();
        if self.is_merged {
            let second = format!("/patients/{BEN}/treatment-plans");
            let second = self.ada.post(&second, plan("Second")).await;
            second.expect(409);
        }
        let protocol = json!({ "procedure_kind": "dry_needling", "name": "Changed", "steps": [
            { "code": "first_call", "kind": "call", "unit": "hours", "from": 1, "to": 2, "reason": "a" },
            { "code": "look", "kind": "visit", "unit": "days", "from": days, "to": days + 7, "reason": "b" },
        ] });
        self.admin
            .post("/follow-up-protocols", protocol)
            .await
            .created();
    }
}

fn plan(title: &str) -> Value {
    json!({ "status": "active", "title": title, "goals": [], "activities": [] })
}

/// One procedure and its follow-ups.
struct Life {
    number: u64,
    dice: Dice,
    record: &'static str,
    procedure: String,
    steps: Vec<Expected>,
}

impl Life {
    async fn begin(number: u64, world: &World) -> Self {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (number + 1));
        let asked = if dice.below(2) == 0 { ANA } else { BEN };
        // What is written while two records are merged is written to the one that stays.
        let record = if world.is_merged { ANA } else { asked };
        let done = crate::care::completed_for(&world.ada, asked).await;
        Self {
            number,
            dice,
            record,
            procedure: done["id"].as_str().unwrap().to_owned(),
            steps: done["follow_ups"]
                .as_array()
                .unwrap()
                .iter()
                .map(expected)
                .collect(),
        }
    }

    async fn happens(&mut self, world: &mut World) {
        let count = u64::try_from(self.steps.len()).unwrap();
        let index = usize::try_from(self.dice.below(count)).unwrap();
        let (event, ending) = (self.dice.below(12), self.dice.below(3));
        let step = &mut self.steps[index];
        match event {
            0..=2 => step.book(world).await,
            3 => step.appointment_is_moved(world).await,
            4 => step.appointment_is_cancelled(world).await,
            5 | 6 => step.appointment_ends(world, ending).await,
            7 => step.is_done(&world.ada).await,
            8 => step.is_cancelled(&world.ada).await,
            9 => world.plans_change(self.dice.below(20) + 1).await,
            10 => world.merge_or_part().await,
            _ => {
                let path = format!("/procedures/{}/complete", self.procedure);
                world.ada.act_now(&path, Value::Null).await.expect(409);
            }
        }
    }

    async fn is_as_expected(&self, world: &World) {
        let number = self.number;
        for step in &self.steps {
            let seen = world.ada.get(&step.path).await.ok();
            assert_eq!(
                seen["status"],
                step.status(),
                "life {number}, {}",
                step.step
            );
            assert_eq!(seen["protocol_step"], step.step, "life {number}");
            let person = world.person(self.record);
            assert_eq!(seen["patient"]["id"], person, "life {number}");
        }
        let count = world
            .clinic
            .ask(&format!(
                "SELECT coalesce(string_agg(protocol_step, ',' ORDER BY protocol_step), '') \
                 FROM follow_ups WHERE procedure_id = '{}'",
                self.procedure
            ))
            .await;
        let mut steps: Vec<&str> = self.steps.iter().map(|step| step.step.as_str()).collect();
        steps.sort_unstable();
        assert_eq!(count, steps.join(","), "life {number}");
    }
}

impl Expected {
    async fn book(&mut self, world: &mut World) {
        let slot = world.slots.next();
        let path = format!("{}/book", self.path);
        let reply = world.ada.act_now(&path, slot.clone()).await;
        if self.is_bookable() {
            let id = reply.ok()["appointment_id"].as_str().unwrap().to_owned();
            self.appointment = Some((id, "booked"));
            self.slot = slot;
        } else {
            reply.expect(409);
            world.slots.given_up.push(slot);
        }
    }

    async fn appointment_is_moved(&mut self, world: &mut World) {
        if let Some((id, "booked")) = &self.appointment {
            let slot = world.slots.next();
            let path = format!("/appointments/{id}/reschedule");
            let to = json!({ "starts_at": slot["starts_at"] });
            world.ada.act_now(&path, to).await.ok();
            let left = std::mem::replace(&mut self.slot, slot);
            world.slots.given_up.push(left);
        }
    }

    async fn appointment_is_cancelled(&mut self, world: &mut World) {
        if let Some((id, state @ "booked")) = &mut self.appointment {
            let path = format!("/appointments/{id}/cancel");
            let why = json!({ "reason_code": "illness" });
            world.ada.act_now(&path, why).await.ok();
            *state = "cancelled";
            world.slots.given_up.push(self.slot.take());
        }
    }

    /// The patient comes, or does not, or came and the last step is taken back.
    async fn appointment_ends(&mut self, world: &mut World, ending: u64) {
        let Some((id, state @ "booked")) = &mut self.appointment else {
            return;
        };
        let step = async |verb: &str| {
            let path = format!("/appointments/{id}/{verb}");
            let early = match verb {
                "check-in" | "start" => json!({ "override": { "reason": "Came early" } }),
                _ => Value::Null,
            };
            world.ada.act_now(&path, early).await.ok();
        };
        if ending == 0 {
            // Its time has come; nobody misses what has not begun.
            let begun = format!(
                "UPDATE appointments SET starts_at = '2026-03-02T14:00:00Z', \
                 ends_at = '2026-03-02T14:30:00Z' WHERE id = '{id}'"
            );
            world.clinic.sql(&begun).await;
            step("no-show").await;
            *state = "no_show";
            world.slots.given_up.push(self.slot.take());
            return;
        }
        for verb in ["check-in", "start", "complete"] {
            step(verb).await;
        }
        *state = "completed";
        if ending == 1 {
            for _ in ["complete", "start", "check-in"] {
                step("undo").await;
            }
            *state = "booked";
        }
    }

    async fn is_done(&mut self, ada: &Client) {
        let body = json!({
            "outcome": "Better", "relief_percent": 40, "next_step": "Stretch",
            "adverse_event_screen": crate::care::screen(&["soreness"]),
        });
        let reply = ada.act_now(&format!("{}/complete", self.path), body).await;
        if self.closed.is_none() {
            reply.ok();
            self.closed = Some("done");
        } else {
            reply.expect(409);
        }
    }

    async fn is_cancelled(&mut self, ada: &Client) {
        let body = json!({ "reason": "Moved away" });
        let reply = ada.act_now(&format!("{}/cancel", self.path), body).await;
        if matches!(self.status(), "done" | "cancelled") {
            reply.expect(409);
        } else {
            reply.ok();
            self.closed = Some("cancelled");
        }
    }
}

fn expected(one: &Value) -> Expected {
    let text = |name: &str| one[name].as_str().unwrap().to_owned();
    Expected {
        path: format!("/follow-ups/{}", text("id")),
        step: text("protocol_step"),
        by_window: text("status"),
        closed: None,
        appointment: None,
        slot: Value::Null,
    }
}

#[actix_web::test]
async fn each_step_of_a_protocol_is_there_once_whatever_happens() {
    let lives: u64 = std::env::var("TAUTBAND_SEQUENCES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(12);
    let mut world = World::open().await;
    for number in 0..lives {
        let mut life = Life::begin(number, &world).await;
        for _ in 0..10 {
            life.happens(&mut world).await;
        }
        life.is_as_expected(&world).await;
    }
    every_list_agrees(&world).await;
}

/// Each follow-up stands on the one list of where it stands, and the table says the same as its
/// appointment.
async fn every_list_agrees(world: &World) {
    let mut listed = 0;
    for status in ["upcoming", "due", "overdue", "booked", "done", "cancelled"] {
        let mut next = format!("/follow-ups?limit=200&status={status}");
        loop {
            let page = world.ada.get(&next).await.ok();
            for one in page["items"].as_array().unwrap() {
                assert_eq!(one["status"], status, "{one}");
                listed += 1;
            }
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            next = format!("/follow-ups?limit=200&status={status}&cursor={cursor}");
        }
    }
    let count = world.clinic.ask("SELECT count(*)::text FROM follow_ups");
    assert_eq!(count.await, listed.to_string());
    let torn = "SELECT count(*)::text FROM follow_ups f \
        JOIN appointments a ON a.practice_id = f.practice_id AND a.id = f.appointment_id \
        WHERE f.status <> 'cancelled' AND f.outcome IS NULL \
          AND (f.status = 'done') <> (a.status = 'completed')";
    assert_eq!(world.clinic.ask(torn).await, "0");
}
