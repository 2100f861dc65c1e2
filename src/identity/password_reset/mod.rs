//! A forgotten password: the person proves their mailbox and chooses another one.
//!
//! The answer and its time are the same whether the address has an account or not, because asking
//! only writes the wish down. The service looks it up by itself a moment later and sends a mail. The token in
//! it is stored as a hash, good once and for half an hour, and dead when a newer one is asked for. A new
//! password ends all sessions and does not take the place of a second factor.
//!
//! Whoever proves the mailbox holds the account, also where somebody else made it for the address before.

mod ask;
mod reset;
mod routes;
mod store;

pub(super) use ask::send_reset_mails;
pub(super) use routes::configure;
