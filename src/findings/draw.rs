//! Drawing the points of a visit, and how two visits differ, on the body chart.

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::patients::{self, PatientId, person_id};
use crate::platform::database::{Stored, Transaction};
use crate::platform::pipeline::pipelined;
use crate::visits::{VisitDay, VisitId, visit_day};

use super::body_chart::{
    BodyChart, BodyChartDifference, ChartedPoint, Given, Mark, Subject, render, render_difference,
};
use super::palpation::{InjectedSite, Palpation, PointId};
use super::read::{Read, ReadError};
use super::store;

/// Draws the points of a visit as an SVG picture.
pub(crate) async fn draw_visit(
    transaction: &Transaction<'_, Read>,
    visit_id: VisitId,
) -> Result<String, ReadError> {
    let visit = visit_day(transaction, visit_id).await?;
    let visit = visit.ok_or(ReadError::NotFound)?;
    let drawn = Drawn::at(transaction, &[visit_id]).await?;
    let subject = subject(transaction, &visit).await?;
    transaction.touch("visit", visit_id, visit.patient_id);
    let heading = format!("Visit of {}", spoken(visit.date));
    Ok(render(&BodyChart {
        subject,
        ..drawn.chart(heading, visit_id)
    }))
}

/// Two visits of one patient, the earlier one first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ComparedVisits {
    pub(crate) from_id: VisitId,
    pub(crate) to_id: VisitId,
}

/// Draws how the points of a patient differ between two visits, as an SVG picture.
pub(crate) async fn draw_difference(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    compared: ComparedVisits,
) -> Result<String, ReadError> {
    let person_id = person_id(transaction, patient_id).await?;
    let person_id = person_id.ok_or(ReadError::NotFound)?;
    let ComparedVisits { from_id, to_id } = compared;
    let (from, to) = pipelined!(
        visit_day(transaction, from_id),
        visit_day(transaction, to_id),
    )?;
    let of_patient = |visit: &VisitDay| visit.person_id == person_id;
    let (from, to) = match (from.filter(of_patient), to.filter(of_patient)) {
        (Some(from), Some(to)) => (from, to),
        (from, to) => {
            let fields = [("from_visit", from.is_none()), ("to_visit", to.is_none())];
            let unknown = fields.into_iter().filter(|(_, unknown)| *unknown);
            return Err(ReadError::AnotherVisit(
                unknown.map(|(field, _)| field).collect(),
            ));
        }
    };
    let drawn = Drawn::at(transaction, &[from_id, to_id]).await?;
    transaction.touch("trigger_points", patient_id, patient_id);
    let subject = subject(transaction, &to).await?;
    let (from_day, to_day) = (spoken(from.date), spoken(to.date));
    Ok(render_difference(&BodyChartDifference {
        heading: format!("From {from_day} to {to_day}"),
        from: drawn.chart(format!("Visit of {from_day}"), from_id),
        to: BodyChart {
            subject,
            ..drawn.chart(format!("Visit of {to_day}"), to_id)
        },
    }))
}

/// Whose visit it was. Whoever may read the findings of a visit may read whose they are.
async fn subject(transaction: &Transaction<'_, Read>, visit: &VisitDay) -> Stored<Option<Subject>> {
    let patient = patients::find(transaction, visit.person_id).await?;
    Ok(patient.map(|patient| Subject {
        patient_name: format!(
            "{} {}",
            patient.details.given_name, patient.details.family_name
        ),
        birth_date: patient.details.birth_date,
        record_number: patient.record_number,
        provider_name: visit.provider_name.clone(),
    }))
}

fn spoken(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// Everything that can be drawn of some visits.
struct Drawn {
    palpations: Vec<Palpation>,
    sites: Vec<InjectedSite>,
}

impl Drawn {
    async fn at(transaction: &Transaction<'_, Read>, visit_ids: &[VisitId]) -> Stored<Self> {
        let (palpations, sites) = pipelined!(
            store::of_visits(transaction, visit_ids),
            store::sites_of_visits(transaction, visit_ids),
        )?;
        Ok(Self { palpations, sites })
    }

    /// The points of one of the visits: those that were palpated, then those that were only
    /// injected.
    fn chart(&self, heading: String, visit_id: VisitId) -> BodyChart {
        let sites: Vec<&InjectedSite> = self
            .sites
            .iter()
            .filter(|site| site.visit_id == visit_id)
            .collect();
        let injected: HashSet<_> = sites.iter().filter_map(|site| site.point_id).collect();
        let palpated: Vec<&Palpation> = self
            .palpations
            .iter()
            .filter(|palpation| palpation.visit_id == visit_id)
            .collect();
        let known: HashSet<_> = palpated
            .iter()
            .map(|palpation| palpation.point_id)
            .collect();
        let points = palpated.iter().map(|palpation| ChartedPoint {
            point_id: palpation.point_id.uuid(),
            muscle: palpation.muscle_name.clone(),
            side: palpation.side,
            place: palpation.place,
            mark: Mark::of(palpation.classified, palpation.course),
            is_injected: injected.contains(&palpation.point_id),
            given: sites
                .iter()
                .filter(|site| site.point_id == Some(palpation.point_id))
                .fold(Given::default(), |sum, site| sum.and(site.given)),
            referred_zones: palpation.felt.referred_zones.clone(),
        });
        let only_injected = sites
            .iter()
            .filter(|site| {
                site.point_id
                    .is_none_or(|point_id| !known.contains(&point_id))
            })
            .map(|site| ChartedPoint {
                point_id: site.point_id.map_or(site.injection_id, PointId::uuid),
                muscle: site.muscle_name.clone(),
                side: site.side,
                place: site.place,
                mark: Mark::Unclassified,
                is_injected: true,
                given: site.given,
                referred_zones: Vec::new(),
            });
        BodyChart {
            heading,
            subject: None,
            points: points.chain(only_injected).collect(),
        }
    }
}
