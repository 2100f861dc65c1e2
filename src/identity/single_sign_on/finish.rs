//! Finishing a sign-in with what the provider sent along.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use uuid::Uuid;

use crate::identity::begin_session::{Entrant, begin, hash_of};
use crate::identity::invitations::{Newcomer, NotJoined, join_without_password};
use crate::identity::password::PasswordHasher;
use crate::identity::second_factor::{has_second_factor, open_challenge};
use crate::identity::set_up::secret;
use crate::identity::sign_in::Entry;
use crate::identity::store::{self as accounts, Member};
use crate::identity::throttle::{self, Guesser};
use crate::platform::database::{Database, Door};
use crate::platform::outbound::Outbound;
use crate::platform::problem::{Member as ProblemMember, Problem, ProblemType, Refusal, Shape};
use crate::platform::token::AccessTokens;

use super::provider::{Identity, Provider, ProviderError, Return};
use super::start::PROVIDER_SILENT;
use super::store::{self, NewLink, SignInRow};

/// What came back, and the proof that it came to who began.
pub(super) struct Finish {
    pub(super) sign_in_token: String,
    pub(super) state: String,
    pub(super) code: String,
    /// Who sent the person back, as far as the provider says so.
    pub(super) issuer: Option<String>,
    pub(super) guesser: Guesser,
}

/// What a sign-in is finished with.
pub(super) struct Desk<'a> {
    pub(super) database: &'a Database,
    pub(super) outbound: &'a Outbound,
    pub(super) tokens: &'a AccessTokens,
    pub(super) passwords: &'a PasswordHasher,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub(super) enum FinishError {
    #[error("no proof")]
    Refused,
    #[error("the provider does not answer")]
    Silent,
    #[error("linked to nobody")]
    NotLinked(String),
    #[error("no open invitation")]
    NoInvitation,
    #[error("the address has an account")]
    HasAccount,
    #[error("the identity or the person is linked otherwise")]
    Taken,
}

static SIGN_IN_REFUSED: ProblemType = ProblemType::new(
    "sign-in-refused",
    401,
    "This sign-in was not begun here, was used before, or its time is over; begin again",
);
static NOT_LINKED: ProblemType = ProblemType::new(
    "identity-not-linked",
    403,
    "No account of the practice is linked with this identity; an admin can link it, or use an invitation",
)
.with(&[ProblemMember::new(
    "subject",
    Shape::Text,
    "What the provider calls the person; an admin links a user with it.",
)]);
static NO_INVITATION: ProblemType = ProblemType::new(
    "invitation-over",
    409,
    "The invitation is wrong, was used before, or its time is over; ask for another one",
);
static HAS_ACCOUNT: ProblemType = ProblemType::new(
    "address-has-account",
    409,
    "The invited address has an account; join with its password, and then let an admin link the identity",
);
pub(super) static IDENTITY_TAKEN: ProblemType = ProblemType::new(
    "identity-taken",
    409,
    "This identity is linked with another user",
);

impl Refusal for FinishError {
    const TYPES: &'static [&'static ProblemType] = &[
        &SIGN_IN_REFUSED,
        &PROVIDER_SILENT,
        &NOT_LINKED,
        &NO_INVITATION,
        &HAS_ACCOUNT,
        &IDENTITY_TAKEN,
    ];

    fn problem(self) -> Problem {
        match self {
            Self::Refused => Problem::new(&SIGN_IN_REFUSED),
            Self::Silent => Problem::new(&PROVIDER_SILENT),
            Self::NotLinked(subject) => Problem::new(&NOT_LINKED).member("subject", subject),
            Self::NoInvitation => Problem::new(&NO_INVITATION),
            Self::HasAccount => Problem::new(&HAS_ACCOUNT),
            Self::Taken => Problem::new(&IDENTITY_TAKEN),
        }
    }
}

impl From<ProviderError> for FinishError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Silent => Self::Silent,
            ProviderError::Refused => Self::Refused,
        }
    }
}

impl From<NotJoined> for FinishError {
    fn from(error: NotJoined) -> Self {
        match error {
            NotJoined::NoInvitation => Self::NoInvitation,
            NotJoined::HasAccount => Self::HasAccount,
        }
    }
}

/// Checks what came back and begins a session, or the question for the second factor.
pub(super) async fn finish(desk: &Desk<'_>, command: &Finish) -> Result<Entry, Problem> {
    let begun = take(desk.database, command).await?;
    let provider = desk
        .database
        .through(Door::SignIn, async |connection| {
            Ok(store::provider_in(connection, begun.practice_id).await?)
        })
        .await?;
    let provider = provider.filter(|provider| provider.issuer == begun.issuer);
    let provider = provider.ok_or(FinishError::Refused)?;
    let is_other = |issuer: &String| *issuer != provider.issuer;
    if command.issuer.as_ref().is_some_and(is_other) {
        return Err(FinishError::Refused.into());
    }
    let identity = receive(desk, &provider, &begun, &command.code).await?;
    let user_id = find_or_join(desk, &begun, &identity).await?;
    let member = usable_member(desk.database, begun.practice_id, user_id).await?;
    enter(desk, member, &identity, &command.guesser).await
}

/// Uses up what was kept for this sign-in; a second try finds nothing.
async fn take(database: &Database, command: &Finish) -> Result<SignInRow, Problem> {
    let now = database.now();
    let hash = hash_of(&command.sign_in_token);
    let begun = database
        .through(Door::SignIn, async |connection| {
            Ok(store::take_sign_in(connection, &hash).await?)
        })
        .await?;
    let state_hash = hash_of(&command.state);
    let begun = begun.filter(|begun| begun.expires_at > now && begun.state_hash == state_hash);
    Ok(begun.ok_or(FinishError::Refused)?)
}

async fn receive(
    desk: &Desk<'_>,
    provider: &Provider,
    begun: &SignInRow,
    code: &str,
) -> Result<Identity, Problem> {
    let back = Return {
        code,
        nonce: begun.nonce.clone(),
        verifier: begun.verifier.clone(),
    };
    let received = provider.receive(desk.outbound, back, desk.database.now());
    Ok(received.await.map_err(FinishError::from)?)
}

/// The user of this identity; with an invitation somebody new joins and is linked.
async fn find_or_join(
    desk: &Desk<'_>,
    begun: &SignInRow,
    identity: &Identity,
) -> Result<Uuid, Problem> {
    let (practice_id, issuer) = (begun.practice_id, &begun.issuer);
    let subject = &identity.subject;
    let linked = desk
        .database
        .through(Door::SignIn, async |connection| {
            Ok(store::linked_user(connection, practice_id, (issuer, subject)).await?)
        })
        .await?;
    if let Some(user_id) = linked {
        return Ok(user_id);
    }
    let Some(invitation_hash) = &begun.invitation_hash else {
        return Err(FinishError::NotLinked(subject.clone()).into());
    };
    // Nobody knows this password; a forgotten one is replaced by mail.
    let unknown = SecretString::from(URL_SAFE_NO_PAD.encode(secret()));
    let newcomer = Newcomer {
        display_name: identity.display_name.clone(),
        password_hash: desk.passwords.hash(unknown).await?,
    };
    let now = desk.database.now();
    desk.database
        .through(Door::Invitation, async |connection| {
            let joined =
                join_without_password(connection, (practice_id, invitation_hash), &newcomer, now)
                    .await?;
            let user_id = joined.map_err(FinishError::from)?;
            let link = NewLink {
                practice_id,
                issuer,
                subject,
                user_id,
                linked_at: now,
                linked_by: None,
            };
            let linked = store::insert_link(connection, &link).await;
            linked.map_err(|error| {
                if error.breaks("provider_subjects_pkey") {
                    FinishError::Taken.into()
                } else {
                    Problem::from(error)
                }
            })?;
            Ok(user_id)
        })
        .await
}

async fn usable_member(
    database: &Database,
    practice_id: Uuid,
    user_id: Uuid,
) -> Result<Member, Problem> {
    let member = database
        .through(Door::SignIn, async |connection| {
            Ok(accounts::member(connection, practice_id, user_id).await?)
        })
        .await?;
    let member = member.filter(|member| member.disabled_at.is_none());
    Ok(member.ok_or(FinishError::Refused)?)
}

async fn enter(
    desk: &Desk<'_>,
    member: Member,
    identity: &Identity,
    guesser: &Guesser,
) -> Result<Entry, Problem> {
    let now = desk.database.now();
    let (practice_id, user_id) = (member.practice_id, member.user_id);
    let (mut approach, challenge) = desk
        .database
        .through(Door::SignIn, async |connection| {
            let approach = throttle::approach(connection, &member.email, guesser).await?;
            if identity.has_second_factor || !has_second_factor(connection, user_id).await? {
                return Ok((approach, None));
            }
            let challenge = open_challenge(connection, practice_id, user_id, now).await?;
            Ok((approach, Some(challenge)))
        })
        .await?;
    if let Some(challenge) = challenge {
        return Ok(Entry::Challenged(challenge));
    }
    // No password was guessed, so none is taken off the count.
    approach.buckets.clear();
    let entrant = Entrant {
        member,
        second_factor_at: identity.has_second_factor.then_some(now),
    };
    let signed_in = begin(desk.database, desk.tokens, &approach, entrant, guesser).await?;
    Ok(Entry::SignedIn(Box::new(signed_in)))
}
