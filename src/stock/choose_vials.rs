//! Choosing the vials that a syringe is drawn from.
//!
//! Each draw has a vial: the one that is named, else the one that is open, else one that is opened there
//! and then. So how long a vial lasts, and that a single-dose vial serves one procedure, cannot be skipped
//! by leaving the name out. Where every open vial is too old, nothing is drawn until somebody threw
//! it away or opened another: nobody knows which one was in the hand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::platform::access::May;
use crate::platform::database::{DatabaseError, Transaction};

use super::lot::{Lot, LotId, VialType};
use super::store;
use super::vial::{Recipient, Vial, VialId, VialUnusable};
use super::withdraw::UseStock;
use tautband_rules::safety::rules::RuleSet;

/// One draw: the lot, and the vial where one is named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw<'a> {
    pub(crate) lot: &'a Lot,
    pub(crate) vial_id: Option<VialId>,
}

/// For whom something is drawn, when, and by which rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrawnFor<'a> {
    pub(crate) recipient: Recipient,
    pub(crate) at: DateTime<Utc>,
    pub(crate) rules: &'a RuleSet,
}

/// Why no vial was chosen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChooseVialsError {
    /// Each draw by its position.
    #[error("a vial cannot be drawn from")]
    Unusable(Vec<(usize, VialUnusable)>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Chooses the vial of each draw, binds single-dose vials to the recipient, and opens what must be opened.
///
/// `known` are the vials that [`super::lock_vials_for`] found: those that are named and those that are
/// open.
pub(crate) async fn choose_vials(
    transaction: &Transaction<'_, impl May<UseStock>>,
    draws: &[Draw<'_>],
    mut known: BTreeMap<VialId, Vial>,
    drawn: DrawnFor<'_>,
) -> Result<Vec<VialId>, ChooseVialsError> {
    let unopened = |known: &BTreeMap<VialId, Vial>| -> Vec<LotId> {
        let is_open = |lot: &Lot| known.values().any(|vial| vial.lot_id == lot.id);
        let unnamed = draws.iter().filter(|draw| draw.vial_id.is_none());
        let shared = unnamed.filter(|draw| draw.lot.vial_type == VialType::MultiDose);
        shared
            .filter(|draw| !is_open(draw.lot))
            .map(|draw| draw.lot.id)
            .collect()
    };
    let to_open = unopened(&known);
    if !to_open.is_empty() {
        // Whoever comes second finds the vial that the first one opened. All lots are locked, in the order in
        // which they are drawn from.
        let all: Vec<LotId> = draws.iter().map(|draw| draw.lot.id).collect();
        store::lock_lots(transaction, &all).await?;
        let since = store::open_vials(transaction, &to_open).await?;
        known.extend(since.into_iter().map(|vial| (vial.id, vial)));
    }
    let by = transaction.principal().user_id;
    let mut opened = Vec::new();
    let mut chosen = Vec::new();
    let mut refused = Vec::new();
    for (index, draw) in draws.iter().enumerate() {
        match choose(*draw, &known, drawn) {
            Ok(Some(id)) => chosen.push(id),
            Ok(None) => {
                let mut vial = Vial::open(draw.lot, by, transaction.now());
                vial.opened_at = drawn.at;
                vial.draw_for(drawn.recipient);
                chosen.push(vial.id);
                opened.push(vial.clone());
                known.insert(vial.id, vial);
            }
            Err(reason) => refused.push((index, reason)),
        }
    }
    if !refused.is_empty() {
        return Err(ChooseVialsError::Unusable(refused));
    }
    for id in &chosen {
        if let Some(vial) = known.get_mut(id)
            && vial.vial_type == VialType::SingleDose
            && vial.recipient.is_none()
        {
            vial.draw_for(drawn.recipient);
            store::record_vial(transaction, vial).await?;
        }
    }
    if !opened.is_empty() {
        store::insert_vials(transaction, &opened).await?;
    }
    Ok(chosen)
}

/// The vial of a draw; none where one has to be opened.
fn choose(
    draw: Draw<'_>,
    known: &BTreeMap<VialId, Vial>,
    drawn: DrawnFor<'_>,
) -> Result<Option<VialId>, VialUnusable> {
    let refuses = |vial: &Vial| vial.refuses(drawn.recipient, drawn.rules, drawn.at);
    if let Some(vial) = draw.vial_id.and_then(|id| known.get(&id)) {
        return refuses(vial).map_or(Ok(Some(vial.id)), Err);
    }
    let mut open: Vec<&Vial> = known
        .values()
        .filter(|vial| vial.lot_id == draw.lot.id && vial.discarded.is_none())
        .collect();
    // A vial that serves this procedure already is emptied before another one is begun.
    open.sort_by_key(|vial| (vial.recipient.is_none(), vial.opened_at, vial.id));
    if let Some(vial) = open.iter().find(|vial| refuses(vial).is_none()) {
        return Ok(Some(vial.id));
    }
    let is_too_old =
        |vial: &&&Vial| vial.recipient.is_none() && refuses(vial) == Some(VialUnusable::BeyondUse);
    match open.iter().find(is_too_old) {
        Some(_) => Err(VialUnusable::BeyondUse),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::super::lot::sample::{at, lot};
    use super::*;
    use crate::patients::PatientId;
    use crate::stock::ProcedureId;

    fn recipient(number: u128) -> Recipient {
        Recipient {
            patient_id: PatientId::from(Uuid::from_u128(number)),
            procedure_id: ProcedureId::from(Uuid::from_u128(number)),
        }
    }

    /// Vials of one lot that were opened so many hours ago, each for whom.
    fn chosen(
        vial_type: VialType,
        open: &[(i64, Option<u128>)],
    ) -> Result<Option<i64>, VialUnusable> {
        let rules = RuleSet::shipped().unwrap();
        let now = at("2026-11-10T12:00:00Z");
        let lot = Lot {
            vial_type,
            ..lot("10")
        };
        let vials = open.iter().map(|(hours, whose)| {
            let mut vial = Vial::open(&lot, Uuid::nil(), now);
            vial.opened_at = now - TimeDelta::hours(*hours);
            vial.recipient = whose.map(recipient);
            (vial.id, vial)
        });
        let known: BTreeMap<VialId, Vial> = vials.collect();
        let drawn = DrawnFor {
            recipient: recipient(1),
            at: now,
            rules: &rules,
        };
        let draw = Draw {
            lot: &lot,
            vial_id: None,
        };
        let found = choose(draw, &known, drawn)?;
        Ok(found.map(|id| (now - known[&id].opened_at).num_hours()))
    }

    #[test]
    fn without_a_name_the_open_vial_is_taken_and_one_that_is_too_old_stops() {
        use VialType::{MultiDose, SingleDose};
        let days = |days: i64| days * 24;
        for (vial_type, open, expected) in [
            (MultiDose, vec![], Ok(None)),
            (MultiDose, vec![(days(3), None)], Ok(Some(days(3)))),
            (
                MultiDose,
                vec![(days(1), None), (days(3), None)],
                Ok(Some(days(3))),
            ),
            (
                MultiDose,
                vec![(days(60), None)],
                Err(VialUnusable::BeyondUse),
            ),
            (
                MultiDose,
                vec![(days(60), None), (days(1), None)],
                Ok(Some(days(1))),
            ),
            (MultiDose, vec![(-1, None)], Ok(None)),
            (SingleDose, vec![], Ok(None)),
            (SingleDose, vec![(1, None)], Ok(Some(1))),
            (SingleDose, vec![(1, Some(2))], Ok(None)),
            (SingleDose, vec![(2, Some(1)), (3, None)], Ok(Some(2))),
            (SingleDose, vec![(5, None)], Err(VialUnusable::BeyondUse)),
            (SingleDose, vec![(5, Some(1))], Ok(None)),
            (SingleDose, vec![(days(20), Some(2))], Ok(None)),
        ] {
            assert_eq!(chosen(vial_type, &open), expected, "{vial_type} {open:?}");
        }
    }
}
