//! The roles that the service logs in as.
//!
//! The owner of the database makes its tables and serves no request. The service logs in as two
//! roles that own nothing: `app` reaches the tables of a practice under row-level security, and
//! `control` reaches who signs in. Their names begin with that of the database
//! (`control.role_name`), so several databases may share a server.
//!
//! One address is enough: [`enable`] lets the two roles log in, with passwords that follow from the
//! owner's, and [`Logins::of`] finds them again. An installation that must not give the owner's
//! password to the service names the two addresses itself.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use hmac::{Hmac, KeyInit, Mac};
use postgres_protocol::password::scram_sha_256;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tokio_postgres::Config;

use super::address::Address;

/// How the service reaches its database.
#[derive(Debug, Clone)]
pub enum DatabaseAccess {
    /// The address of the owner, from which the logins of the service follow.
    Owner(SecretString),
    /// An address for each login of the service.
    Separate {
        /// The role `app`.
        app: SecretString,
        /// The role `control`.
        control: SecretString,
    },
}

impl DatabaseAccess {
    /// An address at which the applied migrations can be read.
    pub(crate) fn any_url(&self) -> &str {
        match self {
            Self::Owner(url) | Self::Separate { app: url, .. } => url.expose_secret(),
        }
    }
}

/// The two logins of the service.
pub(crate) struct Logins {
    pub(super) app: Address,
    pub(super) control: Address,
}

#[derive(diesel::QueryableByName)]
struct RoleNames {
    #[diesel(sql_type = Text)]
    app: String,
    #[diesel(sql_type = Text)]
    control: String,
}

impl RoleNames {
    async fn read(mut owner: &AsyncPgConnection) -> anyhow::Result<Self> {
        diesel::sql_query(
            "SELECT control.role_name('app') AS app, control.role_name('control') AS control",
        )
        .get_result(&mut owner)
        .await
        .context("the roles of the service are not there: run `tautband migrate` first")
    }
}

impl Logins {
    /// Works out the logins, and refuses a role that row-level security does not hold back.
    pub(crate) async fn of(access: &DatabaseAccess) -> anyhow::Result<Self> {
        match access {
            DatabaseAccess::Owner(url) => {
                let owner: Address = url.expose_secret().parse()?;
                let roles = RoleNames::read(&owner.connect().await?).await?;
                Ok(Self {
                    app: login(&owner, &roles.app)?,
                    control: login(&owner, &roles.control)?,
                })
            }
            DatabaseAccess::Separate { app, control } => {
                let app: Address = app.expose_secret().parse()?;
                require_held_back(&app).await?;
                let control = control.expose_secret().parse()?;
                Ok(Self { app, control })
            }
        }
    }
}

/// The address of the owner with another role. Without a password the server trusts whoever
/// connects, or nobody but the owner; then it refuses the login itself.
fn login(owner: &Address, role: &str) -> anyhow::Result<Address> {
    let mut login = owner.clone();
    login.config.user(role);
    if let Some(password) = derived_password(&owner.config, role)? {
        login.config.password(password);
    }
    Ok(login)
}

/// The password of a role: only who knows the owner's can work it out.
fn derived_password(owner: &Config, role: &str) -> anyhow::Result<Option<String>> {
    let Some(password) = owner.get_password() else {
        return Ok(None);
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(password)?;
    mac.update(role.as_bytes());
    Ok(Some(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}

#[derive(diesel::QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

async fn ask(mut connection: &AsyncPgConnection, question: &str) -> anyhow::Result<bool> {
    let answer: Answer = diesel::sql_query(question)
        .get_result(&mut connection)
        .await?;
    Ok(answer.yes)
}

/// Row-level security does not apply to superusers, to roles that bypass it and to owners.
async fn require_held_back(app: &Address) -> anyhow::Result<()> {
    let connection = app.connect().await?;
    let passes = ask(
        &connection,
        "SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT FROM pg_class c
             WHERE c.oid = 'public.patients'::regclass AND pg_has_role(c.relowner, 'MEMBER')) AS yes
         FROM pg_roles r WHERE r.rolname = current_user",
    );
    anyhow::ensure!(
        !passes.await?,
        "the service must not log in as {}: this role sees the rows of every practice. Use the role whose name \
         ends in _app",
        app.config.get_user().unwrap_or("this role")
    );
    Ok(())
}

/// Lets the roles of the service log in, and keeps other roles of the server out of the database.
///
/// The server receives the hash of a password and never the password, so its log holds none. A role
/// that may log in already stays as it is when the owner may not change it.
pub(crate) async fn enable(owner_url: &str) -> anyhow::Result<()> {
    let owner: Address = owner_url.parse()?;
    let connection = owner.connect().await?;
    let roles = RoleNames::read(&connection).await?;
    for role in [&roles.app, &roles.control] {
        let password = derived_password(&owner.config, role)?
            .map(|password| format!(" PASSWORD '{}'", scram_sha_256(password.as_bytes())));
        let change = format!(
            "ALTER ROLE {} LOGIN{}",
            quoted(role),
            password.unwrap_or_default()
        );
        let Err(refusal) = (&connection).batch_execute(&change).await else {
            continue;
        };
        let can_log_in = format!(
            "SELECT rolcanlogin AS yes FROM pg_roles WHERE rolname = '{}'",
            role.replace('\'', "''")
        );
        if !ask(&connection, &can_log_in).await? {
            return Err(refusal).with_context(|| {
                format!(
                    "the owner of the database may not let {role} log in. Ask an administrator for \
                     ALTER ROLE {} LOGIN with a password, and name the addresses with --app-database-url and \
                     --control-database-url",
                    quoted(role)
                )
            });
        }
    }
    let own = format!(
        "DO $$ BEGIN
             EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
             EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I, %I', current_database(), '{}', '{}');
         END $$",
        roles.app.replace('\'', "''"),
        roles.control.replace('\'', "''")
    );
    (&connection).batch_execute(&own).await?;
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_a_password_of_its_own_that_follows_from_the_owners() {
        let owner = |password: &str| format!("postgres://owner:{password}@db/clinic").parse();
        let (one, other): (Config, Config) = (owner("one").unwrap(), owner("other").unwrap());
        let of = |config: &Config, role: &str| derived_password(config, role).unwrap().unwrap();
        assert_eq!(of(&one, "clinic_app"), of(&one, "clinic_app"));
        assert_ne!(of(&one, "clinic_app"), of(&one, "clinic_control"));
        assert_ne!(of(&one, "clinic_app"), of(&other, "clinic_app"));
    }

    #[test]
    fn an_owner_without_a_password_gives_none_to_the_roles() {
        let owner: Address = "postgres:///clinic?host=/run/postgresql&user=owner"
            .parse()
            .unwrap();
        let login = login(&owner, "clinic_app").unwrap().config;
        assert_eq!(login.get_user(), Some("clinic_app"));
        assert_eq!(login.get_password(), None);
    }
}
