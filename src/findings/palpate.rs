//! Recording what was felt at a trigger point.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::{Stale, Version};
use crate::platform::problem::{self, FieldError, Member, Problem, ProblemType, Refusal, Shape};
use crate::visits::{self, ALREADY_VOIDED, OpenVisit, VisitId, VisitRefused};

use super::catalogue::find_muscle;
use super::chart::{CHART_VERSION, Side, View};
use super::course::{self, KnownPoint, Observation, propose_same};
use super::muscle::{Muscle, Placement, PlacementRefused};
use super::palpation::{Felt, Palpation, PalpationId, PlacedPoint, PointId};
use super::store;

action!(
    /// Recording what was felt at trigger points.
    Palpate, "findings.palpate", record, [Provider, Assistant]
);

/// A palpation to be recorded.
pub(crate) struct PalpatePoint {
    pub(crate) muscle_code: String,
    pub(crate) side: Side,
    pub(crate) view: View,
    pub(crate) x: Decimal,
    pub(crate) y: Decimal,
    pub(crate) felt: Felt,
    /// The earlier point the provider recognised.
    pub(crate) same_as: Option<PointId>,
    /// Why the provider insists on a place that the anatomy check refuses.
    pub(crate) placement_reason: Option<String>,
    /// When it was felt, if it is entered later than that.
    pub(crate) palpated_at: Option<DateTime<Utc>>,
}

/// A recorded palpation, and what the provider should look at again.
pub(crate) struct Palpated {
    pub(crate) palpation: Palpation,
    /// Earlier points this new one may be, the nearest first.
    pub(crate) proposed_same_as: Vec<PointId>,
    /// The point lies far from where the chart usually shows the muscle.
    pub(crate) is_unusual: bool,
}

impl PalpatePoint {
    fn placement(&self, muscle: &Muscle) -> Result<Placement, PlacementRefused> {
        let accept = if self.placement_reason.is_some() {
            Placement::insist
        } else {
            Placement::parse
        };
        accept(muscle, self.side, self.view, self.x, self.y)
    }
}

/// Why a palpation was not recorded or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PalpateError {
    #[error(transparent)]
    Visit(#[from] VisitRefused),
    #[error("no such palpation")]
    NotFound,
    #[error("no such muscle")]
    UnknownMuscle,
    #[error(transparent)]
    Misplaced(#[from] PlacementRefused),
    #[error("not an earlier point of this patient, muscle and side")]
    AnotherPoint,
    #[error("this visit has palpated the point already")]
    AlreadyPalpated(PalpationId),
    #[error("needles went into the point")]
    Injected(Vec<Uuid>),
    #[error("it was entered in error")]
    Voided,
    #[error("the time cannot be right")]
    WrongTime(FieldError),
    #[error(transparent)]
    Stale(#[from] Stale),
}

impl From<DatabaseError> for PalpateError {
    fn from(error: DatabaseError) -> Self {
        Self::Visit(error.into())
    }
}

static ALREADY_PALPATED: ProblemType = ProblemType::new(
    "already-palpated",
    409,
    "This visit has palpated the point already",
)
.with(&[Member::new(
    "palpation_id",
    Shape::Id,
    "What this visit has of the point already.",
)]);

static POINT_INJECTED: ProblemType = ProblemType::new(
    "point-injected",
    409,
    "Injections of this visit went into the point",
)
.with(&[Member::new(
    "injection_ids",
    Shape::Ids,
    "Injections into the point.",
)]);

impl Refusal for PalpateError {
    const TYPES: &'static [&'static ProblemType] = &[
        &ALREADY_PALPATED,
        &POINT_INJECTED,
        &ALREADY_VOIDED,
        &problem::SEALED,
    ];

    fn problem(self) -> Problem {
        match self {
            Self::Visit(refused) => refused.problem(),
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::UnknownMuscle => {
                Problem::field("/muscle_code", "names no muscle of the catalogue")
            }
            Self::Misplaced(refused) => refused.problem(),
            Self::AnotherPoint => Problem::field(
                "/same_as",
                "names no earlier point of this patient in this muscle on this side",
            ),
            Self::AlreadyPalpated(palpation_id) => {
                Problem::new(&ALREADY_PALPATED).member("palpation_id", palpation_id)
            }
            Self::Injected(injection_ids) => Problem::new(&POINT_INJECTED)
                .detail(
                    "Void the injections named in injection_ids first, then correct muscle or side, and \
                     record them again.",
                )
                .member("injection_ids", injection_ids),
            Self::Voided => Problem::new(&ALREADY_VOIDED),
            Self::WrongTime(error) => Problem::invalid(vec![error]),
            Self::Stale(stale) => stale.problem(),
        }
    }
}

/// Records what was felt, at an earlier point that the provider recognised or at a new one.
pub(crate) async fn palpate(
    transaction: &Transaction<'_, Palpate>,
    visit_id: VisitId,
    command: PalpatePoint,
) -> Result<Palpated, PalpateError> {
    let visit = visits::open_visit(transaction, visit_id).await?;
    let entered_later = entered_later(&visit, command.palpated_at, transaction.now())?;
    let palpated_at = entered_later.unwrap_or_else(|| transaction.now());
    let muscle = find_muscle(transaction, &command.muscle_code).await?;
    let muscle = muscle.ok_or(PalpateError::UnknownMuscle)?;
    let placement = command.placement(&muscle)?;
    let side = placement.side();
    let known = store::at_muscle(transaction, visit.patient_id, &muscle.code, side).await?;
    let earlier: Vec<&Palpation> = known
        .iter()
        .filter(|known| Some(known.point_id) == command.same_as)
        .collect();
    if command.same_as.is_some() && earlier.is_empty() {
        return Err(PalpateError::AnotherPoint);
    }
    if let Some(same) = earlier.iter().find(|earlier| earlier.visit_id == visit_id) {
        return Err(PalpateError::AlreadyPalpated(same.id));
    }
    let observations: Vec<Observation> = earlier
        .iter()
        .filter(|earlier| earlier.palpated_at() <= palpated_at)
        .map(|earlier| earlier.observation())
        .collect();
    let point_id = command
        .same_as
        .unwrap_or_else(|| PointId::fresh(transaction.now()));
    let palpated = PalpatedPoint {
        point_id,
        entered_later,
        muscle: &muscle,
        placement: &placement,
        placement_reason: command.placement_reason,
    };
    let palpation = palpated.palpation(transaction, &visit, command.felt, &observations);
    if command.same_as.is_none() {
        store::insert_point(transaction, &palpation).await?;
    }
    store::insert_palpation(transaction, &palpation).await?;
    transaction.touch("palpation", palpation.id, palpation.patient_id);
    let proposed_same_as = if command.same_as.is_some() {
        Vec::new()
    } else {
        proposals(&known, &muscle.code, &placement)
    };
    Ok(Palpated {
        palpation,
        proposed_same_as,
        is_unusual: placement.is_unusual(),
    })
}

/// When it was felt, where that was earlier than now. Under a visit that is entered late, it was felt when the
/// visit began, unless another time is named.
fn entered_later(
    visit: &OpenVisit,
    named: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, PalpateError> {
    let named = named.or_else(|| visit.is_late_entry.then_some(visit.started_at));
    let Some(named) = named else {
        return Ok(None);
    };
    let accepted = visit.clinical_time(now).accept(Some(named), "/palpated_at");
    accepted.map(Some).map_err(PalpateError::WrongTime)
}

/// The point that is palpated.
struct PalpatedPoint<'a> {
    point_id: PointId,
    entered_later: Option<DateTime<Utc>>,
    muscle: &'a Muscle,
    placement: &'a Placement,
    placement_reason: Option<String>,
}

impl PalpatedPoint<'_> {
    fn palpation(
        self,
        transaction: &Transaction<'_, Palpate>,
        visit: &OpenVisit,
        felt: Felt,
        earlier: &[Observation],
    ) -> Palpation {
        let now = transaction.now();
        let placement = self.placement;
        let classified = felt.classified();
        let mut palpation = Palpation {
            id: PalpationId::fresh(now),
            visit_id: visit.id,
            patient_id: visit.patient_id,
            person_id: visit.person_id,
            point_id: self.point_id,
            muscle_code: self.muscle.code.clone(),
            muscle_name: self.muscle.name.clone(),
            side: placement.side(),
            place: placement.point(),
            chart_version: CHART_VERSION,
            felt,
            placement_reason: self.placement_reason.filter(|_| placement.is_overridden()),
            classified,
            course: course::Course::New,
            examined_by: Some(transaction.principal().user_id),
            voided: None,
            entered_later: self.entered_later,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        };
        palpation.course = course::course(earlier, palpation.observation().presence);
        palpation
    }
}

/// Returns the earlier points that are near enough to be the same, each at the place where it was
/// last seen.
pub(super) fn proposals(
    known: &[Palpation],
    muscle_code: &str,
    placement: &Placement,
) -> Vec<PointId> {
    let mut points: Vec<KnownPoint> = Vec::new();
    for palpation in known.iter().rev() {
        let point_id = palpation.point_id.uuid();
        if points.iter().all(|point| point.point_id != point_id) {
            points.push(KnownPoint {
                point_id,
                muscle_code: palpation.muscle_code.clone(),
                side: palpation.side,
                place: palpation.place,
            });
        }
    }
    propose_same(&points, muscle_code, placement.side(), &placement.point())
        .into_iter()
        .map(|point| point.point_id.into())
        .collect()
}

/// Returns where a recorded point of this patient lies, for an injection.
pub(crate) async fn find_point(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: PointId,
) -> Stored<Option<PlacedPoint>> {
    store::find_point(transaction, patient_id, id).await
}
