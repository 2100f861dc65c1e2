//! A treatment plan as a sheet of paper for the patient: plain words, large type, no jargon.
//!
//! The sheet is HTML without scripts, pictures or addresses, so that it prints the same everywhere
//! and fetches nothing. Everything that people wrote is escaped.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::plan::{
    Activity, ActivityStatus, Goal, GoalStatus, Performer, PlanStatus, TreatmentPlan,
};

/// Whether the activities of a performer belong to a part of the sheet.
type IsHere = fn(Performer) -> bool;

/// The head of the sheet.
pub(crate) struct SheetHead {
    pub(super) patient_name: String,
    pub(super) practice_name: String,
    /// The day on which this version was written, in the practice.
    pub(super) written_on: NaiveDate,
}

const STYLE: &str = "body{font:17px/1.5 sans-serif;color:#111;background:#fff;max-width:44em;margin:2em auto;\
padding:0 1em}h1{font-size:1.7em;margin-bottom:.2em}h2{font-size:1.25em;margin-top:1.6em;\
border-bottom:2px solid #111}ul{padding-left:1.2em}li{margin:.7em 0;break-inside:avoid}\
.note{margin:.2em 0}.draft{border:2px dashed #111;padding:.4em .8em}footer{margin-top:2em;\
font-size:.85em}@media print{body{margin:0;max-width:none}}";

/// Writes the sheet.
pub(crate) fn print(plan: &TreatmentPlan, head: &SheetHead) -> String {
    let content = &plan.content;
    let mut sheet = opened(plan, head);
    goals(&mut sheet, &content.goals);
    let groups: [(&str, IsHere); 3] = [
        ("What you do yourself", is_patient),
        ("What we do for you", is_practice),
        ("What others do for you", is_other),
    ];
    for (heading, is_here) in groups {
        let here = content.activities.iter();
        activities(
            &mut sheet,
            heading,
            here.filter(|activity| is_here(activity.done_by)),
        );
    }
    add(&mut sheet, format_args!("<h2>Looking at it again</h2>"));
    let again = content.review_on.map_or_else(
        || "We look at this plan together at your next visit.".to_owned(),
        |on| format!("We look at this plan together on {}.", day(on)),
    );
    add(
        &mut sheet,
        format_args!(
            "<p>{again} Call us earlier if something gets worse or does not work for you.</p>"
        ),
    );
    add(
        &mut sheet,
        format_args!(
            "<footer>Version {} of this plan.</footer></body></html>",
            plan.version.number()
        ),
    );
    sheet
}

/// The sheet down to the summary.
fn opened(plan: &TreatmentPlan, head: &SheetHead) -> String {
    let content = &plan.content;
    let title = escape(&content.title);
    let mut sheet =
        String::from("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    add(&mut sheet, format_args!("<title>{title}</title>"));
    add(
        &mut sheet,
        format_args!("<style>{STYLE}</style></head><body>"),
    );
    add(&mut sheet, format_args!("<h1>{title}</h1>"));
    add(
        &mut sheet,
        format_args!(
            "<p>For {}, from {}. Written on {}.</p>",
            escape(&head.patient_name),
            escape(&head.practice_name),
            day(head.written_on)
        ),
    );
    if let Some(words) = standing(plan.status) {
        add(&mut sheet, format_args!("<p class=\"draft\">{words}</p>"));
    }
    if let Some(summary) = &content.summary {
        add(&mut sheet, format_args!("<p>{}</p>", escape(summary)));
    }
    sheet
}

const fn standing(status: PlanStatus) -> Option<&'static str> {
    match status {
        PlanStatus::Draft => Some("This is a draft. Nothing in it is agreed yet."),
        PlanStatus::Active => None,
        PlanStatus::Completed => Some("This plan is finished."),
        PlanStatus::Revoked => Some("This plan does not hold any more."),
    }
}

const fn is_patient(performer: Performer) -> bool {
    matches!(performer, Performer::Patient)
}

const fn is_practice(performer: Performer) -> bool {
    matches!(performer, Performer::Provider | Performer::Assistant)
}

const fn is_other(performer: Performer) -> bool {
    !is_patient(performer) && !is_practice(performer)
}

fn goals(sheet: &mut String, goals: &[Goal]) {
    let shown = || {
        goals
            .iter()
            .filter(|goal| goal.status != GoalStatus::Dropped)
    };
    if shown().next().is_none() {
        return;
    }
    add(sheet, format_args!("<h2>What we want to reach</h2><ul>"));
    for goal in shown() {
        add(
            sheet,
            format_args!("<li><strong>{}</strong>", escape(&goal.text)),
        );
        let (measure, target) = (escape(&goal.measure), escape(&goal.target));
        let by = day(goal.target_on);
        note(
            sheet,
            &format!("We count {measure}; the aim is {target}, by {by}."),
        );
        match goal.status {
            GoalStatus::Achieved => note(sheet, "You have reached this."),
            GoalStatus::NotAchieved => note(sheet, "We have not reached this yet."),
            GoalStatus::Proposed => note(sheet, "We suggest this; tell us what you think."),
            GoalStatus::Accepted | GoalStatus::Dropped => {}
        }
        add(sheet, format_args!("</li>"));
    }
    add(sheet, format_args!("</ul>"));
}

fn activities<'a>(
    sheet: &mut String,
    heading: &str,
    activities: impl Iterator<Item = &'a Activity>,
) {
    let mut shown = activities
        .filter(|activity| activity.status != ActivityStatus::Stopped)
        .peekable();
    if shown.peek().is_none() {
        return;
    }
    add(sheet, format_args!("<h2>{heading}</h2><ul>"));
    for activity in shown {
        let therapy = activity.therapy_code.therapy();
        add(
            sheet,
            format_args!(
                "<li><strong>{}</strong>: {}.",
                escape(therapy.name),
                escape(therapy.plain_words)
            ),
        );
        note(
            sheet,
            &format!("How often: {}", escape(&activity.frequency)),
        );
        if let Some(instructions) = &activity.instructions {
            note(sheet, &format!("How: {}", escape(instructions)));
        }
        if let Some(adherence) = &activity.adherence {
            note(sheet, &format!("How it is going: {}", escape(adherence)));
        }
        match activity.status {
            ActivityStatus::OnHold => note(sheet, "Pause this for now."),
            ActivityStatus::Completed => note(sheet, "This is done."),
            ActivityStatus::NotStarted | ActivityStatus::InProgress | ActivityStatus::Stopped => {}
        }
        if let Some(on) = activity.review_on {
            note(sheet, &format!("We look at this again on {}.", day(on)));
        }
        add(sheet, format_args!("</li>"));
    }
    add(sheet, format_args!("</ul>"));
}

/// A line below an item; `words` are escaped already.
fn note(sheet: &mut String, words: &str) {
    add(sheet, format_args!("<p class=\"note\">{words}</p>"));
}

fn add(sheet: &mut String, written: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = sheet.write_fmt(written);
    sheet.push('\n');
}

fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use crate::care::plan::PlanContent;
    use crate::care::therapy::TherapyCode;
    use crate::patients::PatientId;

    use super::*;

    fn activity(done_by: Performer, status: ActivityStatus) -> Activity {
        Activity {
            therapy_code: TherapyCode::Stretching,
            frequency: "twice a day <b>".into(),
            done_by,
            status,
            instructions: None,
            adherence: Some("most days".into()),
            review_on: "2026-04-01".parse().ok(),
        }
    }

    fn sheet(activities: Vec<Activity>, status: PlanStatus) -> String {
        let now = DateTime::UNIX_EPOCH;
        let goal = Goal {
            text: "Fewer headaches".into(),
            measure: "headache days".into(),
            target: "8 a month".into(),
            target_on: "2026-06-01".parse().unwrap(),
            status: GoalStatus::Accepted,
        };
        let content = PlanContent {
            title: "Neck & head".into(),
            summary: Some("<script>alert(1)</script>".into()),
            goals: vec![goal],
            activities,
            review_on: None,
        };
        let plan = TreatmentPlan::new(
            (PatientId::fresh(now), PatientId::fresh(now)),
            status,
            content,
            Uuid::nil(),
            now,
        );
        let head = SheetHead {
            patient_name: "Ana \"A\" Vrabec".into(),
            practice_name: "Riverside".into(),
            written_on: "2026-03-02".parse().unwrap(),
        };
        print(&plan, &head)
    }

    #[test]
    fn a_plan_is_printed_in_plain_words() {
        let sheet = sheet(
            vec![activity(Performer::Patient, ActivityStatus::InProgress)],
            PlanStatus::Active,
        );
        for words in [
            "<h1>Neck &amp; head</h1>",
            "For Ana &quot;A&quot; Vrabec, from Riverside. Written on 2 March 2026.",
            "We count headache days; the aim is 8 a month, by 1 June 2026.",
            "<h2>What you do yourself</h2>",
            "How often: twice a day &lt;b&gt;",
            "How it is going: most days",
            "We look at this again on 1 April 2026.",
        ] {
            assert!(sheet.contains(words), "{words}");
        }
        assert!(!sheet.contains("What we do for you"));
        assert!(!sheet.contains("draft\">"));
    }

    #[test]
    fn what_people_wrote_never_becomes_markup() {
        let sheet = sheet(vec![], PlanStatus::Draft);
        assert!(!sheet.contains("<script"));
        assert!(sheet.contains("&lt;script&gt;"));
        assert!(sheet.contains("This is a draft."));
    }

    #[test]
    fn what_was_stopped_is_left_out() {
        let sheet = sheet(
            vec![activity(Performer::Other, ActivityStatus::Stopped)],
            PlanStatus::Active,
        );
        assert!(!sheet.contains("What others do for you"));
    }
}
