//! Invitations: how people come into a practice.
//!
//! An admin invites an address to a role. A secret token goes to that mailbox and to nobody else, so
//! that only who reads the mailbox makes an account of its address; the admin never sees it. The person
//! joins with it: with a password of their own, or, where the address signs in elsewhere already, with
//! the password they have. It works once and for a week. A newer invitation of the same address takes
//! the place of an older one. Patients are not invited: they come in by a code
//! that staff make for their record, together with their birth date.

mod accept;
mod routes;
mod store;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(super) use accept::{Newcomer, NotJoined, join_without_password};
pub(super) use routes::configure;

use super::begin_session::hash_of;
use super::email_address::EmailAddress;
use super::mail::Mail;
use super::send_mails::put_in_outbox;
use super::set_up::secret;
use super::store::practice_name;
use super::users::lock_practice;

id! {
    /// Names an invitation.
    pub(crate) struct InvitationId
}

action!(
    /// Seeing invitations.
    ReadInvitations, "invitations.read", practice, [Admin], done_by People
);
action!(
    /// Inviting a person.
    Invite, "invitations.send", practice, [Admin], step_up RoleChanges
);
action!(
    /// Taking an invitation back.
    RevokeInvitation, "invitations.revoke", practice, [Admin], done_by People
);

/// How long an invitation can be accepted.
const LIFETIME: TimeDelta = TimeDelta::days(7);

static ALREADY_A_MEMBER: ProblemType = ProblemType::new(
    "already-a-member",
    409,
    "This address belongs to the practice already",
);

/// Somebody who is to join.
struct InviteSomebody {
    email: EmailAddress,
    role: Role,
}

/// An invitation as it is kept: without its token.
struct Invitation {
    id: InvitationId,
    email: String,
    role: Role,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

/// Why an invitation was not made or not taken back.
#[derive(Debug, thiserror::Error)]
enum InviteError {
    #[error("no such invitation")]
    NotFound,
    #[error("belongs to the practice")]
    AlreadyMember,
    #[error("patients are not invited")]
    Patient,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for InviteError {
    const TYPES: &'static [&'static ProblemType] = &[&ALREADY_A_MEMBER];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::AlreadyMember => Problem::new(&ALREADY_A_MEMBER),
            Self::Patient => Problem::field(
                "/role",
                "cannot be patient: patients activate an account with a code",
            ),
            Self::Database(error) => error.into(),
        }
    }
}

/// Invites a person. The token is in the mail and stored nowhere else.
async fn invite(
    transaction: &Transaction<'_, Invite>,
    command: &InviteSomebody,
) -> Result<Invitation, InviteError> {
    if command.role == Role::Patient {
        return Err(InviteError::Patient);
    }
    // One invitation at a time in a practice, so that an address has one open.
    lock_practice(transaction).await?;
    if store::is_member(transaction, command.email.as_str()).await? {
        return Err(InviteError::AlreadyMember);
    }
    store::supersede(transaction, command.email.as_str()).await?;
    let now = transaction.now();
    let token = URL_SAFE_NO_PAD.encode(secret());
    let invitation = Invitation {
        id: InvitationId::fresh(now),
        email: command.email.as_str().to_owned(),
        role: command.role,
        created_at: now,
        expires_at: now + LIFETIME,
        accepted_at: None,
        revoked_at: None,
    };
    store::insert(transaction, &invitation, &hash_of(&token)).await?;
    let practice = practice_name(transaction.connection(), transaction.practice_id()).await?;
    let mail = Mail {
        to: &invitation.email,
        subject: "An invitation",
        body: format!(
            "{practice} invites you to join. If you expect this, join within seven days with this code and a \
             password that you use nowhere else:\n\n{token}\n\nGive the code to nobody: whoever has it makes an \
             account of your address. If you do not know {practice}, there is nothing to do."
        ),
    };
    put_in_outbox(transaction.connection(), &mail, now).await?;
    transaction.touch_record("invitation", invitation.id);
    Ok(invitation)
}

async fn list(
    transaction: &Transaction<'_, ReadInvitations>,
    window: &Window<Uuid>,
) -> Stored<Vec<Invitation>> {
    store::list(transaction, window).await
}

async fn read(
    transaction: &Transaction<'_, ReadInvitations>,
    id: InvitationId,
) -> Result<Invitation, InviteError> {
    let found = store::find(transaction, id).await?;
    found.ok_or(InviteError::NotFound)
}

/// Takes back an invitation that is open.
async fn revoke(
    transaction: &Transaction<'_, RevokeInvitation>,
    id: InvitationId,
) -> Result<(), InviteError> {
    if store::revoke(transaction, id).await? {
        transaction.touch_record("invitation", id);
        Ok(())
    } else {
        Err(InviteError::NotFound)
    }
}
