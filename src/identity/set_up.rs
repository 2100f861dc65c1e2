//! Making practices and their first people, from the command line.

use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::platform::access::Role;
use crate::platform::database::{Database, Door};
use crate::platform::id;
use crate::platform::problem::{self, Problem};

use super::email_address::EmailAddress;
use super::password_rules::{Owner, weakness};
use super::{password, store};

/// A practice to be made.
pub(crate) struct NewPractice<'a> {
    pub(crate) slug: &'a str,
    pub(crate) name: &'a str,
    pub(crate) time_zone: chrono_tz::Tz,
}

/// A person who is to sign in.
pub(crate) struct NewMember<'a> {
    pub(crate) email: &'a str,
    pub(crate) display_name: &'a str,
    pub(crate) password: SecretString,
    pub(crate) role: Role,
    pub(crate) provider_id: Option<Uuid>,
}

/// The practice with this slug; made when there is none.
pub(crate) async fn create_practice(
    database: &Database,
    practice: &NewPractice<'_>,
) -> Result<Uuid, Problem> {
    database
        .through(Door::SetUp, async |connection| {
            if let Some(id) = store::practice_id(connection, practice.slug).await? {
                return Ok(id);
            }
            let now = database.now();
            let id = id::fresh(now);
            let words = (practice.slug, practice.name, practice.time_zone.name());
            store::insert_practice(connection, id, words, now).await?;
            Ok(id)
        })
        .await
}

/// The practice with this slug, if there is one.
pub(crate) async fn find_practice(
    database: &Database,
    slug: &str,
) -> Result<Option<Uuid>, Problem> {
    database
        .through(Door::SetUp, async |connection| {
            Ok(store::practice_id(connection, slug).await?)
        })
        .await
}

/// Adds a person with a role to a practice.
pub(crate) async fn add_member(
    database: &Database,
    practice_id: Uuid,
    member: &NewMember<'_>,
) -> Result<Uuid, Problem> {
    let email = EmailAddress::of_field("/email", member.email)?;
    let practice_name = database
        .through(Door::SetUp, async |connection| {
            Ok(store::practice_name(connection, practice_id).await?)
        })
        .await?;
    let owner = Owner {
        email: email.as_str(),
        display_name: member.display_name,
        practice_name: &practice_name,
        has_second_factor: false,
    };
    if let Some(weakness) = weakness(member.password.expose_secret(), &owner) {
        return Err(Problem::field("/password", weakness));
    }
    let hash = password::hash(member.password.expose_secret())
        .ok_or_else(|| Problem::new(&problem::INTERNAL))?;
    database
        .through(Door::SetUp, async |connection| {
            let now = database.now();
            let user_id = id::fresh(now);
            let user = store::NewUser {
                id: user_id,
                email: email.as_str(),
                display_name: member.display_name,
                password_hash: hash.clone(),
                created_at: now,
                updated_at: now,
            };
            store::insert_user(connection, &user)
                .await
                .map_err(|error| {
                    if error.breaks("users_email_unique") {
                        Problem::field("/email", "is in use already")
                    } else {
                        error.into()
                    }
                })?;
            let role = (member.role, member.provider_id);
            store::insert_membership(connection, practice_id, user_id, role, now).await?;
            Ok(user_id)
        })
        .await
}

/// 256 random bits: what a refresh token is made of.
pub(super) fn secret() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}
