//! The row of a procedure as it is written.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::findings::PatientPosition;
use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::text::Word;
use crate::schema::procedures;
use crate::visits::VisitId;

use super::super::procedure::{Procedure, ProcedureId};
use super::super::procedure_status::ProcedureStatus;
use super::super::set_up::{Guidance, SkinPreparation};
use super::super::stage::ConsentMethod;
use tautband_rules::kind::ProcedureKind;

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = procedures, primary_key(practice_id, id, visit_id, patient_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct WrittenRow<'a> {
    pub(super) practice_id: Uuid,
    pub(super) id: ProcedureId,
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
    voided_at: Option<DateTime<Utc>>,
    voided_by: Option<Uuid>,
    void_reason: Option<&'a str>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl<'a> WrittenRow<'a> {
    pub(super) fn new(practice_id: Uuid, procedure: &'a Procedure) -> Self {
        let stage = &procedure.stage;
        let consent = stage.consent();
        let time_out = stage.time_out();
        let confirmed = time_out.map(|time_out| time_out.confirmed);
        let checklist = procedure.checklist.as_ref();
        let discharge = procedure.discharged();
        let stopped = stage.stop();
        Self {
            practice_id,
            id: procedure.id,
            visit_id: procedure.visit_id,
            patient_id: procedure.patient_id,
            provider_id: procedure.provider_id,
            kind: Word(procedure.kind),
            status: stage.status(),
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
            time_out_by: time_out.map(|time_out| time_out.by),
            time_out_at: time_out.map(|time_out| time_out.at),
            started_at: procedure.started_at(),
            completed_at: stage.completed_at(),
            stopped_at: stopped.map(|stop| stop.at),
            stopped_by: stopped.map(|stop| stop.by),
            stop_reason: stopped.map(|stop| stop.reason.as_str()),
            safety: procedure.safety(),
            checklist: checklist.and_then(|one| serde_json::to_value(&one.answers).ok()),
            checklist_by: checklist.map(|one| one.by),
            checklist_at: checklist.map(|one| one.at),
            patient_position: procedure.set_up.position,
            skin_preparation: procedure.set_up.skin,
            guidance: procedure.set_up.guidance,
            discharged_at: discharge.map(|one| one.at),
            discharged_by: discharge.map(|one| one.by),
            aftercare_given: discharge.map(|one| one.is_aftercare_given),
            discharge_note: discharge.and_then(|one| one.note.as_deref()),
            early_discharge_reason: discharge.and_then(|one| one.early_reason.as_deref()),
            voided_at: procedure.voided.as_ref().map(|voided| voided.at),
            voided_by: procedure.voided.as_ref().map(|voided| voided.by),
            void_reason: procedure
                .voided
                .as_ref()
                .map(|voided| voided.reason.as_str()),
            version: procedure.version,
            updated_at: procedure.updated_at,
        }
    }
}
