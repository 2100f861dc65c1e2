//! Rows and queries of invitations.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::{invitations, memberships, practices, users};
use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;

use super::{Invitation, InvitationId};

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations, check_for_backend(Pg))]
struct InvitationRow {
    id: InvitationId,
    email: String,
    role: Role,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<InvitationRow> for Invitation {
    fn from(row: InvitationRow) -> Self {
        Self {
            id: row.id,
            email: row.email,
            role: row.role,
            created_at: row.created_at,
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
            revoked_at: row.revoked_at,
        }
    }
}

pub(super) async fn is_member(transaction: &OpenTransaction<'_>, email: &str) -> Stored<bool> {
    let members = users::table
        .inner_join(memberships::table.on(memberships::user_id.eq(users::id)))
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .filter(users::email.eq(email))
        .select(users::id);
    let found = diesel::select(exists(members))
        .get_result(&mut transaction.connection())
        .await?;
    Ok(found)
}

/// Ends what is open for this address.
pub(super) async fn supersede(transaction: &OpenTransaction<'_>, email: &str) -> Stored<()> {
    diesel::update(invitations::table)
        .filter(invitations::practice_id.eq(transaction.practice_id()))
        .filter(invitations::email.eq(email))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .set(invitations::revoked_at.eq(transaction.now()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn insert(
    transaction: &OpenTransaction<'_>,
    invitation: &Invitation,
    token_hash: &[u8],
) -> Stored<()> {
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(invitation.id),
            invitations::practice_id.eq(transaction.practice_id()),
            invitations::email.eq(&invitation.email),
            invitations::role.eq(invitation.role),
            invitations::token_hash.eq(token_hash),
            invitations::invited_by.eq(transaction.principal().user_id),
            invitations::created_at.eq(invitation.created_at),
            invitations::expires_at.eq(invitation.expires_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The newest first.
pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    window: &Window<Uuid>,
) -> Stored<Vec<Invitation>> {
    let mut query = invitations::table
        .filter(invitations::practice_id.eq(transaction.practice_id()))
        .order(invitations::id.desc())
        .limit(window.probe())
        .select(InvitationRow::as_select())
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(invitations::id.lt(after));
    }
    let rows = query.load(&mut transaction.connection()).await?;
    Ok(rows.into_iter().map(Invitation::from).collect())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    id: InvitationId,
) -> Stored<Option<Invitation>> {
    let row = invitations::table
        .filter(invitations::practice_id.eq(transaction.practice_id()))
        .filter(invitations::id.eq(id))
        .select(InvitationRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Invitation::from))
}

/// Ends one that is open; says whether there was one.
pub(super) async fn revoke(transaction: &OpenTransaction<'_>, id: InvitationId) -> Stored<bool> {
    let ended = diesel::update(invitations::table)
        .filter(invitations::practice_id.eq(transaction.practice_id()))
        .filter(invitations::id.eq(id))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .set(invitations::revoked_at.eq(transaction.now()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(ended > 0)
}

/// An invitation that can be accepted, and the account its address has.
pub(super) struct OpenInvitation {
    pub(super) practice_id: Uuid,
    pub(super) practice_slug: String,
    pub(super) practice_name: String,
    pub(super) email: String,
    pub(super) role: Role,
    pub(super) account: Option<AccountRow>,
}

/// An account that is there already.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Pg))]
pub(super) struct AccountRow {
    pub(super) id: Uuid,
    pub(super) password_hash: String,
    pub(super) disabled_at: Option<DateTime<Utc>>,
}

type OpenRow = (Uuid, String, String, String, Role, Option<AccountRow>);

/// The open invitation with this token.
pub(super) async fn find_open(
    mut connection: &AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<Option<OpenInvitation>> {
    let row: Option<OpenRow> = invitations::table
        .inner_join(practices::table.on(practices::id.eq(invitations::practice_id)))
        .left_join(users::table.on(users::email.eq(invitations::email)))
        .filter(invitations::token_hash.eq(token_hash))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.gt(now))
        .select((
            practices::id,
            practices::slug,
            practices::name,
            invitations::email,
            invitations::role,
            Option::<AccountRow>::as_select(),
        ))
        .first(&mut connection)
        .await
        .optional()?;
    Ok(row.map(
        |(practice_id, practice_slug, practice_name, email, role, account)| OpenInvitation {
            practice_id,
            practice_slug,
            practice_name,
            email,
            role,
            account,
        },
    ))
}

/// Uses an open invitation up, once for all; says whether it was open.
pub(super) async fn use_up(
    mut connection: &AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<bool> {
    let used = diesel::update(invitations::table)
        .filter(invitations::token_hash.eq(token_hash))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.gt(now))
        .set(invitations::accepted_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(used > 0)
}
