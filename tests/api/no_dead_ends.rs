//! Whatever people do in whatever order, everything that is open can be ended, and the books are right.

use serde_json::{Value, json};

use crate::harness::*;
use crate::visits::finding;

/// How many orders are tried; `SEQUENCES` asks for more.
fn sequences() -> u64 {
    let asked = std::env::var("SEQUENCES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// A visit in which people do what they like.
struct Day<'a> {
    ada: &'a Client,
    assistant: &'a Client,
    admin: &'a Client,
    visit_id: String,
    lot_id: String,
    procedures: Vec<String>,
    points: Vec<String>,
    dice: Dice,
}

impl Day<'_> {
    /// One of the ids in a list of what lies under a procedure, voided or not.
    async fn part(&mut self, path: &str, list: &str) -> Option<String> {
        let read = self.ada.get(path).await.ok();
        let all = read[list].as_array().unwrap().clone();
        (!all.is_empty()).then(|| id(&all[self.dice.roll(all.len())]))
    }

    fn procedure(&mut self) -> Option<String> {
        let count = self.procedures.len();
        (count > 0).then(|| self.procedures[self.dice.roll(count)].clone())
    }

    /// One act, be it allowed or refused.
    async fn act(&mut self) -> Reply {
        let reason = json!({ "reason": "Entered in error" });
        let visit = format!("/visits/{}", self.visit_id);
        let turn = self.dice.roll(15);
        let Some(path) = self.procedure().filter(|_| turn > 1) else {
            return if turn == 0 {
                let points = format!("{visit}/trigger-points");
                let found = self.ada.post(&points, finding()).await;
                if found.status == 201 {
                    self.points.push(format!("{points}/{}", id(&found.body)));
                }
                found
            } else {
                let kind =
                    json!({ "kind": "trigger_point_injection", "indication_codes": ["G44.219"] });
                let planned = self.ada.post(&format!("{visit}/procedures"), kind).await;
                if planned.status == 201 {
                    self.procedures
                        .push(format!("/procedures/{}", id(&planned.body)));
                }
                planned
            };
        };
        match turn {
            2 | 3 => {
                let consent =
                    json!({ "given_by": "patient", "method": "written", "text_version": "1" });
                let begin = json!({ "consent": consent, "time_out": time_out(true) });
                self.ada.act_now(&format!("{path}/begin"), begin).await
            }
            4 | 5 => {
                let recipe = recipe("1", "2", &self.lot_id);
                self.ada.post(&format!("{path}/solutions"), recipe).await
            }
            6 | 7 => match self.part(&path, "solutions").await {
                Some(solution_id) => {
                    let needle = site(&solution_id, ["0.5", "1", "2"][self.dice.roll(3)]);
                    self.ada.post(&format!("{path}/injections"), needle).await
                }
                None => self.ada.get(&path).await,
            },
            8 => match self.part(&path, "solutions").await {
                Some(solution_id) => {
                    let wasted = json!({ "volume_ml": "0.5", "witnessed_by": self.ada.user["id"] });
                    let waste = format!("{path}/solutions/{solution_id}/waste");
                    self.assistant.post(&waste, wasted).await
                }
                None => self.ada.get(&path).await,
            },
            9 => match self.part(&path, "injections").await {
                Some(needle) => {
                    let void = format!("{path}/injections/{needle}/void");
                    self.ada.post(&void, reason).await
                }
                None => self.ada.get(&path).await,
            },
            10 => match self.part(&path, "solutions").await {
                Some(solution_id) => {
                    let void = format!("{path}/solutions/{solution_id}/void");
                    self.ada.post(&void, reason).await
                }
                None => self.ada.get(&path).await,
            },
            11 => complete(self.ada, &path).await,
            12 => self.ada.act_now(&format!("{path}/stop"), reason).await,
            13 => self.ada.act_now(&format!("{path}/void"), reason).await,
            _ => match self.points.pop() {
                Some(point) => self.ada.act_now(&format!("{point}/void"), reason).await,
                // A lot is recalled in the middle of it all, now and then.
                None if self.dice.roll(4) == 0 => {
                    let recall = format!("/lots/{}/recall", self.lot_id);
                    self.admin.act_now(&recall, reason).await
                }
                None => self.ada.get(&visit).await,
            },
        }
    }

    /// Wastes what is left of each syringe, stops what is open, and signs.
    async fn end(&self) -> Value {
        for path in &self.procedures {
            let read = self.ada.get(path).await.ok();
            for solution in read["solutions"].as_array().unwrap() {
                let left = solution["left_ml"].as_str().unwrap();
                if read["status"] == "in_progress" && left != "0" {
                    let part = (path.as_str(), solution["id"].as_str().unwrap());
                    waste(self.assistant, self.ada, part, left).await;
                }
            }
            if ["planned", "in_progress"].contains(&read["status"].as_str().unwrap()) {
                let reason = json!({ "reason": "The day is over" });
                self.ada.act_now(&format!("{path}/stop"), reason).await.ok();
            }
        }
        let sign = format!("/visits/{}/sign", self.visit_id);
        self.ada.act_now(&sign, Value::Null).await.ok()
    }
}

#[actix_web::test]
async fn everything_that_is_open_can_be_ended_and_the_books_are_right() {
    let clinic = Clinic::open().await;
    let (ada, assistant) = (clinic.provider().await, clinic.assistant().await);
    let admin = clinic.admin().await;
    for seed in 0..sequences() {
        let lot = json!({
            "drug_code": "lidocaine", "lot_number": format!("SEQ {seed}"), "expires_on": "2027-02",
            "vial_type": "multi_dose", "quantity_ml": "9", "location_id": MAIN_STREET,
        });
        let mut day = Day {
            ada: &ada,
            assistant: &assistant,
            admin: &admin,
            visit_id: walk_in(&ada, BEN).await,
            lot_id: id(&assistant.post("/lots", lot).await.created()),
            procedures: Vec::new(),
            points: Vec::new(),
            dice: Dice(seed),
        };
        for _ in 0..14 {
            let reply = day.act().await;
            assert!(reply.status < 500, "{seed}: {}", reply.body);
        }
        assert_eq!(day.end().await["status"], "signed", "{seed}");
        let seal = ada
            .get(&format!("/visits/{}/seal", day.visit_id))
            .await
            .ok();
        assert_eq!(seal["intact"], true, "{seed}");
    }
    // What came in is what is left, drawn and wasted; and each syringe adds up.
    let unequal = "SELECT count(*)::text FROM lots l WHERE l.remaining_ml <> coalesce((SELECT sum(m.change_ml) \
        FROM stock_movements m WHERE m.practice_id = l.practice_id AND m.lot_id = l.id), l.remaining_ml)";
    assert_eq!(clinic.ask(unequal).await, "0");
    let spilt = "SELECT count(*)::text FROM solutions s JOIN procedures p ON p.practice_id = s.practice_id \
        AND p.id = s.procedure_id WHERE s.voided_at IS NULL AND abs(s.volume_ml \
        - coalesce((SELECT sum(i.volume_ml) FROM injections i WHERE i.practice_id = s.practice_id \
            AND i.solution_id = s.id AND i.voided_at IS NULL), 0) \
        - coalesce((SELECT sum(w.volume_ml) FROM solution_wastes w WHERE w.practice_id = s.practice_id \
            AND w.solution_id = s.id), 0)) > 0.05";
    assert_eq!(clinic.ask(spilt).await, "0");
    let open = "SELECT count(*)::text FROM procedures p JOIN visits v ON v.practice_id = p.practice_id \
        AND v.id = p.visit_id WHERE v.signed_at IS NOT NULL AND p.voided_at IS NULL \
        AND p.status IN ('planned', 'in_progress')";
    assert_eq!(clinic.ask(open).await, "0");
}
