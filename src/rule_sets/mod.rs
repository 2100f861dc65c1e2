//! The safety rules of a practice: those that come with the program, or a set of its own.
//!
//! A whole set is published; it is checked first. That of an admin is in force from then on. That of a
//! provider is a proposal until an admin or another provider has looked at the differences and confirms it.
//! A practice changes figures, and says where they come from; that they were reviewed is said by the provider
//! who is signed in. It cannot lose a check that the shipped rules have. A version is never changed, and what was judged by it keeps its name:
//! rules that came with the program before can still be read. To go back, the earlier rules are
//! published again under a new name.

mod confirm;
mod difference;
mod publish;
mod read;
mod routes;
mod rule_set;
pub(crate) mod shown;
mod store;

pub(crate) use routes::configure;
pub(crate) use store::{rules_in_force, rules_last_in_force};
