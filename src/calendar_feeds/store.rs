//! Rows and queries of calendar feeds, and of what stands in them.

use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::{
    calendar_feeds, memberships, patient_links, practices, users,
};
use crate::patients::records_of;
use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::local_time;
use crate::platform::page::Window;
use crate::practice::TimeZone;
use crate::scheduling::Status;
use crate::schema::{appointments, follow_ups, locations, providers};

use super::calendar::{Entry, Span};
use super::{CalendarFeed, CalendarFeedId, Subject};

type FeedRow = (CalendarFeedId, Option<Uuid>, Option<Uuid>, DateTime<Utc>);

/// Id, kind, from and until when it is due, version, last change.
type DueRow = (
    Uuid,
    String,
    DateTime<Utc>,
    DateTime<Utc>,
    Version,
    DateTime<Utc>,
);

/// More than any feed has.
const MOST_ENTRIES: i64 = 10_000;

impl Subject {
    const fn columns(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Provider(id) => (Some(id), None),
            Self::Patient(id) => (None, Some(id)),
        }
    }

    /// Reads the columns of a feed: one of the two is set.
    fn of(
        feed_id: CalendarFeedId,
        provider_id: Option<Uuid>,
        patient_id: Option<Uuid>,
    ) -> Result<Self, InconsistentRow> {
        match (provider_id, patient_id) {
            (Some(id), None) => Ok(Self::Provider(id)),
            (None, Some(id)) => Ok(Self::Patient(id)),
            _ => Err(InconsistentRow::new(
                "calendar_feeds",
                "patient_id",
                feed_id,
            )),
        }
    }
}

pub(super) async fn provider_exists(transaction: &OpenTransaction<'_>, id: Uuid) -> Stored<bool> {
    let provider = providers::table
        .filter(providers::practice_id.eq(transaction.practice_id()))
        .filter(providers::id.eq(id));
    let found = diesel::select(exists(provider))
        .get_result(&mut transaction.connection())
        .await?;
    Ok(found)
}

pub(super) async fn insert(
    transaction: &OpenTransaction<'_>,
    feed: &CalendarFeed,
    token_hash: &[u8],
) -> Stored<()> {
    let (provider_id, patient_id) = feed.subject.columns();
    diesel::insert_into(calendar_feeds::table)
        .values((
            calendar_feeds::id.eq(feed.id),
            calendar_feeds::practice_id.eq(transaction.practice_id()),
            calendar_feeds::user_id.eq(transaction.principal().user_id),
            calendar_feeds::provider_id.eq(provider_id),
            calendar_feeds::patient_id.eq(patient_id),
            calendar_feeds::token_hash.eq(token_hash),
            calendar_feeds::created_at.eq(feed.created_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The caller's feeds that were not revoked, the newest first.
pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    window: &Window<Uuid>,
) -> Stored<Vec<CalendarFeed>> {
    let mut query = calendar_feeds::table
        .filter(calendar_feeds::practice_id.eq(transaction.practice_id()))
        .filter(calendar_feeds::user_id.eq(transaction.principal().user_id))
        .filter(calendar_feeds::revoked_at.is_null())
        .order(calendar_feeds::id.desc())
        .limit(window.probe())
        .select((
            calendar_feeds::id,
            calendar_feeds::provider_id,
            calendar_feeds::patient_id,
            calendar_feeds::created_at,
        ))
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(calendar_feeds::id.lt(after));
    }
    let rows = query.load::<FeedRow>(&mut transaction.connection()).await?;
    let feed = |(id, provider_id, patient_id, created_at)| {
        Ok(CalendarFeed {
            id,
            subject: Subject::of(id, provider_id, patient_id)?,
            created_at,
        })
    };
    rows.into_iter().map(feed).collect()
}

/// Ends a feed of the caller; says whether there was one.
pub(super) async fn revoke(transaction: &OpenTransaction<'_>, id: CalendarFeedId) -> Stored<bool> {
    let ended = diesel::update(calendar_feeds::table)
        .filter(calendar_feeds::id.eq(id))
        .filter(calendar_feeds::practice_id.eq(transaction.practice_id()))
        .filter(calendar_feeds::user_id.eq(transaction.principal().user_id))
        .filter(calendar_feeds::revoked_at.is_null())
        .set(calendar_feeds::revoked_at.eq(transaction.now()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(ended > 0)
}

/// A feed whose owner may still sign in.
pub(super) struct LiveFeed {
    pub(super) id: CalendarFeedId,
    pub(super) practice_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) subject: Subject,
    /// The present role of the owner.
    pub(super) role: Role,
    /// The zone of the practice.
    pub(super) zone: Tz,
}

type LiveRow = (
    (CalendarFeedId, Uuid, Uuid, Option<Uuid>, Option<Uuid>),
    Role,
    TimeZone,
);

/// The feed with this token. A patient's feed is found only while the record is linked to its
/// owner.
pub(super) async fn find_live(
    mut connection: &AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<Option<LiveFeed>> {
    let ends_later = patient_links::ends_at
        .is_null()
        .or(patient_links::ends_at.gt(now));
    let link = patient_links::table
        .filter(patient_links::practice_id.eq(calendar_feeds::practice_id))
        .filter(patient_links::user_id.eq(calendar_feeds::user_id))
        .filter(
            patient_links::patient_id
                .nullable()
                .eq(calendar_feeds::patient_id),
        )
        .filter(patient_links::revoked_at.is_null())
        .filter(ends_later);
    let membership = memberships::practice_id
        .eq(calendar_feeds::practice_id)
        .and(memberships::user_id.eq(calendar_feeds::user_id));
    let row: Option<LiveRow> = calendar_feeds::table
        .inner_join(memberships::table.on(membership))
        .inner_join(users::table.on(users::id.eq(calendar_feeds::user_id)))
        .inner_join(practices::table.on(practices::id.eq(calendar_feeds::practice_id)))
        .filter(calendar_feeds::token_hash.eq(token_hash))
        .filter(calendar_feeds::revoked_at.is_null())
        .filter(memberships::suspended_at.is_null())
        .filter(users::disabled_at.is_null())
        .filter(calendar_feeds::patient_id.is_null().or(exists(link)))
        .select((
            (
                calendar_feeds::id,
                calendar_feeds::practice_id,
                calendar_feeds::user_id,
                calendar_feeds::provider_id,
                calendar_feeds::patient_id,
            ),
            memberships::role,
            practices::time_zone,
        ))
        .first(&mut connection)
        .await
        .optional()?;
    let live = |row: LiveRow| -> Result<_, InconsistentRow> {
        let ((id, practice_id, user_id, provider_id, patient_id), role, zone) = row;
        Ok(LiveFeed {
            id,
            practice_id,
            user_id,
            subject: Subject::of(id, provider_id, patient_id)?,
            role,
            zone: zone.0,
        })
    };
    Ok(row.map(live).transpose()?)
}

type VisitRow = (
    (
        Uuid,
        DateTime<Utc>,
        DateTime<Utc>,
        Status,
        Version,
        DateTime<Utc>,
    ),
    (String, Option<String>, TimeZone),
    String,
);

/// The appointments that start in the range, by start. No patient's data is read.
pub(super) async fn visits(
    transaction: &OpenTransaction<'_>,
    subject: Subject,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Stored<Vec<Entry>> {
    let location = locations::practice_id
        .eq(appointments::practice_id)
        .and(locations::id.eq(appointments::location_id));
    let provider = providers::practice_id
        .eq(appointments::practice_id)
        .and(providers::id.eq(appointments::provider_id));
    let mut query = appointments::table
        .inner_join(locations::table.on(location))
        .inner_join(providers::table.on(provider))
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::starts_at.ge(from))
        .filter(appointments::starts_at.lt(until))
        .order((appointments::starts_at, appointments::id))
        .limit(MOST_ENTRIES)
        .select((
            (
                appointments::id,
                appointments::starts_at,
                appointments::ends_at,
                appointments::status,
                appointments::version,
                appointments::updated_at,
            ),
            (locations::name, locations::address, locations::time_zone),
            providers::name,
        ))
        .into_boxed();
    match subject {
        Subject::Provider(id) => query = query.filter(appointments::provider_id.eq(id)),
        Subject::Patient(id) => {
            query =
                query.filter(appointments::patient_id.eq_any(records_of(transaction, id.into())));
        }
    }
    let rows: Vec<VisitRow> = query.load(&mut transaction.connection()).await?;
    let names_provider = matches!(subject, Subject::Patient(_));
    let entry = |row| appointment_entry(row, names_provider);
    Ok(rows.into_iter().map(entry).collect())
}

fn appointment_entry(row: VisitRow, names_provider: bool) -> Entry {
    let ((id, starts_at, ends_at, status, version, updated_at), location, provider) = row;
    let (name, address, zone) = location;
    let location: Vec<String> = [Some(name), address].into_iter().flatten().collect();
    Entry {
        uid: format!("appointment-{id}@tautband"),
        summary: "Appointment",
        description: names_provider.then(|| format!("With {provider}")),
        location: Some(location.join(", ")),
        span: Span::Timed {
            starts_at,
            ends_at,
            zone: zone.0,
        },
        version,
        updated_at,
        is_cancelled: !status.occupies(),
    }
}

/// The open follow-ups of a patient that have no appointment, by the dates of the practice.
pub(super) async fn follow_ups(
    transaction: &OpenTransaction<'_>,
    patient_id: Uuid,
    zone: Tz,
) -> Stored<Vec<Entry>> {
    let appointment = appointments::practice_id
        .eq(follow_ups::practice_id)
        .and(appointments::id.nullable().eq(follow_ups::appointment_id));
    let has_fallen = appointments::status
        .nullable()
        .eq_any([Status::Cancelled, Status::NoShow]);
    let rows: Vec<DueRow> = follow_ups::table
        .left_join(appointments::table.on(appointment))
        .filter(follow_ups::practice_id.eq(transaction.practice_id()))
        .filter(follow_ups::patient_id.eq_any(records_of(transaction, patient_id.into())))
        .filter(follow_ups::status.eq("open"))
        .filter(follow_ups::appointment_id.is_null().or(has_fallen))
        .order((follow_ups::due_from, follow_ups::id))
        .limit(MOST_ENTRIES)
        .select((
            follow_ups::id,
            follow_ups::kind,
            follow_ups::due_from,
            follow_ups::due_by,
            follow_ups::version,
            follow_ups::updated_at,
        ))
        .load(&mut transaction.connection())
        .await?;
    let entry = |(id, kind, due_from, due_by, version, updated_at): (Uuid, String, _, _, _, _)| {
        let last = local_time::local_date(zone, due_by);
        Entry {
            uid: format!("follow-up-{id}@tautband"),
            summary: match kind.as_str() {
                "visit" => "Follow-up visit due",
                "call" => "Follow-up call due",
                "questionnaire" => "Questionnaire due",
                _ => "Follow-up due",
            },
            description: None,
            location: None,
            span: Span::Days {
                first: local_time::local_date(zone, due_from),
                past: last.checked_add_days(Days::new(1)).unwrap_or(last),
            },
            version,
            updated_at,
            is_cancelled: false,
        }
    };
    Ok(rows.into_iter().map(entry).collect())
}
