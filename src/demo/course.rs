//! How much an injection helps, and how the relief wears off with the weeks.
//!
//! One curve for the headaches and one for each needled point, in hundredths of what was there
//! before. Relief outlasts the anaesthetic by far when it comes at all, and wears off over months.

use chrono::{DateTime, Utc};

use super::people::Response;

/// How much an effective session takes away at its best, and how many days it takes to wear off.
const fn strength(response: Response) -> (i64, i64) {
    match response {
        Response::Good => (66, 150),
        Response::Partial => (34, 80),
        Response::None => (4, 30),
    }
}

/// How much is taken away at `at` by sessions at these instants, in hundredths.
pub(super) fn relief(response: Response, sessions: &[DateTime<Utc>], at: DateTime<Utc>) -> i32 {
    let (best, lasting) = strength(response);
    let left_of = |session: &DateTime<Utc>| {
        let days = (at - *session).num_days();
        match days {
            _ if at < *session => 0,
            // The first days are sore ones.
            0..=2 => best / 4,
            _ => best * (lasting - days).max(0) / lasting,
        }
    };
    let strongest = sessions.iter().map(left_of).max().unwrap_or(0);
    // A second session adds a little to what the first has left.
    let together: i64 = sessions.iter().map(left_of).sum();
    i32::try_from(strongest + (together - strongest) / 4)
        .unwrap_or(0)
        .min(90)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn relief_begins_with_the_needles_and_wears_off() {
        let session = DateTime::UNIX_EPOCH + TimeDelta::days(100);
        let after = |days| relief(Response::Good, &[session], session + TimeDelta::days(days));
        assert_eq!(after(-1), 0);
        assert!(after(10) > after(1));
        assert!(after(10) > after(60));
        assert_eq!(after(200), 0);
    }

    #[test]
    fn some_are_helped_more_than_others_and_some_hardly() {
        let session = DateTime::UNIX_EPOCH;
        let at = session + TimeDelta::days(14);
        let [good, partial, none] = [Response::Good, Response::Partial, Response::None]
            .map(|response| relief(response, &[session], at));
        assert!(good >= 50 && (20..50).contains(&partial) && none < 5);
    }
}
