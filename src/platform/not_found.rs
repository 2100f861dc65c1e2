//! The sentence in a 404: which kind of thing was looked for, and under which id.
//!
//! Every operation names a record by the path, so that the path says it once for all of them. The
//! answer is the same for a record that does not exist and for one that the caller may not see.

use actix_web::HttpRequest;

/// The longest id that is repeated in the answer.
const LONGEST_ID: usize = 40;

/// Names whose kind is not their singular.
const KINDS: [(&str, &str); 8] = [
    ("diary", "day of the diary"),
    ("waitlist", "waitlist entry"),
    ("follow-ups", "follow-up"),
    ("follow-up-protocols", "follow-up protocol"),
    ("appointment-series", "series of appointments"),
    ("extra-hours", "extra hours"),
    ("calendar", "calendar"),
    ("proxies", "person who acts for the patient"),
];

/// The sentence for a request whose path ends in an id; `None` for a path without one.
pub(super) fn detail(request: &HttpRequest) -> Option<String> {
    let pattern = request.match_pattern()?;
    let (_, id) = request.match_info().iter().last()?;
    let kind = kind(&pattern)?;
    let is_short = id.len() <= LONGEST_ID && id.bytes().all(is_plain);
    let named = if is_short {
        format!("the id {id}")
    } else {
        "this id".to_owned()
    };
    Some(format!(
        "No {kind} has {named}, or you may not see it. Check the id, and that it is one of your \
         practice."
    ))
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The kind of thing that the last id of a path stands for, from the name before it.
fn kind(pattern: &str) -> Option<String> {
    let (before, _) = pattern.rsplit_once("/{")?;
    let (_, name) = before.rsplit_once('/')?;
    let irregular = KINDS.iter().find(|(plural, _)| *plural == name);
    if let Some((_, kind)) = irregular {
        return Some((*kind).to_owned());
    }
    let words = name.replace('-', " ");
    Some(match (words.strip_suffix("ies"), words.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(singular)) => singular.to_owned(),
        (None, None) => words,
    })
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn a_path_says_what_kind_of_thing_its_id_stands_for() {
        for (pattern, expected) in [
            (
                "/api/v1/appointments/{appointment_id}/cancel",
                "appointment",
            ),
            (
                "/api/v1/patients/{patient_id}/allergies/{allergy_id}",
                "allergy",
            ),
            (
                "/api/v1/patients/{patient_id}/diary/{entry_date}",
                "day of the diary",
            ),
            (
                "/api/v1/appointment-series/{series_id}",
                "series of appointments",
            ),
            ("/api/v1/waitlist/{waitlist_entry_id}", "waitlist entry"),
            (
                "/api/v1/providers/{provider_id}/time-off/{time_off_id}",
                "time off",
            ),
            ("/api/v1/follow-ups/{follow_up_id}/close", "follow-up"),
        ] {
            assert_eq!(kind(pattern).as_deref(), Some(expected), "{pattern}");
        }
        assert_eq!(kind("/health/ready"), None);
    }
}
