//! Correcting a palpation of an open visit: what was felt, where, and at which point.
//!
//! Classification and course are derived again. A point that nothing else knows moves along; one that was
//! palpated before keeps its place, and only this palpation lies elsewhere. In another muscle or on another
//! side it is another point.

use rust_decimal::Decimal;

use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;
use crate::visits::{self, VisitId};

use super::catalogue::find_muscle;
use super::chart::{CHART_VERSION, Side, View};
use super::course::{self, Observation};
use super::muscle::{Muscle, Placement};
use super::palpate::{Palpate, PalpateError};
use super::palpation::{Felt, Palpation, PalpationId, PointId};
use super::store;

/// A palpation, named by its visit and its own id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PalpationOfVisit {
    pub(crate) visit_id: VisitId,
    pub(crate) id: PalpationId,
}

/// Where the palpation was really made: what is left out stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlaceChanges {
    pub(crate) muscle_code: Option<String>,
    pub(crate) side: Option<Side>,
    pub(crate) view: Option<View>,
    pub(crate) x: Option<Decimal>,
    pub(crate) y: Option<Decimal>,
    /// Why the provider insists on a place that the anatomy check refuses.
    pub(crate) placement_reason: Option<String>,
    /// The earlier point that it is; `Some(None)` makes it a point of its own.
    pub(crate) same_as: Option<Option<PointId>>,
}

impl PlaceChanges {
    const fn is_nothing(&self) -> bool {
        self.muscle_code.is_none()
            && self.side.is_none()
            && self.view.is_none()
            && self.x.is_none()
            && self.y.is_none()
            && self.same_as.is_none()
    }
}

/// Corrects a palpation of an open visit.
pub(crate) async fn amend(
    transaction: &Transaction<'_, Palpate>,
    palpation: PalpationOfVisit,
    if_match: &IfMatch,
    place: &PlaceChanges,
    change: impl Fn(&mut Felt),
) -> Result<Palpation, PalpateError> {
    let PalpationOfVisit { visit_id, id } = palpation;
    visits::open_visit(transaction, visit_id).await?;
    let palpation = store::lock_palpation(transaction, visit_id, id).await?;
    let mut palpation = palpation.ok_or(PalpateError::NotFound)?;
    if palpation.voided.is_some() {
        return Err(PalpateError::Voided);
    }
    if_match.require(palpation.version)?;
    change(&mut palpation.felt);
    palpation.classified = palpation.felt.classified();
    if !place.is_nothing() {
        put_in_place(transaction, &mut palpation, place).await?;
    }
    let known = known_there(transaction, &palpation).await?;
    let earlier: Vec<Observation> = known
        .iter()
        .filter(|known| known.point_id == palpation.point_id)
        .filter(|known| (known.palpated_at(), known.id) < (palpation.palpated_at(), palpation.id))
        .map(Palpation::observation)
        .collect();
    palpation.course = course::course(&earlier, palpation.observation().presence);
    palpation.version = palpation.version.next();
    palpation.updated_at = transaction.now();
    store::record_amendment(transaction, &palpation).await?;
    transaction.touch("palpation", palpation.id, palpation.patient_id);
    Ok(palpation)
}

/// What else was ever felt in the muscle and on the side of a palpation.
async fn known_there(
    transaction: &Transaction<'_, Palpate>,
    palpation: &Palpation,
) -> Result<Vec<Palpation>, PalpateError> {
    let (muscle_code, side) = (palpation.muscle_code.as_str(), palpation.side);
    let known = store::at_muscle(transaction, palpation.patient_id, muscle_code, side).await?;
    Ok(known
        .into_iter()
        .filter(|known| known.id != palpation.id)
        .collect())
}

async fn put_in_place(
    transaction: &Transaction<'_, Palpate>,
    palpation: &mut Palpation,
    changes: &PlaceChanges,
) -> Result<(), PalpateError> {
    let before = (palpation.muscle_code.clone(), palpation.side);
    let muscle_code = changes.muscle_code.as_ref().unwrap_or(&before.0);
    let muscle = find_muscle(transaction, muscle_code).await?;
    let muscle = muscle.ok_or(PalpateError::UnknownMuscle)?;
    place_in(palpation, &muscle, changes)?;
    let is_elsewhere = before != (palpation.muscle_code.clone(), palpation.side);
    let is_another_point = changes.same_as.is_some();
    if is_elsewhere || is_another_point {
        let (visit_id, point_id) = (palpation.visit_id, palpation.point_id);
        let injected = store::into_point(transaction, visit_id, point_id).await?;
        if !injected.is_empty() {
            return Err(PalpateError::Injected(injected));
        }
    }
    match changes.same_as {
        Some(Some(same_as)) => {
            recognise(transaction, palpation, same_as).await?;
        }
        Some(None) => make_point(transaction, palpation).await?,
        None if !store::is_palpated_elsewhere(transaction, palpation).await? => {
            store::move_point(transaction, palpation).await?;
        }
        None if is_elsewhere => make_point(transaction, palpation).await?,
        None => {}
    }
    Ok(())
}

fn place_in(
    palpation: &mut Palpation,
    muscle: &Muscle,
    changes: &PlaceChanges,
) -> Result<(), PalpateError> {
    let accept = if changes.placement_reason.is_some() {
        Placement::insist
    } else {
        Placement::parse
    };
    let place = palpation.place;
    let placement = accept(
        muscle,
        changes.side.unwrap_or(palpation.side),
        changes.view.unwrap_or_else(|| place.view()),
        changes.x.unwrap_or_else(|| place.x()),
        changes.y.unwrap_or_else(|| place.y()),
    )?;
    palpation.muscle_code.clone_from(&muscle.code);
    palpation.muscle_name.clone_from(&muscle.name);
    palpation.side = placement.side();
    palpation.place = placement.point();
    palpation.chart_version = CHART_VERSION;
    let reason = changes.placement_reason.clone();
    palpation.placement_reason = reason.filter(|_| placement.is_overridden());
    Ok(())
}

/// Makes it a palpation of an earlier point of this patient, muscle and side.
async fn recognise(
    transaction: &Transaction<'_, Palpate>,
    palpation: &mut Palpation,
    same_as: PointId,
) -> Result<(), PalpateError> {
    let known = known_there(transaction, palpation).await?;
    let mut of_point = known.iter().filter(|known| known.point_id == same_as);
    let Some(first) = of_point.next() else {
        return Err(PalpateError::AnotherPoint);
    };
    let here = std::iter::once(first).chain(of_point);
    if let Some(same) = here
        .into_iter()
        .find(|known| known.visit_id == palpation.visit_id)
    {
        return Err(PalpateError::AlreadyPalpated(same.id));
    }
    palpation.point_id = same_as;
    Ok(())
}

/// Makes it the first palpation of a point of its own.
async fn make_point(
    transaction: &Transaction<'_, Palpate>,
    palpation: &mut Palpation,
) -> Result<(), PalpateError> {
    palpation.point_id = PointId::fresh(transaction.now());
    store::insert_point(transaction, palpation).await?;
    Ok(())
}
