//! Where the names beside a drawing stand: near their points, and never on top of each other.
//!
//! Names stand in two columns, one on each side of the drawing, in the order of their points from
//! top to bottom. A name stands at the height of its point where there is room, and is moved up or
//! down where there is not. Then names whose lines would cross change places until no lines cross.

/// The height one name and its status need.
pub(super) const LABEL_HEIGHT: i64 = 72;

/// The place of a point on the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) x: i64,
    pub(super) y: i64,
}

/// Returns the middle of each label of a column, in the order of the anchors.
///
/// `column_x` is where the lines leave the column and `height` how far down it reaches; the anchors
/// come sorted from top to bottom.
pub(super) fn place(anchors: &[Anchor], column_x: i64, height: i64) -> Vec<i64> {
    let slots = slots(anchors, height);
    let mut order: Vec<usize> = (0..anchors.len()).collect();
    uncross(&mut order, anchors, &slots, column_x);
    let mut middles = vec![0; anchors.len()];
    for (&anchor, &slot) in order.iter().zip(&slots) {
        if let Some(middle) = middles.get_mut(anchor) {
            *middle = slot;
        }
    }
    middles
}

/// Pushes labels down until none overlap, then up again from the lower end.
fn slots(anchors: &[Anchor], height: i64) -> Vec<i64> {
    let mut slots = Vec::with_capacity(anchors.len());
    let mut free = LABEL_HEIGHT / 2;
    for anchor in anchors {
        let slot = anchor.y.max(free);
        slots.push(slot);
        free = slot + LABEL_HEIGHT;
    }
    let mut limit = height - LABEL_HEIGHT / 2;
    for slot in slots.iter_mut().rev() {
        *slot = (*slot).min(limit);
        limit = *slot - LABEL_HEIGHT;
    }
    slots
}

/// Exchanges labels whose lines cross. Every exchange shortens the lines, so this ends.
fn uncross(order: &mut [usize], anchors: &[Anchor], slots: &[i64], column_x: i64) {
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for upper in 0..order.len() {
            for lower in upper + 1..order.len() {
                let column = Column {
                    order,
                    anchors,
                    slots,
                    x: column_x,
                };
                if column.lines_cross(upper, lower) == Some(true) {
                    order.swap(upper, lower);
                    has_changed = true;
                }
            }
        }
    }
}

/// The labels of one column, and the points that their lines lead to.
struct Column<'a> {
    /// Which anchor has each slot.
    order: &'a [usize],
    anchors: &'a [Anchor],
    slots: &'a [i64],
    /// Where the lines leave the column.
    x: i64,
}

impl Column<'_> {
    /// Whether the lines of two slots cross; `None` when there is no such slot.
    fn lines_cross(&self, upper: usize, lower: usize) -> Option<bool> {
        let (first, second) = (self.line(upper)?, self.line(lower)?);
        Some(first.parts(second) && second.parts(first))
    }

    fn line(&self, slot: usize) -> Option<Line> {
        Some(Line {
            start: Anchor {
                x: self.x,
                y: *self.slots.get(slot)?,
            },
            end: *self.anchors.get(*self.order.get(slot)?)?,
        })
    }
}

/// The line from a label to its point.
#[derive(Debug, Clone, Copy)]
struct Line {
    start: Anchor,
    end: Anchor,
}

impl Line {
    /// Whether the ends of the other line lie on different sides of this one.
    const fn parts(self, other: Self) -> bool {
        let start = turn(self.start, self.end, other.start);
        let end = turn(self.start, self.end, other.end);
        start.signum() * end.signum() < 0
    }
}

/// Positive when the way over `middle` to `end` turns right, negative when it turns left, zero when
/// it goes straight on.
const fn turn(start: Anchor, middle: Anchor, end: Anchor) -> i64 {
    (middle.x - start.x) * (end.y - start.y) - (middle.y - start.y) * (end.x - start.x)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn labels_never_overlap_and_lines_never_cross(
            points in prop::collection::vec((0_i64..1000, 0_i64..1000), 0..30),
        ) {
            let mut anchors: Vec<_> = points.iter().map(|&(x, y)| Anchor { x, y }).collect();
            anchors.sort_by_key(|anchor| (anchor.y, anchor.x));
            let height = i64::try_from(anchors.len()).unwrap() * LABEL_HEIGHT;
            let height = height.max(1000);
            let middles = place(&anchors, -30, height);

            let mut sorted = middles.clone();
            sorted.sort_unstable();
            prop_assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= LABEL_HEIGHT));
            prop_assert!(sorted.first().is_none_or(|&first| first >= LABEL_HEIGHT / 2));
            prop_assert!(sorted.last().is_none_or(|&last| last <= height - LABEL_HEIGHT / 2));

            let order: Vec<_> = (0..anchors.len()).collect();
            for first in 0..anchors.len() {
                for second in first + 1..anchors.len() {
                    let column = Column {
                        order: &order,
                        anchors: &anchors,
                        slots: &middles,
                        x: -30,
                    };
                    prop_assert_eq!(column.lines_cross(first, second), Some(false));
                }
            }
        }
    }

    #[test]
    fn a_lonely_label_stands_at_its_points_height() {
        assert_eq!(place(&[Anchor { x: 300, y: 640 }], -30, 1000), [640]);
    }
}
