//! Proposing the earlier points that the next palpation could be, before anything is recorded.

use rust_decimal::Decimal;

use crate::platform::database::Transaction;
use crate::visits::{self, VisitId};

use super::catalogue::find_muscle;
use super::chart::{Side, View};
use super::muscle::Placement;
use super::palpate::{Palpate, PalpateError, proposals};
use super::palpation::Palpation;
use super::store;

/// Where the next palpation would be.
#[derive(Debug, Clone)]
pub(crate) struct NextPlace {
    pub(crate) muscle_code: String,
    pub(crate) side: Side,
    pub(crate) view: View,
    pub(crate) x: Decimal,
    pub(crate) y: Decimal,
}

/// Returns the last palpation of each earlier point that could be meant, the nearest first.
pub(crate) async fn propose_points(
    transaction: &Transaction<'_, Palpate>,
    visit_id: VisitId,
    next: &NextPlace,
) -> Result<Vec<Palpation>, PalpateError> {
    let visit = visits::open_visit(transaction, visit_id).await?;
    let muscle = find_muscle(transaction, &next.muscle_code).await?;
    let muscle = muscle.ok_or(PalpateError::UnknownMuscle)?;
    // A place that the anatomy check refuses is refused when it is recorded.
    let placement = Placement::insist(&muscle, next.side, next.view, next.x, next.y)?;
    let side = placement.side();
    let mut known = store::at_muscle(transaction, visit.patient_id, &muscle.code, side).await?;
    known.retain(|palpation| palpation.visit_id != visit_id);
    let proposed = proposals(&known, &muscle.code, &placement);
    transaction.touch("visit", visit_id, visit.patient_id);
    let last_of = |point_id| {
        let mut of_point = known.iter().rev();
        of_point
            .find(|palpation| palpation.point_id == point_id)
            .cloned()
    };
    Ok(proposed.into_iter().filter_map(last_of).collect())
}
