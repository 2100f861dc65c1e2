//! What is asked, seen and set up before the needle: the checklist the rules look at, how the
//! patient lies, and what was seen at a site.
//!
//! The checklist holds what no other record knows: answers of the patient, whether she is pregnant,
//! and laboratory values. It is asked for this procedure, and what it says goes before what an old
//! record suggests.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};
use uuid::Uuid;

use crate::findings::PatientPosition;
use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;
use crate::platform::text::text_enum;

use super::prepare::PrepareError;
use super::procedure::{Procedure, ProcedureId, ProcedureStatus};
use super::read::hold;
use super::safety::facts::Pregnancy;
use super::store;

action!(
    /// Recording the answers before a procedure.
    RecordChecklist, "procedures.checklist", patients, [Provider, Assistant]
);
action!(
    /// Recording how a procedure was set up.
    RecordPreparation, "procedures.preparation", patients, [Provider, Assistant]
);

text_enum! {
    /// A question of the checklist that was answered with yes.
    pub(crate) enum ChecklistAnswer {
        RedFlag = "red_flag",
        MalignancySuspected = "malignancy_suspected",
        ActiveInfection = "active_infection",
        NeedlePhobia = "needle_phobia",
        PriorVasovagal = "prior_vasovagal",
        UntreatedEndocrinopathy = "untreated_endocrinopathy",
        LandmarksUnclear = "landmarks_unclear",
        MalignantHyperthermia = "malignant_hyperthermia",
        LeberOpticNeuropathy = "leber_optic_neuropathy",
        SkullDefect = "skull_defect",
        SingleLung = "single_lung",
        ContralateralPneumothorax = "contralateral_pneumothorax",
        SevereCopd = "severe_copd",
        MedicationOveruse = "medication_overuse",
    }
}

text_enum! {
    /// A laboratory value the rules look at: platelets in 10⁹/L, glycated haemoglobin
    /// in percent, glucose in mg/dL.
    pub(crate) enum LaboratoryCode {
        InternationalNormalisedRatio = "inr",
        Platelets = "platelets",
        GlycatedHaemoglobin = "hba1c",
        Glucose = "glucose",
    }
}

text_enum! {
    /// What was seen at a site that speaks against a needle there.
    pub(crate) enum SiteFinding {
        LocalInfection = "infection_local",
        AcuteTrauma = "acute_trauma",
        SkullDefect = "skull_defect",
        ImplantOrShunt = "implant_or_shunt",
        UnsafeSite = "unsafe_site",
    }
}

text_enum! {
    /// What the skin was cleaned with.
    pub(crate) enum SkinPreparation {
        Alcohol = "alcohol",
        ChlorhexidineAlcohol = "chlorhexidine_alcohol",
        PovidoneIodine = "povidone_iodine",
    }
}

text_enum! {
    /// How the needle was guided.
    pub(crate) enum Guidance {
        Palpation = "palpation",
        Ultrasound = "ultrasound",
        Electromyography = "electromyography",
    }
}

/// A value of the laboratory.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LaboratoryResult {
    pub(super) code: LaboratoryCode,
    #[serde_as(as = "DisplayFromStr")]
    pub(super) value: Decimal,
    pub(super) taken_on: NaiveDate,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answers {
    pub(super) yes: BTreeSet<ChecklistAnswer>,
    /// Unknown when nobody asked.
    pub(super) pregnancy: Option<Pregnancy>,
    pub(super) is_breastfeeding: Option<bool>,
    pub(super) laboratory: Vec<LaboratoryResult>,
}

/// What was answered, and to whom.
#[derive(Debug, Clone)]
pub(crate) struct Checklist {
    pub(super) answers: Answers,
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// How a procedure was set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Preparation {
    pub(super) position: Option<PatientPosition>,
    pub(super) skin: Option<SkinPreparation>,
    pub(super) guidance: Option<Guidance>,
}

/// Records the answers; those of before are replaced.
pub(super) async fn record_checklist(
    transaction: &Transaction<'_, RecordChecklist>,
    id: ProcedureId,
    if_match: &IfMatch,
    answers: Answers,
) -> Result<Procedure, PrepareError> {
    let mut held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require_status(&[ProcedureStatus::Planned, ProcedureStatus::InProgress])?;
    held.procedure.checklist = Some(Checklist {
        answers,
        by: transaction.principal().user_id,
        at: transaction.now(),
    });
    held.procedure.change(transaction.now());
    store::record_procedure(transaction, &held.procedure).await?;
    Ok(held.procedure)
}

/// Records how the procedure is set up.
pub(super) async fn record_preparation(
    transaction: &Transaction<'_, RecordPreparation>,
    id: ProcedureId,
    if_match: &IfMatch,
    preparation: Preparation,
) -> Result<Procedure, PrepareError> {
    let mut held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require_status(&[ProcedureStatus::Planned, ProcedureStatus::InProgress])?;
    held.procedure.preparation = preparation;
    held.procedure.change(transaction.now());
    store::record_procedure(transaction, &held.procedure).await?;
    Ok(held.procedure)
}
