//! Permission as a type: a handler cannot be written without naming its permit, and without a
//! permit there is no transaction.
//!
//! Every action names the roles it is open to; an action that names none is closed to all. The
//! role comes from the access token and is confirmed by the first statement of the transaction, so
//! that a changed role or a signed-out session ends on the very next request.
//!
//! The service also acts by itself. Such an act is a [`Job`]: an action that no role is open to,
//! with a permit that no request can get.

mod action;
mod permit;
mod principal;

pub(crate) use action::{Action, Area, Job, May, StepUp, action, job};
pub(crate) use permit::{Attempt, Permit, bearer_in};
pub(crate) use principal::{Principal, Role};
