//! Signing in.

use secrecy::SecretString;

use crate::platform::database::{Database, Door};
use crate::platform::id;
use crate::platform::problem::{self, Problem, ProblemType, Refusal, Shape};
use crate::platform::token::AccessTokens;

use super::begin_session::{Entrant, SignedIn, begin};
use super::email_address::EmailAddress;
use super::password::PasswordHasher;
use super::second_factor::{Challenge, has_second_factor, open_challenge};
use super::store::{self, Member};
use super::throttle::{self, Guesser};

/// The credentials of a person who signs in.
pub(super) struct Credentials {
    pub(super) email: String,
    pub(super) password: SecretString,
    /// Slug of the practice, for who belongs to several.
    pub(super) practice: Option<String>,
    pub(super) guesser: Guesser,
}

/// Why the sign-in was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignInError {
    #[error("wrong address or password")]
    Wrong,
    #[error("belongs to several practices")]
    Several(Vec<String>),
}

pub(super) static WRONG_CREDENTIALS: ProblemType =
    ProblemType::new("wrong-credentials", 401, "Address or password is wrong");
static PRACTICE_NEEDED: ProblemType = ProblemType::new(
    "practice-needed",
    422,
    "Say which practice, for you belong to several",
)
.with(&[problem::Member::new(
    "practices",
    Shape::Texts,
    "Short names of the practices to choose from.",
)]);

impl Refusal for SignInError {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_CREDENTIALS, &PRACTICE_NEEDED];

    fn problem(self) -> Problem {
        match self {
            Self::Wrong => Problem::new(&WRONG_CREDENTIALS),
            Self::Several(slugs) => Problem::new(&PRACTICE_NEEDED).member("practices", slugs),
        }
    }
}

/// What the right password leads to.
pub(super) enum Entry {
    SignedIn(Box<SignedIn>),
    /// The second factor is still to come.
    Challenged(Challenge),
}

/// Checks the credentials and begins a session, or the second step of signing in.
pub(super) async fn sign_in(
    database: &Database,
    tokens: &AccessTokens,
    passwords: &PasswordHasher,
    credentials: &Credentials,
) -> Result<Entry, Problem> {
    let now = database.now();
    // What is no address has no account; it is counted and takes its time like one that is.
    let typed = EmailAddress::read(&credentials.email);
    let account = typed
        .as_ref()
        .map_or(&*credentials.email, EmailAddress::as_str);
    let (approach, members, hash) = database
        .through(Door::SignIn, async |connection| {
            let approach = throttle::approach(connection, account, &credentials.guesser).await?;
            throttle::count(connection, &approach.buckets, now).await?;
            let members = store::members(connection, account).await?;
            let hash = store::password_hash(connection, account).await?;
            Ok((approach, members, hash))
        })
        .await?;
    // No connection is held while the password is being hashed.
    let hash = hash.filter(|_| !members.is_empty());
    let matches = passwords
        .matches(credentials.password.clone(), hash, approach.lane)
        .await?;
    let usable = members
        .first()
        .is_some_and(|member| member.disabled_at.is_none());
    if !matches || !usable {
        note_failure(database, typed.as_ref()).await?;
        return Err(SignInError::Wrong.into());
    }
    let member = choose(members, credentials.practice.as_deref())?;
    let challenge = database
        .through(Door::SignIn, async |connection| {
            if !has_second_factor(connection, member.user_id).await? {
                return Ok(None);
            }
            throttle::settle(connection, &approach.buckets).await?;
            let (practice_id, user_id) = (member.practice_id, member.user_id);
            let challenge = open_challenge(connection, practice_id, user_id, now).await?;
            Ok(Some(challenge))
        })
        .await?;
    if let Some(challenge) = challenge {
        return Ok(Entry::Challenged(challenge));
    }
    let entrant = Entrant {
        member,
        second_factor_at: None,
    };
    let guesser = &credentials.guesser;
    let signed_in = begin(database, tokens, &approach, entrant, guesser).await?;
    Ok(Entry::SignedIn(Box::new(signed_in)))
}

fn choose(members: Vec<Member>, practice: Option<&str>) -> Result<Member, SignInError> {
    let slugs: Vec<String> = members.iter().map(|member| member.slug.clone()).collect();
    let mut fitting: Vec<Member> = members
        .into_iter()
        .filter(|member| practice.is_none_or(|slug| member.slug == slug))
        .collect();
    match (fitting.pop(), fitting.is_empty()) {
        (Some(member), true) => Ok(member),
        (Some(_), false) => Err(SignInError::Several(slugs)),
        (None, _) => Err(SignInError::Wrong),
    }
}

/// The practices of the account learn of it afterwards; see `note_failures`.
async fn note_failure(database: &Database, typed: Option<&EmailAddress>) -> Result<(), Problem> {
    let now = database.now();
    let email = typed.map_or("", EmailAddress::as_str);
    database
        .through(Door::SignIn, async |connection| {
            Ok(store::insert_failed_sign_in(connection, id::fresh(now), email, now).await?)
        })
        .await
}
