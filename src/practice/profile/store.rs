//! The row of the caller's own practice in the control tables, and no other.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::identity::schema::control::practices::{self, dsl};
use crate::platform::access::{Role, StepUp};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::practice::time_zone::TimeZone;

use super::{Profile, SignInTerms, WaitlistTerms};

#[derive(HasQuery)]
#[diesel(table_name = practices)]
struct ProfileRow {
    id: Uuid,
    slug: String,
    name: String,
    time_zone: TimeZone,
    waitlist_offer_minutes: i32,
    waitlist_notice_minutes: i32,
    most_booked_ahead: i32,
    second_factor_roles: Vec<Option<Role>>,
    step_up_for: Vec<Option<StepUp>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<ProfileRow> for Profile {
    fn from(row: ProfileRow) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            name: row.name,
            time_zone: row.time_zone,
            waitlist: WaitlistTerms {
                offer_minutes: row.waitlist_offer_minutes,
                notice_minutes: row.waitlist_notice_minutes,
            },
            most_booked_ahead: row.most_booked_ahead,
            sign_in: SignInTerms {
                second_factor_roles: row.second_factor_roles.into_iter().flatten().collect(),
                step_up_for: row.step_up_for.into_iter().flatten().collect(),
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

/// As a column holds them: an element of an array might be empty.
fn listed<T: Copy>(words: &[T]) -> Vec<Option<T>> {
    words.iter().copied().map(Some).collect()
}

pub(super) async fn find(transaction: &OpenTransaction<'_>) -> Stored<Option<Profile>> {
    let row = ProfileRow::query()
        .filter(dsl::id.eq(transaction.practice_id()))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Profile::from))
}

pub(super) async fn lock(transaction: &OpenTransaction<'_>) -> Stored<Option<Profile>> {
    let row = ProfileRow::query()
        .filter(dsl::id.eq(transaction.practice_id()))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Profile::from))
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, profile: &Profile) -> Stored<()> {
    diesel::update(dsl::practices)
        .filter(dsl::id.eq(transaction.practice_id()))
        .set((
            dsl::name.eq(&profile.name),
            dsl::time_zone.eq(profile.time_zone),
            dsl::waitlist_offer_minutes.eq(profile.waitlist.offer_minutes),
            dsl::waitlist_notice_minutes.eq(profile.waitlist.notice_minutes),
            dsl::most_booked_ahead.eq(profile.most_booked_ahead),
            dsl::second_factor_roles.eq(listed(&profile.sign_in.second_factor_roles)),
            dsl::step_up_for.eq(listed(&profile.sign_in.step_up_for)),
            dsl::version.eq(profile.version),
            dsl::updated_at.eq(profile.updated_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn zone(transaction: &OpenTransaction<'_>) -> Stored<TimeZone> {
    Ok(dsl::practices
        .filter(dsl::id.eq(transaction.practice_id()))
        .select(dsl::time_zone)
        .first(&mut transaction.connection())
        .await?)
}

pub(super) async fn name(transaction: &OpenTransaction<'_>) -> Stored<String> {
    Ok(dsl::practices
        .filter(dsl::id.eq(transaction.practice_id()))
        .select(dsl::name)
        .first(&mut transaction.connection())
        .await?)
}

pub(super) async fn most_booked_ahead(transaction: &OpenTransaction<'_>) -> Stored<i64> {
    let most: i32 = dsl::practices
        .filter(dsl::id.eq(transaction.practice_id()))
        .select(dsl::most_booked_ahead)
        .first(&mut transaction.connection())
        .await?;
    Ok(most.into())
}

pub(super) async fn waitlist_terms(transaction: &OpenTransaction<'_>) -> Stored<WaitlistTerms> {
    let (offer_minutes, notice_minutes) = dsl::practices
        .filter(dsl::id.eq(transaction.practice_id()))
        .select((dsl::waitlist_offer_minutes, dsl::waitlist_notice_minutes))
        .first(&mut transaction.connection())
        .await?;
    Ok(WaitlistTerms {
        offer_minutes,
        notice_minutes,
    })
}
