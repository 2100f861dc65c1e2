//! What acts add to the record of a procedure: syringes, needle sites, wastes, observations and
//! decisions. Such rows are only added, and marked when they were entered in error.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::findings::{PointId, View};
use crate::patients::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::id;
use crate::platform::text::Word;
use crate::schema::{
    injections, late_discharges, late_observations, procedure_observations, safety_overrides,
    solution_components, solution_wastes, solutions,
};
use crate::stock::{LotId, VialId};
use crate::visits::{VisitId, Voided};

use super::super::decision::Override;
use super::super::injection::{Injection, InjectionId};
use super::super::observation::Observation;
use super::super::procedure::{Addition, Change, Procedure, ProcedureId};
use super::super::stage::Discharge;
use super::super::syringe::{SolutionId, Syringe, Waste};
use tautband_rules::checklist::SiteFinding;
use tautband_rules::dose::ConcentrationUnit;
use tautband_rules::kind::{Approach, Side};

/// Inserts the rows of an addition to this procedure.
pub(super) async fn insert(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    addition: &Addition,
) -> Stored<()> {
    match addition {
        Addition::VoidedSyringe(id, voided) => void_syringe(transaction, *id, voided).await,
        Addition::VoidedInjection(id, voided) => void_injection(transaction, *id, voided).await,
        Addition::Syringe(syringe) => insert_syringe(transaction, procedure, syringe).await,
        Addition::Waste(waste) => insert_waste(transaction, procedure, waste).await,
        Addition::Injection(site) => insert_injection(transaction, procedure, site).await,
        Addition::Observation(seen) => insert_observation(transaction, procedure, seen).await,
        Addition::Override(decision) => insert_override(transaction, procedure, decision).await,
    }
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
    differs_from_last_draw: Option<bool>,
}

async fn insert_syringe(
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
            solutions::created_at.eq(syringe.recorded_at),
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
            // Empty where it does not, so that what is usual takes no room under the seal.
            differs_from_last_draw: component.differs_from_last_draw.then_some(true),
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

async fn insert_injection(
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
        created_at: injection.recorded_at,
    };
    diesel::insert_into(injections::table)
        .values(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Marks a syringe as entered in error.
async fn void_syringe(
    transaction: &OpenTransaction<'_>,
    id: SolutionId,
    voided: &Voided,
) -> Stored<()> {
    diesel::update(solutions::table)
        .filter(solutions::practice_id.eq(transaction.practice_id()))
        .filter(solutions::id.eq(id))
        .set((
            solutions::voided_at.eq(voided.at),
            solutions::voided_by.eq(voided.by),
            solutions::void_reason.eq(&voided.reason),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Marks a site as entered in error.
async fn void_injection(
    transaction: &OpenTransaction<'_>,
    id: InjectionId,
    voided: &Voided,
) -> Stored<()> {
    diesel::update(injections::table)
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::id.eq(id))
        .set((
            injections::voided_at.eq(voided.at),
            injections::voided_by.eq(voided.by),
            injections::void_reason.eq(&voided.reason),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

async fn insert_override(
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
            dsl::reason.eq(decision.reason.as_deref()),
            dsl::overridden_by.eq(decision.by),
            dsl::overridden_at.eq(decision.at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

async fn insert_waste(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    waste: &Waste,
) -> Stored<()> {
    use solution_wastes::dsl;
    diesel::insert_into(dsl::solution_wastes)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id::fresh(transaction.now())),
            dsl::solution_id.eq(waste.solution_id),
            dsl::procedure_id.eq(procedure.id),
            dsl::visit_id.eq(procedure.visit_id),
            dsl::patient_id.eq(procedure.patient_id),
            dsl::volume_ml.eq(ExactDecimal(waste.volume_ml)),
            dsl::reason.eq(waste.reason.as_deref()),
            dsl::witnessed_by.eq(waste.witnessed_by),
            dsl::recorded_by.eq(waste.recorded_by),
            dsl::recorded_at.eq(waste.recorded_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

async fn insert_observation(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    observation: &Observation,
) -> Stored<()> {
    use procedure_observations::dsl;
    let vitals = observation.vitals;
    diesel::insert_into(dsl::procedure_observations)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id::fresh(transaction.now())),
            dsl::procedure_id.eq(procedure.id),
            dsl::visit_id.eq(procedure.visit_id),
            dsl::patient_id.eq(procedure.patient_id),
            dsl::heart_rate_bpm.eq(vitals.heart_rate_bpm),
            dsl::systolic_mmhg.eq(vitals.systolic_mmhg),
            dsl::diastolic_mmhg.eq(vitals.diastolic_mmhg),
            dsl::spo2_percent.eq(vitals.spo2_percent),
            dsl::symptoms.eq(&observation.symptoms),
            dsl::note.eq(observation.note.as_deref()),
            dsl::observed_by.eq(observation.by),
            dsl::observed_at.eq(observation.at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Adds what was seen of a patient, or that they were let go, beside the seal of a signed visit. Returns
/// false when the patient was let go before.
pub(in super::super) async fn record_beside_seal(
    transaction: &OpenTransaction<'_>,
    change: &Change,
) -> Stored<bool> {
    let procedure = change.after();
    if let Some(Addition::Observation(observation)) = change.addition() {
        insert_late_observation(transaction, procedure, observation).await?;
        return Ok(true);
    }
    match procedure.discharged() {
        Some(discharge) => insert_late_discharge(transaction, procedure, discharge).await,
        None => Ok(false),
    }
}

async fn insert_late_observation(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    observation: &Observation,
) -> Stored<()> {
    use late_observations::dsl;
    let vitals = observation.vitals;
    diesel::insert_into(dsl::late_observations)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id::fresh(transaction.now())),
            dsl::procedure_id.eq(procedure.id),
            dsl::visit_id.eq(procedure.visit_id),
            dsl::patient_id.eq(procedure.patient_id),
            dsl::heart_rate_bpm.eq(vitals.heart_rate_bpm),
            dsl::systolic_mmhg.eq(vitals.systolic_mmhg),
            dsl::diastolic_mmhg.eq(vitals.diastolic_mmhg),
            dsl::spo2_percent.eq(vitals.spo2_percent),
            dsl::symptoms.eq(&observation.symptoms),
            dsl::note.eq(observation.note.as_deref()),
            dsl::observed_by.eq(observation.by),
            dsl::observed_at.eq(observation.at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

async fn insert_late_discharge(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    discharge: &Discharge,
) -> Stored<bool> {
    use late_discharges::dsl;
    let inserted = diesel::insert_into(dsl::late_discharges)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::procedure_id.eq(procedure.id),
            dsl::visit_id.eq(procedure.visit_id),
            dsl::patient_id.eq(procedure.patient_id),
            dsl::aftercare_given.eq(discharge.is_aftercare_given),
            dsl::note.eq(discharge.note.as_deref()),
            dsl::early_reason.eq(discharge.early_reason.as_deref()),
            dsl::discharged_by.eq(discharge.by),
            dsl::discharged_at.eq(discharge.at),
        ))
        .on_conflict((dsl::practice_id, dsl::procedure_id))
        .do_nothing()
        .execute(&mut transaction.connection())
        .await?;
    Ok(inserted == 1)
}
