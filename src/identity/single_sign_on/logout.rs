//! Signing out here and at the provider.

use openidconnect::{ClientId, LogoutRequest};

use crate::identity::sessions::{self, EndSession};
use crate::platform::access::Permit;
use crate::platform::database::{Database, Door};
use crate::platform::outbound::Outbound;
use crate::platform::problem::Problem;

use super::store;

/// Ends the session, and says where to send the person to sign out at the provider, if it has such a place.
pub(super) async fn log_out(
    permit: &Permit<EndSession>,
    database: &Database,
    outbound: &Outbound,
) -> Result<Option<String>, Problem> {
    let principal = permit.principal();
    let (practice_id, session_id) = (principal.practice_id, principal.session_id);
    permit
        .transaction(async |transaction| Ok(sessions::end(transaction, session_id).await?))
        .await?;
    let provider = database
        .through(Door::SignIn, async |connection| {
            Ok(store::provider_in(connection, practice_id).await?)
        })
        .await?;
    let Some(provider) = provider else {
        return Ok(None);
    };
    // The session has ended, whatever the provider says.
    let Ok(metadata) = provider.discover(outbound).await else {
        return Ok(None);
    };
    let place = metadata.additional_metadata().end_session_endpoint.clone();
    let request = |place| {
        let request = LogoutRequest::from(place);
        let request = request.set_client_id(ClientId::new(provider.client_id.clone()));
        request.http_get_url().into()
    };
    Ok(place.map(request))
}
