//! Accounts that reach a patient's record: the patient's own, and those of people who act for the
//! patient, within a scope and until a day. Staff give access by a one-time code.

mod routes;

use chrono::{DateTime, Months, Utc};
use uuid::Uuid;

use crate::identity::{
    self, ChangeLinks, Holder, LinkStatus, LinkedPatient, OfferedCode, PatientLink, ReadLinks,
    Relationship, Scope, end_link, links_of,
};
use crate::platform::access::{May, action};
use crate::platform::blank::require_text;
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

pub(super) use routes::configure;

use super::patient::{Patient, PatientId};
use super::store;

action!(
    /// Making a one-time code for a patient.
    OfferActivation, "activations.create", record, [Admin, FrontDesk, Provider, Assistant], done_by People
);
action!(
    /// Reading who reaches a patient's record.
    ReadProxies, "proxies.read", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Letting someone act for a patient.
    GrantProxy, "proxies.grant", record, [Admin, FrontDesk, Provider, Assistant], done_by People
);
action!(
    /// Ending someone's reach to a patient's record.
    EndProxy, "proxies.end", record, [Admin, FrontDesk, Provider, Assistant]
);

/// The longest time for which a person can act for a patient before it must be granted again: a childhood.
const LONGEST_MONTHS: Months = Months::new(18 * 12);

impl May<ChangeLinks> for OfferActivation {}
impl May<ReadLinks> for ReadProxies {}
impl May<ChangeLinks> for GrantProxy {}
impl May<ReadLinks> for EndProxy {}
impl May<ChangeLinks> for EndProxy {}

/// Why access was neither given nor ended.
#[derive(Debug, thiserror::Error)]
enum AccountError {
    #[error("no such patient or link")]
    NotFound,
    #[error("the record is archived")]
    Archived,
    #[error("some fields break rules")]
    Invalid(Vec<FieldError>),
    #[error("has ended already")]
    Ended,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static RECORD_ARCHIVED: ProblemType =
    ProblemType::new("record-archived", 409, "The record is out of use");
static PROXY_ENDED: ProblemType = ProblemType::new("proxy-ended", 409, "This has ended already");

impl Refusal for AccountError {
    const TYPES: &'static [&'static ProblemType] = &[&RECORD_ARCHIVED, &PROXY_ENDED];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Archived => Problem::new(&RECORD_ARCHIVED),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Ended => Problem::new(&PROXY_ENDED),
            Self::Database(error) => error.into(),
        }
    }
}

/// Makes a code for the patient themselves; one made before is dead.
async fn offer_activation(
    transaction: &Transaction<'_, OfferActivation>,
    patient_id: PatientId,
) -> Result<OfferedCode, AccountError> {
    let patient = in_use(transaction, patient_id).await?;
    let details = &patient.details;
    let holder = Holder {
        name: format!("{} {}", details.given_name, details.family_name),
        relationship: Relationship::Self_,
        scope: Scope::Record,
        ends_at: None,
    };
    offer(transaction, &patient, holder).await
}

/// Makes a code for someone who is to act for the patient.
async fn grant_proxy(
    transaction: &Transaction<'_, GrantProxy>,
    patient_id: PatientId,
    holder: &Holder,
) -> Result<OfferedCode, AccountError> {
    let patient = in_use(transaction, patient_id).await?;
    let faults = faults_of(holder, transaction.now());
    if !faults.is_empty() {
        return Err(AccountError::Invalid(faults));
    }
    offer(transaction, &patient, holder.clone()).await
}

fn faults_of(holder: &Holder, now: DateTime<Utc>) -> Vec<FieldError> {
    let mut faults = Vec::new();
    require_text(&holder.name, "/name", &mut faults);
    if holder.relationship == Relationship::Self_ {
        faults.push(FieldError::new(
            "/relationship",
            "patients themselves get a code by an activation",
        ));
    }
    let latest = now.checked_add_months(LONGEST_MONTHS);
    let within = |ends_at| ends_at > now && latest.is_none_or(|latest| ends_at <= latest);
    if !holder.ends_at.is_some_and(within) {
        faults.push(FieldError::new(
            "/ends_at",
            "must lie ahead, by eighteen years at most",
        ));
    }
    faults
}

/// Everybody who reaches, reached or was offered to reach a record.
async fn read_proxies(
    transaction: &Transaction<'_, ReadProxies>,
    patient_id: PatientId,
) -> Result<Vec<PatientLink>, AccountError> {
    find(transaction, patient_id).await?;
    let links = links_of(transaction, patient_id.uuid()).await?;
    transaction.touch("proxies", patient_id, patient_id);
    Ok(links)
}

/// Ends a link at once, or takes back a code that was not used.
async fn end_proxy(
    transaction: &Transaction<'_, EndProxy>,
    patient_id: PatientId,
    id: Uuid,
) -> Result<PatientLink, AccountError> {
    find(transaction, patient_id).await?;
    let ended = end_link(transaction, patient_id.uuid(), id).await?;
    let links = links_of(transaction, patient_id.uuid()).await?;
    let link = links.into_iter().find(|link| link.id == id);
    let link = link.ok_or(AccountError::NotFound)?;
    if !ended {
        return Err(AccountError::Ended);
    }
    transaction.touch("proxy", id, patient_id);
    Ok(link)
}

async fn find(transaction: &OpenTransaction<'_>, id: PatientId) -> Result<Patient, AccountError> {
    let patient = store::find(transaction, id).await?;
    patient.ok_or(AccountError::NotFound)
}

async fn in_use(transaction: &OpenTransaction<'_>, id: PatientId) -> Result<Patient, AccountError> {
    let patient = find(transaction, id).await?;
    if patient.archived_at.is_some() {
        Err(AccountError::Archived)
    } else {
        Ok(patient)
    }
}

async fn offer(
    transaction: &Transaction<'_, impl May<ChangeLinks>>,
    patient: &Patient,
    holder: Holder,
) -> Result<OfferedCode, AccountError> {
    let whose = LinkedPatient {
        id: patient.id.uuid(),
        birth_date: patient.details.birth_date,
    };
    let offered = identity::offer_code(transaction, whose, holder).await?;
    transaction.touch("proxy", offered.link.id, patient.id);
    Ok(offered)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn nobody_acts_for_a_patient_without_an_end() {
        let now = DateTime::UNIX_EPOCH;
        let holder = |ends_at| Holder {
            name: "Maria Vrabec".into(),
            relationship: Relationship::Parent,
            scope: Scope::Record,
            ends_at,
        };
        let year = TimeDelta::days(365);
        assert_eq!(faults_of(&holder(Some(now + year)), now), []);
        for ends_at in [None, Some(now), Some(now + year * 19)] {
            let faults = faults_of(&holder(ends_at), now);
            assert_eq!(
                faults.first().map(|fault| fault.pointer.as_str()),
                Some("/ends_at")
            );
        }
    }
}
