//! Checking a seal: the content is read again, and its digest compared with the seal.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::trail::{KeySignature, TrailKey};

use super::addendum::SignedVisitError;
use super::retract::retraction_seal;
use super::seal::{CheckedRetraction, CheckedSeal, KeyCheck, Seal, Sealed, signed_text};
use super::store;
use super::visit::VisitId;

action!(
    /// Checking the seal of a signed visit.
    CheckSeal, "visits.check_seal", record, [Provider, Assistant, Patient]
);

/// Computes the seal of a signed visit again, to compare it with the stored seal, and asks the key of the
/// service whether it signed that. A visit that was taken back has the seal of that checked, too.
pub(crate) async fn check_seal(
    transaction: &Transaction<'_, CheckSeal>,
    id: VisitId,
    key: &TrailKey,
) -> Result<CheckedSeal, SignedVisitError> {
    let visit = store::find(transaction, id)
        .await?
        .ok_or(SignedVisitError::NotFound)?;
    let signature = visit.signature.ok_or(SignedVisitError::NotSigned)?;
    let (signed_by, signed_at) = (signature.signed_by, signature.signed_at);
    // There is one format so far; the next one has a function of its own.
    let content = store::content(transaction, id, signed_by, signed_at).await?;
    transaction.touch("visit", id, visit.patient_id);
    let practice_id = transaction.practice_id();
    let asked = |what, seal: &Seal, signed: Option<&KeySignature>| {
        let text = signed_text(practice_id, id.uuid(), what, seal);
        match signed {
            None => KeyCheck::Absent,
            Some(signed) if key.has_signed(&text, signed) => KeyCheck::Valid,
            Some(_) => KeyCheck::Invalid,
        }
    };
    let retraction = visit.retraction.map(|retraction| {
        let belongs_to = retraction.belongs_to_patient_id;
        CheckedRetraction {
            recomputed: retraction_seal(id, &signature.seal, &retraction.voided, belongs_to),
            key: asked(
                Sealed::Retraction,
                &retraction.seal,
                retraction.by_key.as_ref(),
            ),
            seal: retraction.seal,
        }
    });
    Ok(CheckedSeal {
        key: asked(Sealed::Visit, &signature.seal, signature.by_key.as_ref()),
        recomputed: Seal::over(&content),
        signature,
        retraction,
    })
}
