//! A Merkle tree as RFC 9162 defines it: leaves are hashed with a 0 before them, nodes with a 1, so that
//! no leaf can be taken for a node.
//!
//! Only the roots of the whole subtrees on the right edge are kept. That is enough to add leaves and to
//! say the root, whatever the size.

use sha2::{Digest, Sha256};

/// SHA-256 of something.
pub(super) type Hash = [u8; 32];

/// The hash of a leaf.
pub(super) fn leaf_hash(content: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(content);
    hash.finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// A tree that grows to the right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tree {
    size: u64,
    /// Roots of whole subtrees, the largest first.
    edge: Vec<Hash>,
}

impl Tree {
    /// The tree of so many leaves with this edge; nothing when the two do not go together.
    pub(super) fn restored(size: u64, edge: &[u8]) -> Option<Self> {
        let edge: Vec<Hash> = edge
            .chunks(32)
            .map(<[u8; 32]>::try_from)
            .collect::<Result<_, _>>()
            .ok()?;
        let fits = u32::try_from(edge.len()).is_ok_and(|roots| roots == size.count_ones());
        fits.then_some(Self { size, edge })
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The edge in one piece.
    pub(super) fn edge(&self) -> Vec<u8> {
        self.edge.concat()
    }

    pub(super) fn add(&mut self, leaf: Hash) {
        let mut root = leaf;
        let mut halves = self.size;
        while halves & 1 == 1 {
            if let Some(left) = self.edge.pop() {
                root = node_hash(&left, &root);
            }
            halves >>= 1;
        }
        self.edge.push(root);
        self.size += 1;
    }

    pub(super) fn root(&self) -> Hash {
        let mut roots = self.edge.iter().rev();
        let Some(first) = roots.next() else {
            return Sha256::digest(b"").into();
        };
        roots.fold(*first, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 9162, section 2.1.1, word for word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [one] => *one,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&defined(&leaves[..split]), &defined(&leaves[split..]))
            }
        }
    }

    #[test]
    fn the_root_is_as_the_standard_defines_it_for_every_size() {
        let leaves: Vec<Hash> = (0_u32..200)
            .map(|leaf| leaf_hash(&leaf.to_be_bytes()))
            .collect();
        let mut tree = Tree::default();
        for size in 0..leaves.len() {
            assert_eq!(tree.root(), defined(&leaves[..size]), "{size}");
            let restored = Tree::restored(tree.size(), &tree.edge()).unwrap();
            assert_eq!(restored, tree);
            tree.add(leaves[size]);
        }
        assert_eq!(Tree::restored(3, &[0; 32]), None);
        assert_eq!(Tree::restored(1, &[0; 31]), None);
    }
}
