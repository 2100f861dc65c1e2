//! Joins the waitlist.

use crate::patients::{PatientId, Person, person_of};
use crate::platform::access::{May, Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::Version;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};
use crate::practice::{AppointmentType, AppointmentTypeId, call_waitlist, find_appointment_type};
use crate::scheduling::{BOOKING_RULE, BookingRule};

use super::entry::{Entry, EntryStatus, USUAL_PRIORITY, WaitlistEntryId, Wishes};
use super::refusals::ALREADY_WAITING;
use super::store;

action!(
    /// Putting somebody on the waitlist; patients themselves, for what they book themselves.
    Join, "waitlist.join", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// The most open entries of a patient, so that no patient fills the queue.
const MOST_ENTRIES_OF_A_PATIENT: i64 = 5;

/// A new entry of the waitlist.
#[derive(Debug, Clone)]
pub(super) struct NewEntry {
    pub(super) patient_id: PatientId,
    pub(super) appointment_type_id: AppointmentTypeId,
    pub(super) wishes: Wishes,
    pub(super) priority: Option<i16>,
}

/// Why no entry was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum JoinError {
    #[error("fields that break a rule")]
    Invalid(Vec<FieldError>),
    #[error("a rule does not allow it: {0}")]
    Rule(BookingRule),
    /// The entry that exists; `None` when it was made at the same moment.
    #[error("the person waits for this already")]
    AlreadyWaiting(Option<WaitlistEntryId>),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for JoinError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("waitlist_entries_one_live_of_type") {
            Self::AlreadyWaiting(None)
        } else {
            Self::Database(error)
        }
    }
}

impl Refusal for JoinError {
    const TYPES: &'static [&'static ProblemType] = &[&BOOKING_RULE, &ALREADY_WAITING];

    fn problem(self) -> Problem {
        match self {
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Rule(rule) => rule.problem(),
            Self::AlreadyWaiting(entry_id) => {
                let problem = Problem::new(&ALREADY_WAITING).detail(
                    "One entry is kept for each person and type of appointment; \
                     change it to wait for something else.",
                );
                match entry_id {
                    Some(entry_id) => problem.member("waitlist_entry_id", entry_id),
                    None => problem,
                }
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// The fields of the wishes and the priority that break a rule.
pub(super) async fn faults(
    transaction: &OpenTransaction<'_>,
    wishes: &Wishes,
    priority: Option<i16>,
) -> Result<Vec<FieldError>, DatabaseError> {
    let is_patient = transaction.principal().role == Role::Patient;
    let mut errors = store::unknown(transaction, wishes).await?;
    if wishes.latest <= transaction.now() {
        errors.push(FieldError::new("/latest", "has passed"));
    } else if wishes.latest <= wishes.earliest {
        errors.push(FieldError::new("/latest", "must be later than earliest"));
    }
    if is_patient && priority.is_some_and(|asked| asked < USUAL_PRIORITY) {
        errors.push(FieldError::new(
            "/priority",
            "is for the practice to raise: send 5 or more",
        ));
    }
    Ok(errors)
}

/// Puts a patient at the end of the queue of their priority.
pub(super) async fn join(
    transaction: &Transaction<'_, impl May<Join>>,
    command: &NewEntry,
) -> Result<Entry, JoinError> {
    let now = transaction.now();
    let wishes = &command.wishes;
    let priority = command.priority.unwrap_or(USUAL_PRIORITY);
    let (patient_id, appointment_type) = check(transaction, command, priority).await?;
    let live = store::live_of_type(transaction, command.patient_id, command.appointment_type_id);
    if let Some(entry_id) = live.await? {
        return Err(JoinError::AlreadyWaiting(Some(entry_id)));
    }
    require_allowed(transaction, command, &appointment_type).await?;
    let entry = Entry {
        id: WaitlistEntryId::fresh(now),
        patient_id,
        appointment_type_id: command.appointment_type_id,
        wishes: wishes.clone(),
        priority,
        status: EntryStatus::Waiting,
        appointment_id: None,
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    store::insert(transaction, &entry).await?;
    // One call for the openings there are now, and one to end the wait when its time is over.
    call_waitlist(transaction, now).await?;
    call_waitlist(transaction, wishes.latest).await?;
    transaction.touch("waitlist_entry", entry.id, entry.patient_id);
    Ok(entry)
}

/// Returns the person and the type that the ids name, or every field that breaks a rule.
async fn check(
    transaction: &OpenTransaction<'_>,
    command: &NewEntry,
    priority: i16,
) -> Result<(PatientId, AppointmentType), JoinError> {
    let (person, mut errors) = pipelined!(
        person_of(transaction, command.patient_id),
        faults(transaction, &command.wishes, Some(priority)),
    )?;
    // The unique index is on the record that stands for the person, so two records of one person
    // that join at the same moment are noticed.
    let person_id = person.filter(Person::is_in_use).map(|person| person.id);
    if person_id.is_none() {
        errors.push(FieldError::new(
            "/patient_id",
            format!(
                "{} is archived, or no patient that you can book for",
                command.patient_id
            ),
        ));
    }
    let appointment_type = find_appointment_type(transaction, command.appointment_type_id).await?;
    if appointment_type.is_none() {
        errors.push(FieldError::new(
            "/appointment_type_id",
            format!(
                "{} is no type of appointment of this practice",
                command.appointment_type_id
            ),
        ));
    }
    match (person_id, appointment_type) {
        (Some(person_id), Some(appointment_type)) if errors.is_empty() => {
            Ok((person_id, appointment_type))
        }
        _ => {
            errors.sort_by(|one, other| one.pointer.cmp(&other.pointer));
            Err(JoinError::Invalid(errors))
        }
    }
}

/// Patients wait for the types that they can book, and for a few things at a time.
async fn require_allowed(
    transaction: &OpenTransaction<'_>,
    command: &NewEntry,
    appointment_type: &AppointmentType,
) -> Result<(), JoinError> {
    let rules = &appointment_type.rules;
    if !rules.active {
        return Err(JoinError::Rule(BookingRule::TypeRetired));
    }
    if transaction.principal().role != Role::Patient {
        return Ok(());
    }
    if !rules.patient_bookable {
        return Err(JoinError::Rule(BookingRule::NotPatientBookable));
    }
    if store::count_waiting(transaction, command.patient_id).await? >= MOST_ENTRIES_OF_A_PATIENT {
        return Err(JoinError::Rule(BookingRule::TooManyWaiting));
    }
    Ok(())
}
