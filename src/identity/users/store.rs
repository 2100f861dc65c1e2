//! Rows and queries of the users of a practice.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::identity::schema::control::{memberships, practices, sessions, users};
use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::Window;

use super::{NameKey, UserFilter};

/// A user as the admins of one practice know them.
#[derive(Queryable)]
pub(super) struct UserRow {
    pub(super) id: Uuid,
    pub(super) display_name: String,
    pub(super) email: String,
    /// Everywhere, not only in this practice.
    pub(super) disabled_at: Option<DateTime<Utc>>,
    pub(super) role: Role,
    pub(super) provider_id: Option<Uuid>,
    pub(super) suspended_at: Option<DateTime<Utc>>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) version: Version,
    pub(super) updated_at: DateTime<Utc>,
}

impl UserRow {
    pub(super) const fn is_disabled(&self) -> bool {
        self.suspended_at.is_some() || self.disabled_at.is_some()
    }

    pub(super) fn is_active_admin(&self) -> bool {
        self.role == Role::Admin && !self.is_disabled()
    }
}

macro_rules! columns {
    () => {
        (
            users::id,
            users::display_name,
            users::email,
            users::disabled_at,
            memberships::role,
            memberships::provider_id,
            memberships::suspended_at,
            memberships::created_at,
            memberships::version,
            memberships::updated_at,
        )
    };
}

/// The users by name.
pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: UserFilter,
    with_patients: bool,
    window: &Window<NameKey>,
) -> Stored<Vec<UserRow>> {
    let mut query = users::table
        .inner_join(memberships::table.on(memberships::user_id.eq(users::id)))
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .order((users::display_name, users::id))
        .limit(window.probe())
        .select(columns!())
        .into_boxed();
    if let Some(role) = filter.role {
        query = query.filter(memberships::role.eq(role));
    }
    if let Some(since) = filter.updated_since {
        // That an account was disabled altogether is shown with it, and not of the practice.
        let changed = memberships::updated_at.ge(since);
        query = query.filter(changed.or(users::disabled_at.ge(since)));
    }
    if !with_patients {
        query = query.filter(memberships::role.ne(Role::Patient));
    }
    if let Some((name, id)) = &window.after {
        let later = users::display_name.gt(name);
        let same = users::display_name.eq(name).and(users::id.gt(id));
        query = query.filter(later.or(same));
    }
    Ok(query.load(&mut transaction.connection()).await?)
}

pub(super) async fn find(transaction: &OpenTransaction<'_>, id: Uuid) -> Stored<Option<UserRow>> {
    let user = users::table
        .inner_join(memberships::table.on(memberships::user_id.eq(users::id)))
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .filter(users::id.eq(id))
        .select(columns!())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(user)
}

/// Locks the users of the practice against changes until this transaction ends.
pub(in crate::identity) async fn lock_practice(transaction: &OpenTransaction<'_>) -> Stored<()> {
    practices::table
        .filter(practices::id.eq(transaction.practice_id()))
        .select(practices::id)
        .for_no_key_update()
        .first::<Uuid>(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn has_active_admin(transaction: &OpenTransaction<'_>) -> Stored<bool> {
    let admins = users::table
        .inner_join(memberships::table.on(memberships::user_id.eq(users::id)))
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .filter(memberships::role.eq(Role::Admin))
        .filter(memberships::suspended_at.is_null())
        .filter(users::disabled_at.is_null())
        .select(users::id);
    let found = diesel::select(exists(admins))
        .get_result(&mut transaction.connection())
        .await?;
    Ok(found)
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, user: &UserRow) -> Stored<()> {
    diesel::update(memberships::table)
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .filter(memberships::user_id.eq(user.id))
        .set((
            memberships::role.eq(user.role),
            memberships::suspended_at.eq(user.suspended_at),
            memberships::version.eq(user.version),
            memberships::updated_at.eq(user.updated_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Ends every session of the user in this practice.
pub(super) async fn end_sessions(transaction: &OpenTransaction<'_>, id: Uuid) -> Stored<()> {
    diesel::update(sessions::table)
        .filter(sessions::practice_id.eq(transaction.practice_id()))
        .filter(sessions::user_id.eq(id))
        .filter(sessions::revoked_at.is_null())
        .set(sessions::revoked_at.eq(transaction.now()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
