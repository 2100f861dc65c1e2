//! What is asked and seen before the needle: the checklist the rules look at, and what was seen at
//! a site.
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

use super::safety::facts::Pregnancy;
use crate::text::text_enum;

text_enum! {
    /// A question of the checklist that was answered with yes.
    pub enum ChecklistAnswer {
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
        BleedingCleared = "bleeding_cleared_by_specialist",
        NeuromuscularCleared = "neuromuscular_cleared_by_specialist",
    }
}

text_enum! {
    /// A laboratory value the rules look at: platelets in 10⁹/L, glycated haemoglobin
    /// in percent, glucose in mg/dL.
    pub enum LaboratoryCode {
        InternationalNormalisedRatio = "inr",
        Platelets = "platelets",
        GlycatedHaemoglobin = "hba1c",
        Glucose = "glucose",
    }
}

text_enum! {
    /// What was seen at a site that speaks against a needle there.
    pub enum SiteFinding {
        LocalInfection = "infection_local",
        AcuteTrauma = "acute_trauma",
        SkullDefect = "skull_defect",
        ImplantOrShunt = "implant_or_shunt",
        UnsafeSite = "unsafe_site",
    }
}

/// A value of the laboratory.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaboratoryResult {
    pub code: LaboratoryCode,
    #[serde_as(as = "DisplayFromStr")]
    pub value: Decimal,
    pub taken_on: NaiveDate,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    pub yes: BTreeSet<ChecklistAnswer>,
    /// `None` when the question was not asked.
    pub pregnancy: Option<Pregnancy>,
    pub is_breastfeeding: Option<bool>,
    pub laboratory: Vec<LaboratoryResult>,
}

/// The answers, who recorded them and when.
#[derive(Debug, Clone)]
pub struct Checklist {
    pub answers: Answers,
    pub by: Uuid,
    pub at: DateTime<Utc>,
}
