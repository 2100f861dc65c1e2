//! Deleting what is left of sign-ins, invitations and codes when nobody needs it any more.

use uuid::Uuid;

use crate::platform::database::{Database, Door};
use crate::platform::problem::Problem;

use super::store;

/// Deletes it, and returns the practices, each of which has tables of its own to be cleaned up.
pub(crate) async fn clean_up(database: &Database) -> Result<Vec<Uuid>, Problem> {
    let now = database.now();
    database
        .through(Door::CleanUp, async |connection| {
            store::delete_over(connection, now).await?;
            Ok(store::all_practices(connection).await?)
        })
        .await
}
