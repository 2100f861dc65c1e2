//! The patient records that an account reaches: a patient's own, and those of others for which they
//! act.
//!
//! An address proves nothing: families share them, and they are mistyped. So staff make a one-time
//! code for the person before them, and the person who brings the code and the patient's birth date gets
//! an account that reaches the record. The code is shown once and stored as a hash; it dies after
//! a week, after five wrong tries, with its use, or when staff take it back. A wrong code and a
//! wrong birth date look alike.
//!
//! Someone who acts for a patient does so within a scope (the whole record, or appointments alone)
//! and until a day that is set from the start, such as a child's majority. A link that has ended
//! reaches nothing on the very next request; the other records of the account stay within reach.

mod activate;
mod code;
mod routes;
mod store;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::access::May;
use crate::platform::database::{Stored, Transaction};
use crate::platform::id;
use crate::platform::text::text_enum;

pub(super) use routes::configure;

use code::Code;

text_enum! {
    /// The relation of the holder of an account to the patient.
    pub(crate) enum Relationship {
        Parent = "parent",
        Guardian = "guardian",
        Partner = "partner",
        Child = "child",
        Carer = "carer",
        Attorney = "attorney",
        Other = "other",
        Self_ = "self",
    }
}

text_enum! {
    /// How far someone who acts for a patient may reach.
    pub(crate) enum Scope {
        /// All that the patient sees and does.
        Record = "record",
        /// Booking, moving and cancelling appointments; nothing clinical.
        Appointments = "appointments",
    }
}

text_enum! {
    /// Where a link stands.
    pub(crate) enum LinkStatus {
        /// The code was not used yet.
        Pending = "pending",
        Active = "active",
        Ended = "ended",
    }
}

/// The person who is to reach a record, how far and until when.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) name: String,
    pub(crate) relationship: Relationship,
    pub(crate) scope: Scope,
    pub(crate) ends_at: Option<DateTime<Utc>>,
}

/// An account's reach to a record, offered or in force or past.
#[derive(Debug, Clone)]
pub(crate) struct PatientLink {
    pub(crate) id: Uuid,
    pub(crate) holder: Holder,
    /// Nothing while the code was not used.
    pub(crate) email: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    /// Until when the code can be used; nothing once it was.
    pub(crate) code_expires_at: Option<DateTime<Utc>>,
    /// When staff ended it.
    pub(crate) revoked_at: Option<DateTime<Utc>>,
}

/// A code as it is shown, once.
pub(crate) struct OfferedCode {
    pub(crate) code: String,
    pub(crate) link: PatientLink,
}

/// A code that was not used for so long is dead.
const CODE_LIFETIME: TimeDelta = TimeDelta::days(7);

impl PatientLink {
    /// When it ended or will end by itself.
    pub(crate) fn ended_at(&self) -> Option<DateTime<Utc>> {
        let by_itself = self.code_expires_at.or(self.holder.ends_at);
        match (self.revoked_at, by_itself) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Where it stands at `now`.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> LinkStatus {
        if self.ended_at().is_some_and(|ended_at| ended_at <= now) {
            LinkStatus::Ended
        } else if self.code_expires_at.is_some() {
            LinkStatus::Pending
        } else {
            LinkStatus::Active
        }
    }
}

/// Reading which accounts reach a record. The action that does it says that it may.
pub(crate) enum ReadLinks {}

/// Letting an account reach a record, and ending that. The action that does it says that it may.
pub(crate) enum ChangeLinks {}

/// The patient whose record is to be reached. The code is good only with the birth date.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkedPatient {
    pub(crate) id: Uuid,
    pub(crate) birth_date: NaiveDate,
}

/// Makes a code by which `holder` gets an account that reaches the record of a patient. Codes for
/// the patients themselves that were made before it are dead.
pub(crate) async fn offer_code(
    transaction: &Transaction<'_, impl May<ChangeLinks>>,
    patient: LinkedPatient,
    holder: Holder,
) -> Stored<OfferedCode> {
    let now = transaction.now();
    let code = Code::fresh();
    let link = PatientLink {
        id: id::fresh(now),
        holder,
        email: None,
        created_at: now,
        code_expires_at: Some(now + CODE_LIFETIME),
        revoked_at: None,
    };
    if link.holder.relationship == Relationship::Self_ {
        store::withdraw_own_codes(transaction, patient.id).await?;
    }
    store::insert_code(transaction, patient, &link, &code).await?;
    Ok(OfferedCode {
        code: code.shown(),
        link,
    })
}

/// All accounts that reach, reached or were offered to reach a record, in the order of their links.
pub(crate) async fn links_of(
    transaction: &Transaction<'_, impl May<ReadLinks>>,
    patient_id: Uuid,
) -> Stored<Vec<PatientLink>> {
    let mut links = store::linked(transaction, patient_id).await?;
    links.extend(store::offered(transaction, patient_id).await?);
    links.sort_by_key(|link| (link.created_at, link.id));
    Ok(links)
}

/// Ends a link or takes a code back; says whether there was one in force.
pub(crate) async fn end_link(
    transaction: &Transaction<'_, impl May<ChangeLinks>>,
    patient_id: Uuid,
    link_id: Uuid,
) -> Stored<bool> {
    Ok(store::revoke(transaction, patient_id, link_id).await?
        || store::withdraw(transaction, patient_id, link_id).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_pending_until_the_code_is_used_and_ends_at_the_earlier_of_its_ends() {
        let day = |days: i64| DateTime::UNIX_EPOCH + TimeDelta::days(days);
        let offered = PatientLink {
            id: Uuid::nil(),
            holder: Holder {
                name: "Maria".into(),
                relationship: Relationship::Parent,
                scope: Scope::Record,
                ends_at: Some(day(100)),
            },
            email: None,
            created_at: day(0),
            code_expires_at: Some(day(7)),
            revoked_at: None,
        };
        assert_eq!(offered.status(day(6)), LinkStatus::Pending);
        assert_eq!(offered.status(day(7)), LinkStatus::Ended);
        let active = PatientLink {
            code_expires_at: None,
            ..offered
        };
        assert_eq!(active.status(day(99)), LinkStatus::Active);
        assert_eq!(active.status(day(100)), LinkStatus::Ended);
        let revoked = PatientLink {
            revoked_at: Some(day(50)),
            ..active
        };
        assert_eq!(revoked.status(day(50)), LinkStatus::Ended);
        assert_eq!(revoked.ended_at(), Some(day(50)));
    }
}
