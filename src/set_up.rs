//! Making practices and their first people from outside: the command line, the demo, the tests.

#![expect(
    clippy::doc_markdown,
    reason = "some of it is shown as help, where marks would stand in the way"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use secrecy::SecretString;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::findings;
use crate::identity::{self, NewMember, NewPractice};
use crate::platform::access::Role;
use crate::platform::clock::Clock;
use crate::platform::database::{Address, Database, DatabaseAccess, Logins};
use crate::platform::problem::Problem;
use crate::platform::trail;

/// A user to be made, as the command line says it.
#[derive(Debug, clap::Args)]
pub struct NewUser {
    /// Slug of the practice, such as riverside
    #[arg(long)]
    pub practice: String,
    /// Name of the practice, when it has to be made [default: the slug]
    #[arg(long)]
    pub practice_name: Option<String>,
    /// IANA time zone of the practice, when it has to be made
    #[arg(long, default_value = "America/New_York")]
    pub time_zone: chrono_tz::Tz,
    /// Address the user signs in with
    #[arg(long)]
    pub email: String,
    /// Name as shown to people
    #[arg(long)]
    pub name: String,
    /// What the user is: admin, front_desk, provider, assistant or auditor
    #[arg(long, default_value = "admin", value_parser = staff_role)]
    pub role: String,
    /// File with the password; else it is read from standard input
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

fn staff_role(text: &str) -> Result<String, String> {
    match Role::parse(text) {
        Some(role) if role != Role::Patient => Ok(text.to_owned()),
        _ => Err("must be admin, front_desk, provider, assistant or auditor".to_owned()),
    }
}

/// Makes the user, and the practice when there is none; answers the address.
pub async fn create_user(
    url: &str,
    user: &NewUser,
    password: SecretString,
) -> anyhow::Result<String> {
    let access = DatabaseAccess::Owner(SecretString::from(url));
    let logins = Logins::of(&access).await?;
    let database = Database::new(&logins, 1, Clock::system())?;
    let name = user.practice_name.as_deref().unwrap_or(&user.practice);
    let practice = NewPractice {
        slug: &user.practice,
        name,
        time_zone: user.time_zone,
    };
    let practice_id = identity::create_practice(&database, &practice)
        .await
        .map_err(|p| plain(&p))?;
    let member = NewMember {
        email: &user.email,
        display_name: &user.name,
        password,
        role: Role::parse(&user.role).unwrap_or(Role::Admin),
        provider_id: None,
    };
    add(&database, practice_id, &member).await?;
    Ok(user.email.clone())
}

/// Waits until the database answers. A refusal, such as a wrong password, is an answer; it comes back
/// when the database is used.
pub async fn wait_for_database(url: &str, at_most: Duration) -> anyhow::Result<()> {
    let address: Address = url.parse()?;
    let began = Instant::now();
    loop {
        let Err(unreached) = address.reach().await else {
            return Ok(());
        };
        let is_starting = match unreached.refused.code() {
            Some(state) => *state == SqlState::CANNOT_CONNECT_NOW,
            None => !unreached.is_unproven,
        };
        let error = unreached.refused;
        if !is_starting {
            return Ok(());
        }
        let left = at_most.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(error).context(format!(
                "the database did not answer within {} seconds",
                at_most.as_secs()
            ));
        }
        tracing::warn!(%error, seconds_left = left.as_secs(), "the database does not answer yet");
        tokio::time::sleep(left.min(Duration::from_secs(1))).await;
    }
}

pub(crate) async fn add(
    database: &Database,
    practice_id: Uuid,
    member: &NewMember<'_>,
) -> anyhow::Result<Uuid> {
    identity::add_member(database, practice_id, member)
        .await
        .map_err(|problem| plain(&problem))
}

/// A problem as a sentence for the command line.
fn plain(problem: &Problem) -> anyhow::Error {
    let faults: Vec<String> = problem
        .faults()
        .iter()
        .map(|fault| format!("{} {}", fault.pointer.trim_start_matches('/'), fault.detail))
        .collect();
    if faults.is_empty() {
        anyhow::anyhow!("{problem}")
    } else {
        anyhow::anyhow!("{}", faults.join("; "))
    }
}

/// Makes the next key of access tokens; with `at_once` all others are out of use at the same moment.
pub async fn rotate_keys(url: &str, at_once: bool) -> anyhow::Result<()> {
    let access = DatabaseAccess::Owner(SecretString::from(url));
    let logins = Logins::of(&access).await?;
    let database = Database::new(&logins, 1, Clock::system())?;
    let rotated = identity::rotate_keys(&database, at_once).await;
    rotated.map_err(|p| plain(&p))
}

/// What a verifier of a trail found, in words.
pub struct TrailReport {
    /// Whether nothing is wrong.
    pub is_intact: bool,
    /// For a person to read.
    pub words: String,
    /// The last checkpoint, to be kept elsewhere.
    pub checkpoint: Option<String>,
}

/// Verifies the audit trail of a practice, against a checkpoint that was kept elsewhere when there is one.
pub async fn verify_trail(
    url: &str,
    practice: &str,
    kept: Option<&str>,
) -> anyhow::Result<TrailReport> {
    let access = DatabaseAccess::Owner(SecretString::from(url));
    let logins = Logins::of(&access).await?;
    let database = Database::new(&logins, 1, Clock::system())?;
    let found = identity::find_practice(&database, practice).await;
    let practice_id = found
        .map_err(|p| plain(&p))?
        .with_context(|| format!("there is no practice {practice}"))?;
    let key = identity::load_or_make_trail_key(&database).await;
    let key = key.map_err(|p| plain(&p))?;
    let verified = trail::verify_by_command(&database, &key, practice_id, kept).await;
    let verified = verified.map_err(|p| plain(&p))?;
    let words = match &verified.fault {
        None => format!(
            "{} acts are as they were sealed, and {} of the last moments wait for their seal",
            verified.size, verified.unsealed
        ),
        Some(fault) => {
            let place = fault
                .position
                .map(|position| format!(" at position {position}"));
            let event = fault.event_id.map(|id| format!(", act {id}"));
            format!(
                "the trail was tampered with: {}{}{}",
                fault.kind.as_str(),
                place.unwrap_or_default(),
                event.unwrap_or_default()
            )
        }
    };
    Ok(TrailReport {
        is_intact: verified.fault.is_none(),
        words,
        checkpoint: verified.checkpoint,
    })
}

/// Loads codes of SNOMED CT for muscles, in place of those loaded before; answers how many.
pub async fn map_muscles(url: &str, text: &str) -> anyhow::Result<usize> {
    findings::load_mapping(url, text).await
}
