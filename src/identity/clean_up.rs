//! Deleting what is left of sign-ins, invitations and codes when nobody needs it any more.

use uuid::Uuid;

use crate::platform::database::{Database, Door};
use crate::platform::problem::Problem;

use super::store;

/// Every practice, each of which has a trail of its own to be sealed.
pub(crate) async fn practices(database: &Database) -> Result<Vec<Uuid>, Problem> {
    database
        .through(Door::Trail, async |connection| {
            Ok(store::all_practices(connection).await?)
        })
        .await
}

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
