//! Permission as a type: a handler cannot be written without naming its permit, and without a
//! permit there is no transaction.
//!
//! Every action names the roles it is open to; an action that names none is closed to all. The
//! role comes from the access token and is confirmed by the first statement of the transaction, so
//! that a changed role or a signed-out session ends on the very next request.
//!
//! A service account has scopes in place of a role. A scope is an area and whether it may be changed; an action
//! needs the one of its own area. On behalf of a user, a service account needs both: the scope, and a role of
//! that user that the action is open to.
//!
//! The service also acts by itself. Such an act is a [`Job`]: an action that no role is open to,
//! with a permit that no request can get.

mod action;
mod permit;
mod principal;
mod role;
mod scope;
mod service_key;

pub(crate) use action::{Action, Area, DoneBy, Job, May, StepUp, action, job};
pub(crate) use permit::{Attempt, Permit, bearer_in};
pub(crate) use principal::{Principal, ServiceAccess};
pub(crate) use role::Role;
pub(crate) use scope::ServiceScope;
pub(crate) use service_key::ServiceKey;
