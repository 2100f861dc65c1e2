//! Checkpoints as signed notes, in the form of C2SP `tlog-checkpoint`: what a trail was at one moment, for
//! somebody to keep elsewhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::merkle::Hash;

/// The kind of an Ed25519 signature in a note.
const ED25519: u8 = 1;

/// Size and root of the trail of one practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) practice_id: Uuid,
    pub(super) size: u64,
    pub(super) root: Hash,
}

impl Checkpoint {
    /// Names the trail, and the key that signs it.
    fn origin(practice_id: Uuid) -> String {
        format!("tautband/{practice_id}")
    }

    fn text(&self) -> String {
        let (origin, root) = (Self::origin(self.practice_id), STANDARD.encode(self.root));
        format!("{origin}\n{}\n{root}\n", self.size)
    }

    /// The note with its signature.
    pub(super) fn signed(&self, key: &SigningKey) -> String {
        let text = self.text();
        let name = Self::origin(self.practice_id);
        let mut line = key_hash(&name, &key.verifying_key()).to_vec();
        line.extend(key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(line))
    }

    /// Reads a note that this key signed for this practice.
    pub(super) fn read(note: &str, practice_id: Uuid, key: &VerifyingKey) -> Option<Self> {
        let (text, signatures) = note.split_once("\n\n")?;
        let text = format!("{text}\n");
        let name = Self::origin(practice_id);
        let line = signatures.lines().find_map(|line| {
            line.strip_prefix("\u{2014} ")?
                .strip_prefix(name.as_str())?
                .strip_prefix(' ')
        })?;
        let line = STANDARD.decode(line).ok()?;
        let (hash, signature) = line.split_at_checked(4)?;
        let signature = Signature::from_slice(signature).ok()?;
        if hash != key_hash(&name, key) || key.verify_strict(text.as_bytes(), &signature).is_err() {
            return None;
        }
        let mut lines = text.lines();
        let is_ours = lines.next()? == name;
        let size: u64 = lines.next()?.parse().ok()?;
        let root = STANDARD.decode(lines.next()?).ok()?;
        let root: Hash = root.try_into().ok()?;
        is_ours.then_some(Self {
            practice_id,
            size,
            root,
        })
    }
}

fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name);
    hash.update([b'\n', ED25519]);
    hash.update(key.as_bytes());
    let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_by_who_knows_the_key_and_not_when_a_sign_of_it_changed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let practice_id = Uuid::from_u128(1);
        let checkpoint = Checkpoint {
            practice_id,
            size: 12,
            root: [9; 32],
        };
        let note = checkpoint.signed(&key);
        let public = key.verifying_key();
        assert_eq!(
            Checkpoint::read(&note, practice_id, &public),
            Some(checkpoint)
        );
        assert_eq!(Checkpoint::read(&note, Uuid::from_u128(2), &public), None);
        let stranger = SigningKey::from_bytes(&[8; 32]).verifying_key();
        assert_eq!(Checkpoint::read(&note, practice_id, &stranger), None);
        assert_eq!(
            Checkpoint::read(&note.replace("\n12\n", "\n11\n"), practice_id, &public),
            None
        );
        assert_eq!(Checkpoint::read("", practice_id, &public), None);
    }
}
