//! The words for what the routes write as codes, in one place, so that they can be translated.

/// What a page says after an act.
pub(super) fn done(code: &str) -> Option<&'static str> {
    Some(match code {
        "booked" => "Booked.",
        "moved" => "Moved.",
        "cancelled" => "Cancelled.",
        "confirm" => "Confirmed.",
        "check-in" => "Checked in.",
        "room" => "Taken to a room.",
        "start" => "Started.",
        "complete" => "Completed.",
        "no-show" => "Marked as not come.",
        "undo" => "The last step was undone.",
        "saved" => "Saved.",
        "added" => "Added.",
        "ended" => "Ended.",
        "tried" => "The attempt was recorded.",
        "signed" => "Signed and sealed. From now on it can only be added to.",
        "recorded" => "Recorded.",
        "withdrawn" => "Withdrawn.",
        "accepted" => "Accepted and booked.",
        "declined" => "Declined. The time goes to the next person.",
        "code" => "The code was made. It is shown once.",
        "drafted" => "The note was begun from the template.",
        "discarded" => "The visit was discarded. The person is waiting again.",
        "voided" => "Marked as entered in error. It stays in the record and counts nowhere.",
        "begun" => "Begun.",
        "drawn" => "Drawn up.",
        "proposed" => "Proposed. Nothing is recorded until you confirm it.",
        "read" => "Recorded that you read it.",
        "stopped" => "Stopped.",
        "affected" => "Saved. These appointments are affected by it.",
        _ => return None,
    })
}

/// What a refusal means to the person who reads it. Others say it themselves.
pub(super) fn problem(kind: &str) -> Option<&'static str> {
    Some(match kind.rsplit('/').next()? {
        "version-mismatch" | "precondition-failed" | "stale-version" | "changed-meanwhile" => {
            "Somebody changed this while you had it open. What you typed is kept below; compare it, then save again."
        }
        "slot-taken" => "Somebody else was faster: this time is taken. Choose another one.",
        "possible-duplicate" => {
            "Perhaps this person is on record already. Those who are like them stand below."
        }
        "wrong-credentials" => "The address or the password is wrong.",
        _ => return None,
    })
}

/// A role in words.
pub(super) fn role(role: &str) -> &'static str {
    match role {
        "admin" => "runs the practice",
        "front_desk" => "front desk",
        "provider" => "provider",
        "assistant" => "assistant",
        "patient" => "patient",
        "auditor" => "auditor",
        _ => "service",
    }
}

/// The state of an appointment: a shape and a word.
pub(super) fn status(status: &str) -> (&'static str, &'static str) {
    match status {
        "booked" => ("○", "unconfirmed"),
        "confirmed" => ("◐", "confirmed"),
        "arrived" => ("▲", "waiting"),
        "roomed" => ("■", "in room"),
        "in_progress" => ("▶", "under way"),
        "completed" => ("✓", "done"),
        "cancelled" => ("✕", "cancelled"),
        "no_show" => ("∅", "did not come"),
        _ => ("·", "unknown"),
    }
}

/// What an act on an appointment is called on its button, and its path.
pub(super) fn step(act: &str) -> Option<(&'static str, &'static str)> {
    Some(match act {
        "confirm" => ("Confirm", "confirm"),
        "check_in" => ("Check in", "check-in"),
        "room" => ("To room", "room"),
        "start" => ("Start", "start"),
        "complete" => ("Complete", "complete"),
        "no_show" => ("Did not come", "no-show"),
        "undo" => ("Undo", "undo"),
        _ => return None,
    })
}

/// The name of a field, for the list of what was wrong.
pub(super) fn field(name: &str) -> String {
    // People count from one.
    let word = |part: &str| {
        part.parse::<u32>()
            .map_or_else(|_| part.replace('_', " "), |index| (index + 1).to_string())
    };
    let words: Vec<String> = name.split('/').map(word).collect();
    capitalised(&words.join(" "))
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A code in words. Most codes are words with bars; the others stand here.
pub(super) fn code(code: &str) -> String {
    let known = match code {
        "tpi" => "Trigger point injection",
        "nrs" => "Pain from 0 to 10",
        "midas" => "MIDAS",
        "hit_6" => "HIT-6",
        "pgic" => "Impression of change",
        "ndi" => "Neck disability index",
        "HN_POST" => "Head and neck, from behind",
        "HN_ANT" => "Head and neck, from the front",
        "HN_LAT_L" => "Head and neck, left",
        "HN_LAT_R" => "Head and neck, right",
        "UB_POST" => "Upper back",
        "UB_ANT" => "Upper body, from the front",
        "LB_POST" => "Lower back",
        "tp_pressure_release" => "Pressure release",
        "not_assessed" => "Not assessed",
        "no_show" => "Did not come",
        "sms" => "Text message",
        other => return capitalised(&other.replace('_', " ")),
    };
    known.to_owned()
}

/// A view of the body in two or three words.
pub(super) fn view(code: &str) -> &'static str {
    match code {
        "HN_POST" => "Head, behind",
        "HN_ANT" => "Head, front",
        "HN_LAT_L" => "Head, left",
        "HN_LAT_R" => "Head, right",
        "UB_POST" => "Upper back",
        "UB_ANT" => "Chest",
        _ => "Low back",
    }
}

/// A unit as it stands behind a number.
pub(super) fn unit(code: &str) -> &'static str {
    match code {
        "percent" => "%",
        "mg_per_ml" => "mg/ml",
        "mcg_per_ml" => "µg/ml",
        "units_per_ml" => "units/ml",
        _ => "",
    }
}

/// A check of a procedure by name. Codes of drugs stand behind a dot or a colon.
pub(super) fn check_name(check: &str) -> String {
    code(&check.replace(['.', ':'], " "))
}

/// What a needle near a muscle may meet, in words.
pub(super) fn caution(caution: &str) -> String {
    let (what, which) = caution.split_once('(').unwrap_or((caution, ""));
    let what = match what.to_ascii_uppercase().as_str() {
        "PTX" => "lung",
        "VASC" => "vessel",
        other => {
            return format!(
                "{} {}",
                code(&other.to_lowercase()).to_lowercase(),
                which.trim_end_matches(')')
            )
            .trim()
            .to_owned();
        }
    };
    format!("{what} {}", which.trim_end_matches(')'))
        .trim()
        .to_owned()
}

/// A value of a table in words.
pub(super) fn value(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Bool(true) => "yes".to_owned(),
        serde_json::Value::Bool(false) => "no".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The worst first; the words never say that anything is safe.
pub(super) fn check(status: &str) -> (&'static str, &'static str) {
    match status {
        "block" => ("■", "Stop"),
        "warn" => ("▲", "Warning"),
        "ok" => ("○", "Within the limits"),
        _ => ("?", "Not known"),
    }
}
