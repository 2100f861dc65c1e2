//! Procedures with all that belongs to them.
//!
//! Every read joins the visit: what row-level security hides of visits (from a patient, until the
//! signature) it thereby hides of procedures. What belongs to a procedure comes with it as one list a
//! kind, so that it is read in one statement.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::findings::PatientPosition;
use crate::findings::{PointId, View};
use crate::patients::{PatientId, PersonIdOf, person_id_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::id;
use crate::platform::page::Window;
use crate::platform::text::Word;
use crate::schema::{
    injections, procedures, safety_overrides, solution_components, solutions, visits,
};
use crate::visits::VisitId;

use super::super::decision::Override;
use super::super::observation::Discharge;
use super::super::procedure::{
    ConsentMethod, GivenConsent, Injection, InjectionId, Procedure, ProcedureId, ProcedureStatus,
    SolutionId, Stop, Syringe, TimeOut, TimeOutPoints,
};
use super::super::set_up::{Guidance, Preparation, SkinPreparation};
use super::belongings::{BelongingsRow, belongings};
use crate::stock::LotId;
use crate::stock::VialId;
use tautband_rules::checklist::{Checklist, SiteFinding};
use tautband_rules::dose::ConcentrationUnit;
use tautband_rules::kind::{Approach, ProcedureKind, Side};

#[derive(Queryable, Selectable)]
#[diesel(table_name = procedures, check_for_backend(diesel::pg::Pg))]
struct ProcedureRow {
    id: ProcedureId,
    visit_id: VisitId,
    patient_id: PatientId,
    #[diesel(select_expression = person_id_of!("procedures"))]
    #[diesel(select_expression_type = PersonIdOf)]
    person_id: PatientId,
    provider_id: Uuid,
    kind: Word<ProcedureKind>,
    status: ProcedureStatus,
    indication_codes: Vec<Option<String>>,
    template_code: Option<String>,
    consent_given_by: Option<String>,
    consent_method: Option<ConsentMethod>,
    consent_text_version: Option<String>,
    consent_at: Option<DateTime<Utc>>,
    time_out_patient: Option<bool>,
    time_out_procedure: Option<bool>,
    time_out_site: Option<bool>,
    time_out_allergies: Option<bool>,
    time_out_anticoagulants: Option<bool>,
    time_out_by: Option<Uuid>,
    time_out_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    stopped_at: Option<DateTime<Utc>>,
    stopped_by: Option<Uuid>,
    stop_reason: Option<String>,
    safety: Option<serde_json::Value>,
    checklist: Option<serde_json::Value>,
    checklist_by: Option<Uuid>,
    checklist_at: Option<DateTime<Utc>>,
    patient_position: Option<PatientPosition>,
    skin_preparation: Option<SkinPreparation>,
    guidance: Option<Guidance>,
    discharged_at: Option<DateTime<Utc>>,
    discharged_by: Option<Uuid>,
    aftercare_given: Option<bool>,
    discharge_note: Option<String>,
    early_discharge_reason: Option<String>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl ProcedureRow {
    fn consent(&self) -> Option<GivenConsent> {
        Some(GivenConsent {
            given_by: self.consent_given_by.clone()?,
            method: self.consent_method?,
            text_version: self.consent_text_version.clone()?,
            at: self.consent_at?,
        })
    }

    fn time_out(&self) -> Option<TimeOut> {
        Some(TimeOut {
            confirmed: TimeOutPoints {
                patient: self.time_out_patient?,
                procedure: self.time_out_procedure?,
                site: self.time_out_site?,
                allergies: self.time_out_allergies?,
                anticoagulants: self.time_out_anticoagulants?,
            },
            by: self.time_out_by?,
            at: self.time_out_at?,
        })
    }

    fn checklist(&self) -> Option<Checklist> {
        let answers = serde_json::from_value(self.checklist.clone()?);
        let answers = answers.inspect_err(|error| {
            tracing::error!(%error, "a checklist cannot be read");
        });
        Some(Checklist {
            answers: answers.ok()?,
            by: self.checklist_by?,
            at: self.checklist_at?,
        })
    }

    fn stopped(&self) -> Option<Stop> {
        Some(Stop {
            reason: self.stop_reason.clone()?,
            by: self.stopped_by?,
            at: self.stopped_at?,
        })
    }

    fn discharge(&self) -> Option<Discharge> {
        Some(Discharge {
            is_aftercare_given: self.aftercare_given?,
            note: self.discharge_note.clone(),
            early_reason: self.early_discharge_reason.clone(),
            by: self.discharged_by?,
            at: self.discharged_at?,
        })
    }

    fn procedure(self, belongings: BelongingsRow) -> Stored<Procedure> {
        let belongings = belongings.read()?;
        Ok(Procedure {
            consent: self.consent(),
            time_out: self.time_out(),
            checklist: self.checklist(),
            discharge: self.discharge(),
            stopped: self.stopped(),
            preparation: Preparation {
                position: self.patient_position,
                skin: self.skin_preparation,
                guidance: self.guidance,
            },
            syringes: belongings.syringes,
            injections: belongings.injections,
            overrides: belongings.overrides,
            wastes: belongings.wastes,
            observations: belongings.observations,
            id: self.id,
            visit_id: self.visit_id,
            patient_id: self.patient_id,
            person_id: self.person_id,
            provider_id: self.provider_id,
            kind: self.kind.0,
            status: self.status,
            indication_codes: self.indication_codes.into_iter().flatten().collect(),
            template_code: self.template_code,
            started_at: self.started_at,
            completed_at: self.completed_at,
            safety: self.safety,
            version: self.version,
            updated_at: self.updated_at,
        })
    }
}

pub(in super::super) async fn find_procedure(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Stored<Option<Procedure>> {
    let found: Option<(ProcedureRow, BelongingsRow)> = procedures::table
        .inner_join(visits::table.on(on_visit()))
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::id.eq(id))
        .select((ProcedureRow::as_select(), belongings()))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    found
        .map(|(row, belongings)| row.procedure(belongings))
        .transpose()
}

/// The procedures of a visit from the place of the window on.
pub(in super::super) async fn procedures_of_visit(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
    window: &Window<Uuid>,
) -> Stored<Vec<Procedure>> {
    let mut query = procedures::table
        .inner_join(visits::table.on(on_visit()))
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::visit_id.eq(visit_id))
        .order(procedures::id)
        .limit(window.probe())
        .select((ProcedureRow::as_select(), belongings()))
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(procedures::id.gt(after));
    }
    let found: Vec<(ProcedureRow, BelongingsRow)> =
        query.load(&mut transaction.connection()).await?;
    found
        .into_iter()
        .map(|(row, belongings)| row.procedure(belongings))
        .collect()
}

/// Whether the visit is there for who asks.
pub(in super::super) async fn visit_is_seen(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<bool> {
    let query = visits::table
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::id.eq(id));
    let seen = diesel::select(diesel::dsl::exists(query));
    Ok(seen.get_result(&mut transaction.connection()).await?)
}

/// The visit a procedure belongs to.
pub(in super::super) async fn visit_of(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Stored<Option<VisitId>> {
    let visit_id = procedures::table
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::id.eq(id))
        .select(procedures::visit_id)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(visit_id)
}

/// Locks a procedure until the transaction ends.
pub(in super::super) async fn lock_procedure(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Stored<bool> {
    let held: Option<ProcedureId> = procedures::table
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::id.eq(id))
        .select(procedures::id)
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(held.is_some())
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = procedures, primary_key(practice_id, id, visit_id, patient_id), treat_none_as_null = true, treat_none_as_default_value = false)]
struct WrittenRow<'a> {
    practice_id: Uuid,
    id: ProcedureId,
    visit_id: VisitId,
    patient_id: PatientId,
    provider_id: Uuid,
    kind: Word<ProcedureKind>,
    status: ProcedureStatus,
    indication_codes: &'a [String],
    template_code: Option<&'a str>,
    consent_given_by: Option<&'a str>,
    consent_method: Option<ConsentMethod>,
    consent_text_version: Option<&'a str>,
    consent_at: Option<DateTime<Utc>>,
    time_out_patient: Option<bool>,
    time_out_procedure: Option<bool>,
    time_out_site: Option<bool>,
    time_out_allergies: Option<bool>,
    time_out_anticoagulants: Option<bool>,
    time_out_by: Option<Uuid>,
    time_out_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    stopped_at: Option<DateTime<Utc>>,
    stopped_by: Option<Uuid>,
    stop_reason: Option<&'a str>,
    safety: Option<&'a serde_json::Value>,
    checklist: Option<serde_json::Value>,
    checklist_by: Option<Uuid>,
    checklist_at: Option<DateTime<Utc>>,
    patient_position: Option<PatientPosition>,
    skin_preparation: Option<SkinPreparation>,
    guidance: Option<Guidance>,
    discharged_at: Option<DateTime<Utc>>,
    discharged_by: Option<Uuid>,
    aftercare_given: Option<bool>,
    discharge_note: Option<&'a str>,
    early_discharge_reason: Option<&'a str>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl<'a> WrittenRow<'a> {
    fn new(practice_id: Uuid, procedure: &'a Procedure) -> Self {
        let consent = procedure.consent.as_ref();
        let confirmed = procedure.time_out.map(|time_out| time_out.confirmed);
        let checklist = procedure.checklist.as_ref();
        let discharge = procedure.discharge.as_ref();
        let stopped = procedure.stopped.as_ref();
        Self {
            practice_id,
            id: procedure.id,
            visit_id: procedure.visit_id,
            patient_id: procedure.patient_id,
            provider_id: procedure.provider_id,
            kind: Word(procedure.kind),
            status: procedure.status,
            indication_codes: &procedure.indication_codes,
            template_code: procedure.template_code.as_deref(),
            consent_given_by: consent.map(|consent| consent.given_by.as_str()),
            consent_method: consent.map(|consent| consent.method),
            consent_text_version: consent.map(|consent| consent.text_version.as_str()),
            consent_at: consent.map(|consent| consent.at),
            time_out_patient: confirmed.map(|points| points.patient),
            time_out_procedure: confirmed.map(|points| points.procedure),
            time_out_site: confirmed.map(|points| points.site),
            time_out_allergies: confirmed.map(|points| points.allergies),
            time_out_anticoagulants: confirmed.map(|points| points.anticoagulants),
            time_out_by: procedure.time_out.map(|time_out| time_out.by),
            time_out_at: procedure.time_out.map(|time_out| time_out.at),
            started_at: procedure.started_at,
            completed_at: procedure.completed_at,
            stopped_at: stopped.map(|stop| stop.at),
            stopped_by: stopped.map(|stop| stop.by),
            stop_reason: stopped.map(|stop| stop.reason.as_str()),
            safety: procedure.safety.as_ref(),
            checklist: checklist.and_then(|one| serde_json::to_value(&one.answers).ok()),
            checklist_by: checklist.map(|one| one.by),
            checklist_at: checklist.map(|one| one.at),
            patient_position: procedure.preparation.position,
            skin_preparation: procedure.preparation.skin,
            guidance: procedure.preparation.guidance,
            discharged_at: discharge.map(|one| one.at),
            discharged_by: discharge.map(|one| one.by),
            aftercare_given: discharge.map(|one| one.is_aftercare_given),
            discharge_note: discharge.and_then(|one| one.note.as_deref()),
            early_discharge_reason: discharge.and_then(|one| one.early_reason.as_deref()),
            version: procedure.version,
            updated_at: procedure.updated_at,
        }
    }
}

pub(in super::super) async fn insert_procedure(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
) -> Stored<()> {
    let row = WrittenRow::new(transaction.practice_id(), procedure);
    diesel::insert_into(procedures::table)
        .values((&row, procedures::created_at.eq(transaction.now())))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Writes the procedure itself; what belongs to it is only ever added.
pub(in super::super) async fn record_procedure(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
) -> Stored<()> {
    let row = WrittenRow::new(transaction.practice_id(), procedure);
    diesel::update(procedures::table)
        .filter(procedures::practice_id.eq(row.practice_id))
        .filter(procedures::id.eq(row.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = solution_components, treat_none_as_default_value = false)]
struct NewComponentRow<'a> {
    practice_id: Uuid,
    id: Uuid,
    solution_id: SolutionId,
    visit_id: VisitId,
    patient_id: PatientId,
    position: i16,
    drug_code: &'a str,
    concentration: Option<ExactDecimal>,
    concentration_unit: Option<Word<ConcentrationUnit>>,
    volume_ml: ExactDecimal,
    lot_id: LotId,
    vial_id: Option<VialId>,
}

pub(in super::super) async fn insert_syringe(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    syringe: &Syringe,
) -> Stored<()> {
    let practice_id = transaction.practice_id();
    diesel::insert_into(solutions::table)
        .values((
            solutions::practice_id.eq(practice_id),
            solutions::id.eq(syringe.id),
            solutions::procedure_id.eq(procedure.id),
            solutions::visit_id.eq(procedure.visit_id),
            solutions::patient_id.eq(procedure.patient_id),
            solutions::label.eq(&syringe.label),
            solutions::volume_ml.eq(ExactDecimal(syringe.volume_ml)),
            solutions::prepared_at.eq(syringe.prepared_at),
            solutions::prepared_by.eq(syringe.prepared_by),
            solutions::beyond_use_at.eq(syringe.beyond_use_at),
            solutions::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    let rows: Vec<NewComponentRow<'_>> = (0_i16..)
        .zip(&syringe.components)
        .map(|(position, component)| NewComponentRow {
            practice_id,
            id: id::fresh(transaction.now()),
            solution_id: syringe.id,
            visit_id: procedure.visit_id,
            patient_id: procedure.patient_id,
            position,
            drug_code: &component.drug_code,
            concentration: component.concentration.map(|one| one.value().into()),
            concentration_unit: component.concentration.map(|one| Word(one.unit())),
            volume_ml: component.volume_ml.into(),
            lot_id: component.lot_id,
            vial_id: component.vial_id,
        })
        .collect();
    diesel::insert_into(solution_components::table)
        .values(&rows)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = injections, treat_none_as_default_value = false)]
struct NewInjectionRow<'a> {
    practice_id: Uuid,
    id: InjectionId,
    procedure_id: ProcedureId,
    visit_id: VisitId,
    patient_id: PatientId,
    point_id: Option<PointId>,
    muscle_code: &'a str,
    side: Word<Side>,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    chart_version: i16,
    solution_id: Option<SolutionId>,
    volume_ml: ExactDecimal,
    needle_gauge: i16,
    needle_length_mm: i16,
    approach: Word<Approach>,
    passes: Option<i16>,
    aspirated: bool,
    twitch_elicited: bool,
    pain_nrs_before: Option<i16>,
    pain_nrs_after: Option<i16>,
    caution_acknowledged: bool,
    site_findings: Vec<Word<SiteFinding>>,
    injected_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

pub(in super::super) async fn insert_injection(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    injection: &Injection,
) -> Stored<()> {
    let (place, needle) = (&injection.place, &injection.needle);
    let row = NewInjectionRow {
        practice_id: transaction.practice_id(),
        id: injection.id,
        procedure_id: procedure.id,
        visit_id: procedure.visit_id,
        patient_id: procedure.patient_id,
        point_id: place.point_id,
        muscle_code: &place.muscle_code,
        side: Word(place.side),
        view: place.view,
        x: place.x.into(),
        y: place.y.into(),
        chart_version: place.chart_version,
        solution_id: injection.solution_id,
        volume_ml: injection.volume_ml.into(),
        needle_gauge: needle.gauge,
        needle_length_mm: needle.length_mm,
        approach: Word(needle.approach),
        passes: needle.passes,
        aspirated: needle.aspirated,
        twitch_elicited: needle.twitch_elicited,
        pain_nrs_before: needle.pain_nrs_before,
        pain_nrs_after: needle.pain_nrs_after,
        caution_acknowledged: injection.is_caution_acknowledged,
        site_findings: injection.findings.iter().copied().map(Word).collect(),
        injected_at: injection.injected_at,
        created_at: transaction.now(),
    };
    diesel::insert_into(injections::table)
        .values(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(in super::super) async fn insert_override(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    decision: &Override,
) -> Stored<()> {
    use safety_overrides::dsl;
    diesel::insert_into(dsl::safety_overrides)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id::fresh(transaction.now())),
            dsl::procedure_id.eq(procedure.id),
            dsl::visit_id.eq(procedure.visit_id),
            dsl::patient_id.eq(procedure.patient_id),
            dsl::check_code.eq(&decision.check_code),
            dsl::check_status.eq(Word(decision.check_status)),
            dsl::actual.eq(decision.actual.map(ExactDecimal)),
            dsl::exact_actual.eq(decision.exact_actual.map(|exact| exact.to_string())),
            dsl::reason.eq(&decision.reason),
            dsl::overridden_by.eq(decision.by),
            dsl::overridden_at.eq(decision.at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[diesel::dsl::auto_type]
fn on_visit() -> _ {
    visits::practice_id
        .eq(procedures::practice_id)
        .and(visits::id.eq(procedures::visit_id))
}
