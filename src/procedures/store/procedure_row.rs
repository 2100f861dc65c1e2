//! The row of a procedure as it is read. A row that makes no sense is an error that names it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::findings::PatientPosition;
use crate::patients::PatientId;
use crate::platform::database::{DatabaseError, Stored};
use crate::platform::etag::Version;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::text::Word;
use crate::schema::procedures;
use crate::visits::{VisitId, Voided};

use super::super::procedure::{Procedure, ProcedureId};
use super::super::procedure_status::ProcedureStatus;
use super::super::set_up::{Guidance, SetUp, SkinPreparation};
use super::super::stage::{
    Aftermath, Begun, ConsentMethod, Discharge, GivenConsent, Readiness, Stage, Stop, TimeOut,
    TimeOutPoints,
};
use super::belongings::BelongingsRow;
use tautband_rules::checklist::Checklist;
use tautband_rules::kind::ProcedureKind;

#[derive(Queryable, Selectable)]
#[diesel(table_name = procedures, check_for_backend(diesel::pg::Pg))]
pub(super) struct ProcedureRow {
    id: ProcedureId,
    visit_id: VisitId,
    patient_id: PatientId,
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
    voided_at: Option<DateTime<Utc>>,
    voided_by: Option<Uuid>,
    void_reason: Option<String>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl ProcedureRow {
    fn inconsistent(&self, column: &'static str) -> DatabaseError {
        InconsistentRow::new("procedures", column, self.id).into()
    }

    fn consent(&self) -> Stored<Option<GivenConsent>> {
        let columns = (
            &self.consent_given_by,
            self.consent_method,
            &self.consent_text_version,
            self.consent_at,
        );
        match columns {
            (None, None, None, None) => Ok(None),
            (Some(given_by), Some(method), Some(text_version), Some(at)) => {
                Ok(Some(GivenConsent {
                    given_by: given_by.clone(),
                    method,
                    text_version: text_version.clone(),
                    at,
                }))
            }
            _ => Err(self.inconsistent("consent_at")),
        }
    }

    fn time_out(&self) -> Stored<Option<TimeOut>> {
        let points = [
            self.time_out_patient,
            self.time_out_procedure,
            self.time_out_site,
            self.time_out_allergies,
            self.time_out_anticoagulants,
        ];
        match (points, self.time_out_by, self.time_out_at) {
            ([None, None, None, None, None], None, None) => Ok(None),
            (
                [
                    Some(patient),
                    Some(procedure),
                    Some(site),
                    Some(allergies),
                    Some(anticoagulants),
                ],
                Some(by),
                Some(at),
            ) => Ok(Some(TimeOut {
                confirmed: TimeOutPoints {
                    patient,
                    procedure,
                    site,
                    allergies,
                    anticoagulants,
                },
                by,
                at,
            })),
            _ => Err(self.inconsistent("time_out_at")),
        }
    }

    fn checklist(&self) -> Stored<Option<Checklist>> {
        match (&self.checklist, self.checklist_by, self.checklist_at) {
            (None, None, None) => Ok(None),
            (Some(answers), Some(by), Some(at)) => {
                let answers = serde_json::from_value(answers.clone())
                    .map_err(|_unreadable| self.inconsistent("checklist"))?;
                Ok(Some(Checklist { answers, by, at }))
            }
            _ => Err(self.inconsistent("checklist_at")),
        }
    }

    fn discharge(&self) -> Stored<Option<Discharge>> {
        match (self.discharged_at, self.discharged_by, self.aftercare_given) {
            (None, None, None) => Ok(None),
            (Some(at), Some(by), Some(is_aftercare_given)) => Ok(Some(Discharge {
                is_aftercare_given,
                note: self.discharge_note.clone(),
                early_reason: self.early_discharge_reason.clone(),
                is_after_signature: false,
                by,
                at,
            })),
            _ => Err(self.inconsistent("discharged_at")),
        }
    }

    fn readiness(&self) -> Stored<Readiness> {
        if self.started_at.is_some() {
            return Err(self.inconsistent("started_at"));
        }
        Ok(Readiness {
            consent: self.consent()?,
            time_out: self.time_out()?,
        })
    }

    fn begun(&self) -> Stored<Begun> {
        let required = |column| move || self.inconsistent(column);
        Ok(Begun {
            consent: self.consent()?.ok_or_else(required("consent_at"))?,
            time_out: self.time_out()?.ok_or_else(required("time_out_at"))?,
            started_at: self.started_at.ok_or_else(required("started_at"))?,
            discharged_before: None,
        })
    }

    fn aftermath(&self) -> Stored<Aftermath> {
        let safety = self.safety.clone();
        Ok(Aftermath {
            safety: safety.ok_or_else(|| self.inconsistent("safety"))?,
            discharge: self.discharge()?,
        })
    }

    fn stop(&self) -> Stored<Stop> {
        match (&self.stop_reason, self.stopped_by, self.stopped_at) {
            (Some(reason), Some(by), Some(at)) => Ok(Stop {
                reason: reason.clone(),
                by,
                at,
            }),
            _ => Err(self.inconsistent("stopped_at")),
        }
    }

    fn stage(&self) -> Stored<Stage> {
        Ok(match self.status {
            ProcedureStatus::Planned => Stage::Planned(self.readiness()?),
            ProcedureStatus::InProgress => Stage::InProgress(Begun {
                discharged_before: self.discharge()?,
                ..self.begun()?
            }),
            ProcedureStatus::Completed => {
                let completed_at = self.completed_at;
                Stage::Completed {
                    begun: self.begun()?,
                    completed_at: completed_at.ok_or_else(|| self.inconsistent("completed_at"))?,
                    aftermath: self.aftermath()?,
                }
            }
            // The mark stands in columns of its own.
            ProcedureStatus::Voided => return Err(self.inconsistent("status")),
            ProcedureStatus::Abandoned if self.started_at.is_none() => Stage::Withdrawn {
                readiness: self.readiness()?,
                stop: self.stop()?,
            },
            ProcedureStatus::Abandoned => Stage::BrokenOff {
                begun: self.begun()?,
                stop: self.stop()?,
                aftermath: self.aftermath()?,
            },
        })
    }

    pub(super) fn procedure(self, belongings: BelongingsRow) -> Stored<Procedure> {
        let belongings = belongings.read()?;
        let reason = self.void_reason.as_deref();
        let voided = Voided::from_columns(self.voided_at, self.voided_by, reason);
        let mut stage = self.stage()?;
        let mut version = self.version.after(belongings.acts_beside_seal);
        let mut updated_at = self.updated_at;
        if let Stage::Completed { aftermath, .. } | Stage::BrokenOff { aftermath, .. } = &mut stage
            && let Some(discharge) = belongings.late_discharge
        {
            version = version.next();
            updated_at = updated_at.max(discharge.at);
            aftermath.discharge = Some(discharge);
        }
        let late = belongings.observations.iter();
        let late = late.filter(|one| one.is_after_signature);
        updated_at = late.map(|one| one.at).fold(updated_at, DateTime::max);
        Ok(Procedure {
            stage,
            voided: voided.map_err(|_half| self.inconsistent("voided_at"))?,
            void_parts: belongings.void_parts,
            recorded_at: self.created_at,
            checklist: self.checklist()?,
            set_up: SetUp {
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
            person_id: belongings.person_id,
            provider_id: self.provider_id,
            kind: self.kind.0,
            indication_codes: self.indication_codes.into_iter().flatten().collect(),
            template_code: self.template_code,
            version,
            updated_at,
        })
    }
}
