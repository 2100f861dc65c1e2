//! Adding a muscle to the catalogue for one practice.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id;
use crate::platform::problem::{Problem, ProblemType, Refusal};

use super::anatomy::{Disagreement, Home, MuscleAnatomy, Region, check};
use super::chart::{ChartPoint, Side};
use super::muscle::{ExternalIdentifiers, Muscle, MuscleKind};
use super::store;

action!(
    /// Adding a muscle of the practice's own to the catalogue.
    AddMuscle, "muscles.add", practice, [Admin, Provider]
);

/// A muscle to be added.
pub(crate) struct NewMuscle {
    pub(crate) name: String,
    pub(crate) latin: String,
    pub(crate) region: Region,
    pub(crate) is_paired: bool,
    pub(crate) nerve: String,
    pub(crate) referral: String,
    pub(crate) needle: String,
    pub(crate) cautions: Vec<String>,
    /// For a paired muscle, that of the left one.
    pub(crate) usual_place: ChartPoint,
}

/// Why a muscle was not added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddMuscleError {
    #[error("the usual place does not agree with region and side")]
    Misplaced(Vec<Disagreement>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for AddMuscleError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::Misplaced(disagreements) => Problem::field(
                "/chart_point",
                "must lie in the region of the muscle; for a paired muscle, on the left",
            )
            .member("disagreements", disagreements),
            Self::Database(error) => error.into(),
        }
    }
}

/// The catalogue version of muscles that a practice added.
const OWN: &str = "own";

/// Adds a muscle. Its usual place must pass the anatomy check, like every finding.
pub(crate) async fn add_muscle(
    transaction: &Transaction<'_, AddMuscle>,
    new: &NewMuscle,
) -> Result<Muscle, AddMuscleError> {
    let anatomy = MuscleAnatomy {
        is_paired: new.is_paired,
        home: Home {
            region: new.region,
            usual_place: new.usual_place,
        },
        parts: Vec::new(),
    };
    let side = if new.is_paired {
        Side::Left
    } else {
        Side::Midline
    };
    check(&anatomy, side, &new.usual_place)
        .map_err(|refused| AddMuscleError::Misplaced(refused.disagreements))?;
    let muscle = Muscle {
        code: own_code(&new.name, transaction),
        parent_code: None,
        kind: MuscleKind::Muscle,
        latin: new.latin.clone(),
        name: new.name.clone(),
        nerve: new.nerve.clone(),
        referral: new.referral.clone(),
        needle: new.needle.clone(),
        cautions: new.cautions.clone(),
        identifiers: ExternalIdentifiers {
            fma: None,
            uberon: None,
            ta98: None,
            snomed_ct: None,
            broader: Vec::new(),
        },
        catalogue_version: OWN.to_owned(),
        anatomy,
    };
    store::insert_muscle(transaction, &muscle).await?;
    Ok(muscle)
}

/// Makes a code: `own_`, the name in plain letters, and random letters that make it unique among
/// all practices.
fn own_code(name: &str, transaction: &Transaction<'_, AddMuscle>) -> String {
    let plain = deunicode::deunicode(name).to_lowercase();
    let words = plain
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let name: String = words
        .collect::<Vec<_>>()
        .join("_")
        .chars()
        .take(30)
        .collect();
    let id = id::fresh(transaction.now()).simple().to_string();
    let tail: String = id.chars().skip(20).collect();
    format!("own_{name}_{tail}")
}
