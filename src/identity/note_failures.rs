//! Noting failed sign-ins in the trails of the practices that the account belongs to.
//!
//! It happens after the answer, which must not take longer for an address that has an account. A failure may be
//! noted twice when the service ends between the two steps, and is never lost.

use crate::platform::access::{Action, Permit};
use crate::platform::database::{Database, Door, Transaction};
use crate::platform::problem::Problem;

use super::begin_session::RecordSignIn;
use super::store::{self, Member};

/// So many are noted at a time.
const AT_ONCE: i64 = 100;

/// Notes those that wait.
pub(crate) async fn note_failures(database: &Database) -> Result<(), Problem> {
    database
        .through(Door::SignIn, async |connection| {
            for (id, email) in store::lock_failed_sign_ins(connection, AT_ONCE).await? {
                for member in store::members(connection, &email).await? {
                    note(database, &member).await?;
                }
                store::delete_failed_sign_in(connection, id).await?;
            }
            Ok(())
        })
        .await
}

async fn note(database: &Database, member: &Member) -> Result<(), Problem> {
    let permit = Permit::<RecordSignIn>::of_job(database.clone(), member.practice_id);
    let work = async |transaction: &Transaction<'_, RecordSignIn>| {
        transaction.refuse(RecordSignIn::NAME, "account", Some(member.user_id));
        Ok(())
    };
    permit.transaction(work).await
}
