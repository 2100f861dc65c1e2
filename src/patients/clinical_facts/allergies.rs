//! Allergies: the substance in the patient's words, and the group that the checks before an
//! injection look for.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use diesel::prelude::{AsChangeset, HasQuery, Insertable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::patients::facts::{
    Changeable, Changes, Fact, FactError, Writing, change_of_fact, changes_of_fact, fields_of_fact,
    insertion_of_fact, operations_of_fact, queries_of_fact, require_past,
};
use crate::patients::patient::PatientId;
use crate::platform::access::{Permit, Principal, action};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::{IfMatch, Version};
use crate::platform::id::id;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::Page;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{Paged, PathId, PathIds};
use crate::platform::text::text_enum;
use crate::platform::timestamp::Timestamp;

id! {
    /// Names an allergy in a record.
    pub(crate) struct AllergyId
}

text_enum! {
    /// Groups of substances that the checks before an injection know.
    pub(crate) enum AllergenClass {
        LocalAnaestheticAmide = "la_amide",
        LocalAnaestheticEster = "la_ester",
        LocalAnaestheticAny = "la_any",
        Paraben = "paraben",
        BenzylAlcohol = "benzyl_alcohol",
        Sulfite = "sulfite",
        Benzalkonium = "benzalkonium",
        CobalaminCobalt = "cobalamin_cobalt",
        BotulinumToxin = "botulinum_toxin",
        Latex = "latex",
        Chlorhexidine = "chlorhexidine",
        Iodine = "iodine",
    }
}

text_enum! {
    /// How bad a reaction was.
    pub(crate) enum Severity {
        Mild = "mild",
        Moderate = "moderate",
        Severe = "severe",
        Unknown = "unknown",
    }
}

action!(
    /// Reading a patient's allergies.
    Read, "allergies.read", record, [Admin, Provider, Assistant, Patient]
);
action!(
    /// Recording an allergy.
    Record, "allergies.record", record, [Provider, Assistant]
);
action!(
    /// Correcting or ending an allergy.
    Change, "allergies.change", record, [Provider, Assistant]
);

/// An allergy as the checks before an injection ask for it.
pub(crate) struct KnownAllergy {
    pub(crate) substance: String,
    pub(crate) class: Option<AllergenClass>,
}

fields_of_fact! {
    table allergies, id AllergyId;
    /// An allergy in a record.
    fact Allergy as AllergyBody;
    /// An allergy to be recorded.
    record RecordAllergyBody;
    /// What is to be changed; a field left out stays, null clears it.
    change ChangeAllergyBody;

    /// The substance, in the patient's words.
    substance: required String with (min_length = 1, max_length = 200, example = "Lidocaine");
    /// The group of substances that the checks before an injection look for.
    allergen_class: optional AllergenClass with ();
    /// What happened.
    reaction: optional String with (min_length = 1, max_length = 500, example = "Hives");
    /// How bad it was.
    severity: defaulted Severity = "unknown" with ();
    /// When it was found to be wrong, or to hold no longer.
    ended_at: instant DateTime with ();
}

const fn unknown() -> Severity {
    Severity::Unknown
}

impl Fact for Allergy {
    type Id = AllergyId;
    type Recorded = RecordAllergyBody;
    type Beside = ();
    type Read = Read;
    type Record = Record;
    const KIND: &'static str = "allergy";
    const COLLECTION: &'static str = "allergies";

    fn id(&self) -> AllergyId {
        self.id
    }

    fn patient_id(&self) -> PatientId {
        self.patient_id
    }

    fn version(&self) -> Option<Version> {
        Some(self.version)
    }

    fn show(&mut self, patient_id: PatientId, _: &Principal, (): &()) {
        self.patient_id = patient_id;
    }

    fn new(writing: Writing<'_>, content: &RecordAllergyBody) -> Self {
        Self::recorded(writing, content)
    }

    fn check(&self, writing: Writing<'_>) -> Result<(), FactError> {
        let mut errors = Vec::new();
        require_past([("/ended_at", self.ended_at)], &writing.now, &mut errors);
        FactError::unless_empty(errors)
    }

    async fn beside(_: &OpenTransaction<'_>, _: PatientId) -> Stored<()> {
        Ok(())
    }

    queries_of_fact!(Allergy, AllergyId, allergies, updated_at);
    insertion_of_fact!(Allergy, allergies, created_at = now);
}

impl Changeable for Allergy {
    type Changed = ChangeAllergyBody;
    type Change = Change;

    changes_of_fact!(Allergy, AllergyId, allergies);
}

/// Adds the operations on allergies.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_allergies)
        .service(record_allergy)
        .service(get_allergy)
        .service(change_allergy);
}

operations_of_fact! {
    Allergy, AllergyId, RecordAllergyBody,
    "/patients/{patient_id}/allergies", "/patients/{patient_id}/allergies/{allergy_id}", "allergy_id";
    /// Lists a patient's allergies, ended ones too, in the order in which they were recorded.
    list_allergies "listAllergies" "Allergies.",
    /// Records an allergy.
    record_allergy "recordAllergy",
    /// Reads an allergy.
    get_allergy "getAllergy" "As it stands.",
}

change_of_fact! {
    Allergy, AllergyId, ChangeAllergyBody, "/patients/{patient_id}/allergies/{allergy_id}", "allergy_id";
    /// Corrects or ends an allergy; nothing is ever deleted.
    change_allergy "changeAllergy",
}
