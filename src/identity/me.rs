//! The caller's own account.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::problem::{self, Problem};

use super::store::{self, Member};

action!(
    /// Asking who one is.
    ReadMe, "me.read", account, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);

/// The caller as the practice knows them.
pub(super) async fn me(transaction: &Transaction<'_, ReadMe>) -> Result<Member, Problem> {
    let principal = transaction.principal();
    let (practice_id, user_id) = (principal.practice_id, principal.user_id);
    let member = store::member(transaction.connection(), practice_id, user_id).await?;
    member.ok_or_else(|| Problem::new(&problem::NOT_SIGNED_IN))
}
