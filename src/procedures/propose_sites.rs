//! Proposing sites: those of a template, or of the last session.

use chrono::{DateTime, Utc};

use crate::findings::{self, ChartPoint, Muscle, View};
use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::problem::FieldError;

use super::draft::{Draft, DraftId, DraftSource, DraftStatus, chart_side};
use super::draft_error::DraftError;
use super::injection::Injection;
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::hold;
use super::store;
use tautband_rules::kind::Side;
use tautband_rules::template::{SiteOfTemplate, Template, TemplatePlace, templates};

action!(
    /// Proposing sites.
    ProposeSites, "procedures.propose", record, [Provider, Assistant]
);
/// Proposes the sites of a template, or of the patient's last procedure of this kind.
pub(super) async fn propose_sites(
    transaction: &Transaction<'_, ProposeSites>,
    id: ProcedureId,
    from: DraftSource,
    template_code: Option<&str>,
) -> Result<Vec<Draft>, DraftError> {
    let held = hold(transaction, id).await?;
    held.require(Act::Propose)?;
    if store::has_open_drafts(transaction, id).await? {
        return Err(DraftError::Exist);
    }
    let procedure = &held.procedure;
    let drafts = match from {
        DraftSource::Template => {
            let code = template_code.or(procedure.template_code.as_deref());
            let template = code.and_then(|code| templates().of_kind(code, procedure.kind));
            let template = template.ok_or_else(|| {
                let detail = "names no template of this kind";
                DraftError::Invalid(FieldError::new("/template_code", detail))
            })?;
            let codes: Vec<&str> = template.places().map(|site| site.muscle_code).collect();
            let muscles = findings::muscles(transaction, &codes).await?;
            of_template(template, &muscles, transaction.now())
        }
        DraftSource::LastTime => {
            let last = store::last_completed(transaction, procedure).await?;
            let last = last.ok_or(DraftError::NothingToPropose)?;
            of_last_time(&last, transaction.now())
        }
    };
    store::insert_drafts(transaction, procedure, &drafts).await?;
    Ok(drafts)
}

fn of_template(template: &Template, muscles: &[Muscle], now: DateTime<Utc>) -> Vec<Draft> {
    let draft = |(position, site): (i16, SiteOfTemplate<'_>)| {
        let (code, on) = (site.muscle_code, site.side);
        let muscle = muscles.iter().find(|muscle| muscle.code == code)?;
        let usual = muscle.anatomy.usual_place(chart_side(on));
        let point = site
            .place
            .map_or(Some(usual), |place| place_on(place, on))?;
        Some(Draft {
            id: DraftId::fresh(now),
            position,
            point_id: None,
            muscle_code: code.to_owned(),
            side: on,
            view: point.view(),
            x: point.x(),
            y: point.y(),
            volume_ml: template.volume_ml,
            needle_gauge: Some(template.needle_gauge),
            needle_length_mm: Some(template.needle_length_mm),
            approach: Some(template.approach),
            source: template.code.clone(),
            source_solution_id: None,
            status: DraftStatus::Open,
            injection_id: None,
            settled: None,
            created_at: now,
        })
    };
    (1..).zip(template.places()).filter_map(draft).collect()
}

/// The place of the template on this side.
fn place_on(place: &TemplatePlace, side: Side) -> Option<ChartPoint> {
    let point = ChartPoint::parse(View::parse(&place.view)?, place.x, place.y).ok()?;
    Some(if side == Side::Right {
        point.mirrored()
    } else {
        point
    })
}

fn of_last_time(last: &Procedure, now: DateTime<Utc>) -> Vec<Draft> {
    let draft = |(position, site): (i16, &Injection)| Draft {
        id: DraftId::fresh(now),
        position,
        point_id: site.place.point_id,
        muscle_code: site.place.muscle_code.clone(),
        side: site.place.side,
        view: site.place.view,
        x: site.place.x,
        y: site.place.y,
        volume_ml: site.volume_ml,
        needle_gauge: Some(site.needle.gauge),
        needle_length_mm: Some(site.needle.length_mm),
        approach: Some(site.needle.approach),
        source: DraftSource::LastTime.as_str().to_owned(),
        source_solution_id: site.solution_id,
        status: DraftStatus::Open,
        injection_id: None,
        settled: None,
        created_at: now,
    };
    (1..).zip(&last.injections).map(draft).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_template_can_be_drawn_on_its_side() {
        for template in &templates().templates {
            for site in template.places() {
                let Some(place) = site.place else { continue };
                let point = place_on(place, site.side);
                let drawn = point.map(|point| point.expected_side().as_str());
                let told = format!("{} {} {place:?}", template.code, site.muscle_code);
                assert_eq!(drawn, Some(site.side.as_str()), "{told}");
            }
        }
    }
}
