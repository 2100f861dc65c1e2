//! The users who may witness a waste.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::identity::schema::control::memberships;
use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};

/// Whether a user is a provider or an assistant of this practice.
pub(in super::super) async fn treats_here(
    transaction: &OpenTransaction<'_>,
    user_id: Uuid,
) -> Stored<bool> {
    let member = memberships::table
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .filter(memberships::user_id.eq(user_id))
        .filter(memberships::role.eq_any([Role::Provider, Role::Assistant]))
        .filter(memberships::suspended_at.is_null());
    let there = diesel::select(diesel::dsl::exists(member));
    Ok(there.get_result(&mut transaction.connection()).await?)
}
