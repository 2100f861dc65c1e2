//! Conservative care beside injections, as the treatment plan and the diary show it.
//!
//! It began with the first version of an active plan in which such a therapy was under way. It goes on while the
//! plan in force has one under way in which the patient takes part: somebody noted how well it is kept up, or the
//! patient kept the diary lately. What neither shows stays unknown.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::formulary::ReviewState;

/// Which therapies of a plan count as conservative care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConservativeTherapies {
    /// Any of these, done to the patient or by the patient.
    pub counted: Vec<String>,
    /// Those a patient takes an active part in.
    pub programme: Vec<String>,
    /// A diary kept within so many days shows that the patient takes part.
    pub diary_days: u64,
    pub source: String,
    pub review_state: ReviewState,
}

/// An activity of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedActivity {
    pub therapy_code: String,
    pub is_under_way: bool,
    /// How well it is kept up was noted.
    pub has_adherence: bool,
}

/// A plan as it was from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanOfDay {
    pub from: NaiveDate,
    pub is_active: bool,
    pub activities: Vec<PlannedActivity>,
}

/// What the plan and the diary show on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConservativeCare {
    pub days: Option<i64>,
    pub is_ongoing: bool,
}

impl ConservativeTherapies {
    /// Reads the plans, the earliest first, and the last day of the diary.
    pub fn shown(
        &self,
        plans: &[PlanOfDay],
        last_diary_day: Option<NaiveDate>,
        on: NaiveDate,
    ) -> ConservativeCare {
        let known: Vec<&PlanOfDay> = plans.iter().filter(|plan| plan.from <= on).collect();
        let has = |plan: &PlanOfDay, codes: &[String]| {
            let mut own = plan.activities.iter();
            plan.is_active && own.any(|one| one.is_under_way && codes.contains(&one.therapy_code))
        };
        let began = known.iter().find(|plan| has(plan, &self.counted));
        let keeps_diary = last_diary_day.zip(on.checked_sub_days(Days::new(self.diary_days)));
        let keeps_diary = keeps_diary.is_some_and(|(last, since)| last >= since && last <= on);
        let takes_part = |plan: &PlanOfDay| {
            let mut own = plan.activities.iter();
            own.any(|one| one.has_adherence && self.programme.contains(&one.therapy_code))
        };
        ConservativeCare {
            days: began.map(|plan| on.signed_duration_since(plan.from).num_days()),
            is_ongoing: known.last().is_some_and(|plan| {
                has(plan, &self.programme) && (keeps_diary || takes_part(plan))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::CodingTable;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn plan(from: &str, is_active: bool, activities: &[(&str, bool, bool)]) -> PlanOfDay {
        PlanOfDay {
            from: day(from),
            is_active,
            activities: activities
                .iter()
                .map(|(code, is_under_way, has_adherence)| PlannedActivity {
                    therapy_code: (*code).to_owned(),
                    is_under_way: *is_under_way,
                    has_adherence: *has_adherence,
                })
                .collect(),
        }
    }

    #[test]
    fn conservative_care_is_read_from_plan_and_diary() {
        let therapies = CodingTable::shipped().unwrap().conservative_therapies;
        let stretching = |from, adherence| plan(from, true, &[("stretching", true, adherence)]);
        for (plans, diary, days, is_ongoing) in [
            (vec![], None, None, false),
            (vec![stretching("2026-10-11", false)], None, Some(42), false),
            (vec![stretching("2026-10-11", true)], None, Some(42), true),
            (
                vec![stretching("2026-10-11", false)],
                Some("2026-10-25"),
                Some(42),
                true,
            ),
            (
                vec![stretching("2026-10-11", false)],
                Some("2026-10-24"),
                Some(42),
                false,
            ),
            (
                vec![stretching("2026-10-11", false)],
                Some("2026-11-23"),
                Some(42),
                false,
            ),
            (vec![stretching("2026-11-23", true)], None, None, false),
            (
                vec![plan("2026-10-11", false, &[("stretching", true, true)])],
                None,
                None,
                false,
            ),
            (
                vec![plan("2026-10-11", true, &[("stretching", false, true)])],
                None,
                None,
                false,
            ),
            (
                vec![plan("2026-10-11", true, &[("tpi", true, true)])],
                None,
                None,
                false,
            ),
            (
                vec![plan(
                    "2026-10-11",
                    true,
                    &[("massage_deep_tissue", true, true)],
                )],
                None,
                Some(42),
                false,
            ),
            (
                vec![
                    stretching("2026-10-11", true),
                    plan("2026-11-01", false, &[]),
                ],
                None,
                Some(42),
                false,
            ),
        ] {
            let shown = therapies.shown(&plans, diary.map(day), day("2026-11-22"));
            let expected = ConservativeCare { days, is_ongoing };
            assert_eq!(shown, expected, "{plans:?} {diary:?}");
        }
    }
}
