//! A muscle of the catalogue as the rules look at it, and the place that it is on a side.

use serde::Deserialize;

use crate::findings::MuscleKind;

use tautband_rules::kind::Side;
use tautband_rules::safety::facts::Place;

/// A muscle of the catalogue, as far as the rules look at it.
#[derive(Deserialize)]
pub(super) struct NeedledMuscle {
    pub(super) code: String,
    parent_code: Option<String>,
    kind: MuscleKind,
    pub(super) region: String,
    pub(super) cautions: Vec<String>,
    /// What the catalogue says about the needle, in words.
    needle: String,
}

/// A muscle on a side as the rules compare it with others.
pub(super) fn place_of(muscles: &[NeedledMuscle], code: &str, side: Side) -> Place {
    let known = muscles.iter().find(|muscle| muscle.code == code);
    let known = known.map(|muscle| (muscle.whole().to_owned(), muscle.group()));
    let (counted_as, group) = known.unwrap_or_else(|| (code.to_owned(), None));
    Place {
        muscle_code: code.to_owned(),
        side,
        counted_as,
        group,
    }
}

impl NeedledMuscle {
    /// The group that the muscle belongs to.
    fn group(&self) -> Option<String> {
        let group = self.parent_code.as_ref();
        group.filter(|_| self.kind == MuscleKind::Muscle).cloned()
    }

    /// The longest needle that the catalogue has for it, in millimetres; none where it names no length.
    pub(super) fn longest_needle_mm(&self) -> Option<u16> {
        let (before, _) = self.needle.split_once(" mm")?;
        let digits = before
            .rsplit(|character: char| !character.is_ascii_digit())
            .next()?;
        digits.parse().ok()
    }

    /// The whole muscle for a part, else the muscle itself.
    pub(super) fn whole(&self) -> &str {
        let whole = self.parent_code.as_deref();
        whole
            .filter(|_| self.kind == MuscleKind::Part)
            .unwrap_or(&self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn muscle(code: &str, parent: Option<&str>, kind: MuscleKind, needle: &str) -> NeedledMuscle {
        NeedledMuscle {
            code: code.to_owned(),
            parent_code: parent.map(str::to_owned),
            kind,
            region: "neck".to_owned(),
            cautions: Vec::new(),
            needle: needle.to_owned(),
        }
    }

    #[test]
    fn the_catalogue_says_how_long_a_needle_is() {
        for (needle, longest) in [
            ("25-27G 25-38 mm, pincer grip, away from lung", Some(38)),
            ("30G 13 mm", Some(13)),
            ("22G 50 mm", Some(50)),
            ("not routinely injected (image guided)", None),
            ("see parts", None),
        ] {
            let muscle = muscle("a", None, MuscleKind::Muscle, needle);
            assert_eq!(muscle.longest_needle_mm(), longest, "{needle}");
        }
    }

    #[test]
    fn a_part_is_its_whole_muscle_and_a_group_its_members() {
        let muscles = [
            muscle("trapezius", None, MuscleKind::Muscle, ""),
            muscle("trapezius_upper", Some("trapezius"), MuscleKind::Part, ""),
            muscle("suboccipital_group", None, MuscleKind::Group, ""),
            muscle("major", Some("suboccipital_group"), MuscleKind::Muscle, ""),
            muscle("minor", Some("suboccipital_group"), MuscleKind::Muscle, ""),
        ];
        for (before, now, is_same) in [
            ("trapezius_upper", "trapezius", true),
            ("trapezius", "trapezius_upper", true),
            ("major", "suboccipital_group", true),
            ("suboccipital_group", "major", true),
            ("major", "minor", false),
            ("trapezius", "major", false),
            ("temporalis", "temporalis", true),
        ] {
            let place = |code| place_of(&muscles, code, Side::Left);
            assert_eq!(
                place(before).is_same_as(&place(now)),
                is_same,
                "{before} {now}"
            );
            let other = place_of(&muscles, now, Side::Right);
            assert!(!place(before).is_same_as(&other), "{before} {now}");
        }
    }
}
