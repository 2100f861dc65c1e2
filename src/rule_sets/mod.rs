//! The safety rules of a practice: those that come with the program, or a set of its own.
//!
//! A practice publishes a whole set; it is checked first and in force from then on. A practice
//! changes figures, and says where they come from and who reviewed them. It cannot lose a check that
//! the shipped rules have. A version is never changed, and what was judged by it keeps its name:
//! rules that came with the program before can still be read. To go back, the earlier rules are
//! published again under a new name.

mod publish;
mod read;
mod routes;
mod rule_set;
pub(crate) mod shown;
mod store;

pub(crate) use routes::configure;
pub(crate) use store::{rules_in_force, rules_last_in_force};
