//! A muscle of the catalogue, and a place on the body chart that agrees with it.

use rust_decimal::Decimal;

use crate::platform::problem::{FieldError, Problem, ProblemType, Refusal};
use crate::platform::text::text_enum;

use super::anatomy::{self, AnatomyRefused, Disagreement, MuscleAnatomy};
use super::chart::{ChartPoint, Side, View};

text_enum! {
    /// The kind of an entry of the catalogue. When muscles are counted, a part counts as its parent.
    pub(crate) enum MuscleKind {
        Muscle = "muscle",
        Part = "part",
        Group = "group",
    }
}

/// A muscle, a part of one or a group of them.
#[derive(Debug, Clone)]
pub(crate) struct Muscle {
    /// Our own code, which never changes.
    pub(crate) code: String,
    /// The muscle a part belongs to, or the group a muscle belongs to.
    pub(crate) parent_code: Option<String>,
    pub(crate) kind: MuscleKind,
    pub(crate) latin: String,
    pub(crate) name: String,
    pub(crate) nerve: String,
    /// The referred pain that is often described; a hint only.
    pub(crate) referral: String,
    /// The usual needle; a hint only.
    pub(crate) needle: String,
    /// Structures at risk, such as `PTX` or `VASC(vertebral a.)`.
    pub(crate) cautions: Vec<String>,
    pub(crate) identifiers: ExternalIdentifiers,
    pub(crate) catalogue_version: String,
    /// Its region, sides, usual place and parts.
    pub(crate) anatomy: MuscleAnatomy,
}

/// The codes of a muscle in other terminologies.
#[derive(Debug, Clone)]
pub(crate) struct ExternalIdentifiers {
    pub(crate) fma: Option<String>,
    pub(crate) uberon: Option<String>,
    pub(crate) ta98: Option<String>,
    /// `None` until a mapping is loaded.
    pub(crate) snomed_ct: Option<String>,
    /// The codes among these that name a broader structure.
    pub(crate) broader: Vec<String>,
}

/// A side and a place on the body chart that agree with the muscle they were given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placement {
    side: Side,
    point: ChartPoint,
    is_unusual: bool,
    is_overridden: bool,
}

impl Placement {
    /// Accepts a place that agrees with the muscle; otherwise says what would agree.
    pub(crate) fn parse(
        muscle: &Muscle,
        side: Side,
        view: View,
        x: Decimal,
        y: Decimal,
    ) -> Result<Self, PlacementRefused> {
        let point = on_the_chart(view, x, y)?;
        let advice = anatomy::check(&muscle.anatomy, side, &point)?;
        Ok(Self {
            side,
            point,
            is_unusual: advice.is_some(),
            is_overridden: false,
        })
    }

    /// Accepts a place that does not agree with the muscle, for a provider who has a reason: bodies
    /// vary, and drawings are only drawings. A place off the chart is always refused.
    pub(crate) fn insist(
        muscle: &Muscle,
        side: Side,
        view: View,
        x: Decimal,
        y: Decimal,
    ) -> Result<Self, PlacementRefused> {
        match Self::parse(muscle, side, view, x, y) {
            Err(PlacementRefused::Anatomy(_)) => Ok(Self {
                side,
                point: on_the_chart(view, x, y)?,
                is_unusual: true,
                is_overridden: true,
            }),
            placed => placed,
        }
    }

    /// The patient's own side.
    pub(crate) const fn side(&self) -> Side {
        self.side
    }

    /// Where it lies.
    pub(crate) const fn point(&self) -> ChartPoint {
        self.point
    }

    /// Whether the provider insisted on it against the anatomy check.
    pub(crate) const fn is_overridden(&self) -> bool {
        self.is_overridden
    }

    /// Whether it lies far from the usual place of the muscle, so that the provider should look again.
    pub(crate) const fn is_unusual(&self) -> bool {
        self.is_unusual
    }
}

fn on_the_chart(view: View, x: Decimal, y: Decimal) -> Result<ChartPoint, PlacementRefused> {
    ChartPoint::parse(view, x, y).map_err(|source| PlacementRefused::OffTheChart { x, y, source })
}

/// Why a place was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlacementRefused {
    #[error("off the chart")]
    OffTheChart {
        x: Decimal,
        y: Decimal,
        source: super::chart::ChartPointRefused,
    },
    #[error(transparent)]
    Anatomy(Box<AnatomyRefused>),
}

impl From<AnatomyRefused> for PlacementRefused {
    fn from(refused: AnatomyRefused) -> Self {
        Self::Anatomy(Box::new(refused))
    }
}

impl Refusal for PlacementRefused {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::OffTheChart { x, y, .. } => {
                let faulty =
                    |(_, value): &(&str, Decimal)| !(Decimal::ZERO..=Decimal::ONE).contains(value);
                let error = |(field, _)| FieldError::new(field, "must lie between 0 and 1");
                let fields = [("/x", x), ("/y", y)];
                Problem::invalid(fields.into_iter().filter(faulty).map(error).collect())
            }
            Self::Anatomy(refused) => disagreement(&refused),
        }
    }
}

fn disagreement(refused: &AnatomyRefused) -> Problem {
    let agree = &refused.would_agree;
    let errors = refused
        .disagreements
        .iter()
        .map(|disagreement| match disagreement {
            Disagreement::SideOfMuscle => FieldError::new(
                "/side",
                format!("must be {}", spoken(&agree.sides, Side::as_str)),
            ),
            Disagreement::ViewOfMuscle => FieldError::new(
                "/view",
                format!(
                    "does not show this muscle; {} would",
                    spoken(&agree.views, View::as_str)
                ),
            ),
            Disagreement::SideOfView => FieldError::new(
                "/view",
                format!(
                    "does not show this side; {} would",
                    spoken(&agree.views, View::as_str)
                ),
            ),
            Disagreement::SideOfPosition => FieldError::new(
                "/x",
                agree.x_between.map_or_else(
                    || "lies on another side".to_owned(),
                    |(from, to)| {
                        format!(
                            "lies on another side; {} to {} would agree",
                            from.normalize(),
                            to.normalize()
                        )
                    },
                ),
            ),
        });
    let place = agree.usual_place;
    let x_between = agree
        .x_between
        .map(|(from, to)| [from.normalize().to_string(), to.normalize().to_string()]);
    Problem::invalid(errors.collect())
        .detail("Muscle, side, view and coordinates do not agree.")
        .member("disagreements", &refused.disagreements)
        .member(
            "would_agree",
            serde_json::json!({
                "sides": agree.sides,
                "side_of_position": agree.side_of_position,
                "views": agree.views,
                "x_between": x_between,
                "usual_place": {
                    "view": place.view(),
                    "x": place.x().normalize().to_string(),
                    "y": place.y().normalize().to_string(),
                },
            }),
        )
}

fn spoken<T: Copy>(words: &[T], word: impl Fn(T) -> &'static str) -> String {
    let words: Vec<&str> = words.iter().map(|one| word(*one)).collect();
    words.join(" or ")
}
