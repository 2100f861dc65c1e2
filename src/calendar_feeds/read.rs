//! Reading a calendar at its secret address.

use chrono::TimeDelta;

use crate::platform::access::{Principal, Role, action};
use crate::platform::database::{Database, Door};
use crate::platform::problem::{self, Problem};

use super::calendar::{Calendar, Entry};
use super::store::{self, LiveFeed};
use super::{Subject, hash_of};

action!(
    /// Reading a calendar at its secret address, with the rights of its owner.
    ReadFeed, "calendar_feeds.read", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Past entries stay in the feed for so long.
const BEHIND: TimeDelta = TimeDelta::days(90);
/// Nothing is booked further ahead.
const AHEAD: TimeDelta = TimeDelta::days(731);

/// The calendar at the address with this token.
pub(super) async fn read(database: &Database, token: &str) -> Result<String, Problem> {
    let (now, hash) = (database.now(), hash_of(token));
    let feed = database
        .through(Door::CalendarFeed, async |connection| {
            Ok(store::find_live(connection, &hash, now).await?)
        })
        .await?;
    let feed = feed
        .filter(LiveFeed::is_open_to_role)
        .ok_or_else(|| Problem::new(&problem::NOT_FOUND))?;
    let patient_ids = match feed.subject {
        Subject::Patient(id) => vec![id],
        Subject::Provider(_) => Vec::new(),
    };
    let principal = Principal {
        user_id: feed.user_id,
        practice_id: feed.practice_id,
        // A feed has no session; its own id takes the place.
        session_id: feed.id.uuid(),
        role: feed.role,
        provider_id: None,
        patient_ids,
        service_access: None,
    };
    let entries: Vec<Entry> = database
        .through_as::<ReadFeed, _>(Door::CalendarFeed, &principal, async |transaction| {
            let range = (now - BEHIND, now + AHEAD);
            let mut entries = store::visits(transaction, feed.subject, range).await?;
            match feed.subject {
                Subject::Patient(id) => {
                    entries.extend(store::follow_ups(transaction, id, feed.zone).await?);
                    transaction.touch("calendar_feed", feed.id, id);
                }
                Subject::Provider(_) => transaction.touch_record("calendar_feed", feed.id),
            }
            Ok(entries)
        })
        .await?;
    Ok(Calendar { entries }.text())
}

impl LiveFeed {
    /// Staff read schedules; patients read their own calendars.
    fn is_open_to_role(&self) -> bool {
        match self.subject {
            Subject::Provider(_) => matches!(
                self.role,
                Role::Admin | Role::FrontDesk | Role::Provider | Role::Assistant
            ),
            Subject::Patient(_) => self.role == Role::Patient,
        }
    }
}
