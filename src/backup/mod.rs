//! A copy of the whole database, and the way back.
//!
//! A backup is worth what comes back from it. The rules:
//!
//! * **Whole, or none.** It is taken by the owner of the tables, whom row-level security does not hold back, in
//!   one snapshot. A role that would see a part of the rows is refused by `pg_dump` itself.
//! * **It knows what it holds.** Its first line counts the rows of every table in the same snapshot. Restoring
//!   counts again, checks every seal of a signed visit and every audit trail, and fails when anything differs.
//! * **It overwrites nothing.** It is restored into an empty database only. A file that is there is not replaced,
//!   and half a file has another name.
//! * **It can be read by those alone for whom it is meant.** With a recipient it is encrypted by `age` before it
//!   reaches the disk. Without one, whoever has the file has the records.
//! * **Names stay.** The roles of the service are named after the database that was copied, and stay so.

mod manifest;
mod restore;
mod tools;
mod write;

pub use restore::{Restored, restore, verify};
pub use write::{Target, Written, write};
