//! Verifying: every act is hashed again and compared with its leaf, every root with its signed note, and the
//! whole with a note that was kept elsewhere.

use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::text::text_enum;

use super::merkle::{Hash, Tree};
use super::note::Checkpoint;
use super::seal::LATEST;
use super::store::{self, Leaf};
use super::{AT_ONCE, BEGINNING, TrailKey};

text_enum! {
    /// What is wrong with a trail.
    pub(crate) enum TrailFault {
        /// An act is not what was sealed.
        Edited = "edited",
        /// An act that was sealed is gone.
        Deleted = "deleted",
        /// An act was put in past the service.
        Inserted = "inserted",
        /// The leaves are not those that were signed.
        Reordered = "reordered",
        /// A checkpoint does not bear the signature of this practice's key.
        Unsigned = "unsigned",
        /// The trail is shorter than a checkpoint that was kept elsewhere.
        Cut = "cut",
        /// A checkpoint that was kept elsewhere is of another trail.
        Foreign = "foreign",
    }
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: TrailFault,
    /// Place of the act in the trail, from 0 on.
    pub(crate) position: Option<i64>,
    pub(crate) event_id: Option<Uuid>,
}

/// What was found.
pub(crate) struct Verified {
    /// Acts that are sealed.
    pub(crate) size: u64,
    /// The last checkpoint, to be kept elsewhere.
    pub(crate) checkpoint: Option<String>,
    /// Acts of the last moments that are not sealed yet.
    pub(crate) unsealed: usize,
    pub(crate) fault: Option<Fault>,
}

/// Verifies the trail of the practice; `kept` is a note that was kept elsewhere.
pub(super) async fn verify(
    transaction: &OpenTransaction<'_>,
    key: &TrailKey,
    kept: Option<&str>,
) -> Stored<Verified> {
    let practice_id = transaction.practice_id();
    let notes = store::notes(transaction).await?;
    let mut roots = Roots::new(practice_id, key, &notes, kept);
    let mut tree = Tree::default();
    let mut fault = roots.fault.take();
    loop {
        let first = i64::try_from(tree.size()).unwrap_or(i64::MAX);
        let leaves = store::leaves(transaction, first, AT_ONCE).await?;
        if leaves.is_empty() || fault.is_some() {
            break;
        }
        let end = leaves
            .last()
            .map_or(first, |leaf| leaf.position.saturating_add(1));
        let mut entries = store::entries(transaction, first, end).await?.into_iter();
        for leaf in &leaves {
            let entry = leaf.found.and_then(|_| entries.next());
            let hash = entry.map(|entry| entry.hash(practice_id));
            fault = roots.next(&mut tree, leaf, hash);
            if fault.is_some() {
                break;
            }
        }
    }
    let fault = fault.or_else(|| roots.at_end(&tree));
    let (unsealed, inserted) = left_over(transaction).await?;
    Ok(Verified {
        size: tree.size(),
        checkpoint: notes.last().map(|(_, note)| note.clone()),
        unsealed,
        fault: fault.or(inserted),
    })
}

/// Acts without a leaf: those that are newer than the last seal wait for the next one. An act that is older was put in
/// past the service, because it would have a leaf.
async fn left_over(transaction: &OpenTransaction<'_>) -> Stored<(usize, Option<Fault>)> {
    let waiting = store::unsealed(transaction, BEGINNING, AT_ONCE).await?;
    let last = store::last_checkpoint(transaction).await?;
    let sealed_until = last.map_or(BEGINNING, |last| last.recorded_until - LATEST);
    let inserted = waiting
        .iter()
        .find(|entry| entry.recorded_at() < sealed_until);
    let fault = inserted.map(|entry| Fault {
        kind: TrailFault::Inserted,
        position: None,
        event_id: Some(entry.id),
    });
    Ok((waiting.len(), fault))
}

/// The roots that were signed, the smallest tree first.
struct Roots {
    expected: std::vec::IntoIter<Checkpoint>,
    /// The size of the largest tree that was signed.
    largest: u64,
    next: Option<Checkpoint>,
    /// What is wrong before a leaf was looked at.
    fault: Option<Fault>,
}

impl Roots {
    fn new(practice_id: Uuid, key: &TrailKey, notes: &[(i64, String)], kept: Option<&str>) -> Self {
        let public = key.pair().verifying_key();
        let mut expected = Vec::new();
        let mut fault = None;
        for (size, note) in notes {
            match Checkpoint::read(note, practice_id, &public) {
                Some(checkpoint) if u64::try_from(*size) == Ok(checkpoint.size) => {
                    expected.push(checkpoint);
                }
                _ => {
                    fault = fault.or(Some(Fault {
                        kind: TrailFault::Unsigned,
                        position: Some(*size),
                        event_id: None,
                    }));
                }
            }
        }
        if let Some(kept) = kept {
            match Checkpoint::read(kept, practice_id, &public) {
                Some(checkpoint) => expected.push(checkpoint),
                None => {
                    fault = Some(Fault {
                        kind: TrailFault::Foreign,
                        position: None,
                        event_id: None,
                    });
                }
            }
        }
        expected.sort_by_key(|checkpoint| checkpoint.size);
        let largest = expected.last().map_or(0, |checkpoint| checkpoint.size);
        let mut expected = expected.into_iter();
        Self {
            largest,
            next: expected.next(),
            expected,
            fault,
        }
    }

    /// Adds a leaf to the tree and says what is wrong with it.
    fn next(&mut self, tree: &mut Tree, leaf: &Leaf, hash: Option<Hash>) -> Option<Fault> {
        let place = i64::try_from(tree.size()).unwrap_or(i64::MAX);
        let fault = |kind| {
            Some(Fault {
                kind,
                position: Some(place),
                event_id: Some(leaf.event_id),
            })
        };
        if leaf.position != place {
            return fault(TrailFault::Deleted);
        }
        match hash {
            None => return fault(TrailFault::Deleted),
            Some(hash) if hash.as_slice() != leaf.leaf_hash.as_slice() => {
                return fault(TrailFault::Edited);
            }
            Some(hash) => tree.add(hash),
        }
        while let Some(next) = self.next.take_if(|next| next.size <= tree.size()) {
            if next.size == tree.size() && next.root != tree.root() {
                return fault(TrailFault::Reordered);
            }
            self.next = self.expected.next();
        }
        None
    }

    /// A signed root beyond the last leaf: the tail was cut off. A leaf beyond the last root was not signed.
    fn at_end(&self, tree: &Tree) -> Option<Fault> {
        let (kind, size) = if self.next.is_some() {
            (TrailFault::Cut, tree.size())
        } else if tree.size() > self.largest {
            (TrailFault::Inserted, self.largest)
        } else {
            return None;
        };
        Some(Fault {
            kind,
            position: i64::try_from(size).ok(),
            event_id: None,
        })
    }
}
