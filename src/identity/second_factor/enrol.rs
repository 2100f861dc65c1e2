//! Setting a second factor up, and taking it away.

use rand::Rng;
use secrecy::{ExposeSecret, SecretString};

use crate::identity::password::{Lane, PasswordHasher};
use crate::identity::password_rules::{Owner, weakness};
use crate::identity::sessions::OwnAccount;
use crate::identity::store as accounts;
use crate::identity::throttle;
use crate::platform::access::Permit;
use crate::platform::database::{Database, Door};
use crate::platform::problem::{self, Problem};

use super::recovery_code::{COUNT, RecoveryCode};
use super::verify::{bucket, holder, step_of, use_code};
use super::{SecondFactorError, app, store};

/// What an app needs to know.
pub(super) struct Enrolment {
    /// In base 32, to be typed.
    pub(super) secret: String,
    /// The same and more, to be shown as a picture.
    pub(super) url: String,
}

/// Makes the secret of an app. Nothing asks for it before a code has proved that it works.
pub(super) async fn enrol(
    permit: &Permit<OwnAccount>,
    database: &Database,
) -> Result<Enrolment, Problem> {
    let user_id = permit.principal().user_id;
    let holder = holder(permit, database).await?;
    let mut bytes = [0; 20];
    rand::rng().fill_bytes(&mut bytes);
    let now = database.now();
    database
        .through(Door::SecondFactor, async |connection| {
            let factor = store::lock_factor(connection, user_id).await?;
            if factor.is_some_and(|factor| factor.activated_at.is_some()) {
                return Err(SecondFactorError::Active.into());
            }
            Ok(store::propose_factor(connection, user_id, &bytes, now).await?)
        })
        .await?;
    let app = app(&bytes, &holder.email);
    let url = app.to_url().map_err(|error| {
        tracing::error!(%error, "the address of an app cannot be written");
        Problem::new(&problem::INTERNAL)
    })?;
    Ok(Enrolment {
        secret: app.secret().to_base32(),
        url,
    })
}

/// Asks for the app from now on; other sessions, which have not given it, end. Returns the recovery codes.
pub(super) async fn activate(
    permit: &Permit<OwnAccount>,
    database: &Database,
    code: &str,
) -> Result<Vec<String>, Problem> {
    let (user_id, session_id) = (permit.principal().user_id, permit.principal().session_id);
    permit.transaction(async |_| Ok(())).await?;
    let now = database.now();
    let buckets = [bucket(user_id)];
    database
        .through(Door::SecondFactor, async |connection| {
            let factor = store::lock_factor(connection, user_id).await?;
            factor.ok_or(SecondFactorError::None)?;
            throttle::count(connection, &buckets, now).await
        })
        .await?;
    let codes: Vec<RecoveryCode> = (0..COUNT).map(|_| RecoveryCode::fresh()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(RecoveryCode::hash).collect();
    database
        .through(Door::SecondFactor, async |connection| {
            let factor = store::lock_factor(connection, user_id).await?;
            let factor = factor.ok_or(SecondFactorError::None)?;
            if factor.activated_at.is_some() {
                return Err(SecondFactorError::Active.into());
            }
            let step = step_of(&factor.secret, code, now);
            let step = step.ok_or(SecondFactorError::WrongCode)?;
            store::use_step(connection, user_id, step).await?;
            store::activate_factor(connection, user_id, &hashes, now).await?;
            throttle::settle(connection, &buckets).await?;
            store::mark_session(connection, session_id, Some(now)).await?;
            Ok(accounts::revoke_other_sessions(connection, user_id, session_id, now).await?)
        })
        .await?;
    Ok(codes.iter().map(RecoveryCode::shown).collect())
}

/// The proof that the factor may be taken away.
pub(super) struct Removal {
    pub(super) current_password: SecretString,
    pub(super) code: String,
}

/// Takes the factor away, unless the practice requires it. The password must be long enough to stand
/// alone.
pub(super) async fn remove(
    permit: &Permit<OwnAccount>,
    database: &Database,
    passwords: &PasswordHasher,
    removal: &Removal,
) -> Result<(), Problem> {
    let principal = permit.principal();
    let (user_id, session_id) = (principal.user_id, principal.session_id);
    let holder = holder(permit, database).await?;
    let now = database.now();
    let buckets = [bucket(user_id)];
    database
        .through(Door::SecondFactor, async |connection| {
            if !store::has_second_factor(connection, user_id).await? {
                return Err(SecondFactorError::None.into());
            }
            throttle::count(connection, &buckets, now).await?;
            let required = store::required_roles(connection, principal.practice_id).await?;
            if required.iter().any(|role| role == principal.role.as_str()) {
                return Err(SecondFactorError::Required.into());
            }
            Ok(())
        })
        .await?;
    let password = removal.current_password.clone();
    if !passwords
        .matches(password, holder.hash, Lane::KnownDevice)
        .await?
    {
        return Err(SecondFactorError::WrongPassword.into());
    }
    let alone = Owner {
        email: &holder.email,
        ..Owner::default()
    };
    if let Some(weakness) = weakness(removal.current_password.expose_secret(), &alone) {
        return Err(SecondFactorError::Weak(weakness).into());
    }
    database
        .through(Door::SecondFactor, async |connection| {
            if !use_code(connection, user_id, &removal.code, now).await? {
                return Err(SecondFactorError::WrongCode.into());
            }
            store::remove_factor(connection, user_id).await?;
            throttle::settle(connection, &buckets).await?;
            store::mark_session(connection, session_id, None).await?;
            Ok(accounts::revoke_other_sessions(connection, user_id, session_id, now).await?)
        })
        .await
}
