//! Completing a procedure, and what its protocol asks for afterwards, in one transaction.
//!
//! Each step of the protocol in force becomes one follow-up, once: the database knows a follow-up
//! by procedure and step. What the protocol says later changes nothing for this patient.

use crate::platform::access::{Action, action};
use crate::platform::database::{Stored, Transaction};

use super::follow_up::{FollowUp, Origin};
use super::protocol::ProtocolStep;
use super::store::{self, Performed};

action!(
    /// Completing a procedure with its follow-ups.
    CompleteProcedure, "procedures.complete", patients, [Provider, Assistant]
);

/// Puts the follow-ups of the protocol on the list for a procedure completed now.
pub(super) async fn follow_ups_after<A: Action>(
    transaction: &Transaction<'_, A>,
    performed: &Performed,
) -> Stored<Vec<FollowUp>> {
    let now = transaction.now();
    let (protocol, calendar) = futures_util::try_join!(
        store::protocols::in_force(transaction, performed.kind),
        store::calendar(transaction, performed.location_id, now),
    )?;
    let follow_up = |step: &ProtocolStep| {
        let origin = Origin {
            procedure_id: Some(performed.id),
            protocol_id: protocol.plain_id(),
            protocol_step: Some(step.code.clone()),
            raised_by: None,
        };
        let window = step.window_after(now, &calendar);
        FollowUp::new(performed.patient_id, (step.kind, &step.reason), window, origin, now)
    };
    let follow_ups: Vec<FollowUp> = protocol.steps.iter().map(follow_up).collect();
    store::follow_ups::insert(transaction, &follow_ups).await?;
    let touched = follow_ups.iter().map(|new| (new.id.uuid(), new.patient_id.uuid()));
    transaction.touch_all("follow_up", touched);
    Ok(follow_ups)
}
