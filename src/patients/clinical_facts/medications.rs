//! Medicines that a patient takes or took, with what each does to a needle or a drug.

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
    /// Names a medicine in a record.
    pub(crate) struct MedicationId
}

text_enum! {
    /// What a medicine does that matters to a needle or a drug.
    pub(crate) enum MedicationClass {
        Anticoagulant = "anticoagulant",
        Antiplatelet = "antiplatelet",
        MonoamineOxidaseInhibitor = "maoi",
        TricyclicAntidepressant = "tca",
        SystemicCorticosteroid = "systemic_corticosteroid",
        Immunosuppressant = "immunosuppressant",
        MethaemoglobinInducer = "methaemoglobin_inducer",
        Other = "other",
    }
}

action!(
    /// Reading a patient's medications.
    Read, "medications.read", record, [Admin, Provider, Assistant, Patient]
);
action!(
    /// Recording a medicine.
    Record, "medications.record", record, [Provider, Assistant]
);
action!(
    /// Correcting or ending a medicine.
    Change, "medications.change", record, [Provider, Assistant]
);

/// A medicine as the checks before an injection ask for it.
pub(crate) struct KnownMedication {
    pub(crate) name: String,
    pub(crate) class: Option<MedicationClass>,
    pub(crate) atc_code: Option<String>,
    /// Unknown counts as taken today.
    pub(crate) last_taken_at: Option<DateTime<Utc>>,
    /// It has not been stopped.
    pub(crate) is_active: bool,
}

fields_of_fact! {
    table medications, id MedicationId;
    /// A medicine in a record.
    fact Medication as MedicationBody;
    /// A medicine to be recorded.
    record RecordMedicationBody;
    /// What is to be changed; a field left out stays, null clears it.
    change ChangeMedicationBody;

    /// The medicine, in the patient's words.
    name: required String with (min_length = 1, max_length = 200, example = "Apixaban");
    /// What it does that matters to a needle or a drug. Without it the checks go by name and code.
    medication_class: optional MedicationClass with ();
    /// The code of its substance in the ATC classification.
    atc_code: optional String
        with (pattern = "^[ABCDGHJLMNPRSV][0-9]{2}[A-Z]{2}[0-9]{2}$", example = "B01AF02");
    /// How much and how often.
    dose: optional String with (min_length = 1, max_length = 200, example = "5 mg twice a day");
    /// When it was last taken; unknown counts as today.
    last_taken_at: instant DateTime with ();
    /// When it was stopped.
    ended_at: instant DateTime with ();
}

impl Fact for Medication {
    type Id = MedicationId;
    type Recorded = RecordMedicationBody;
    type Beside = ();
    type Read = Read;
    type Record = Record;
    const KIND: &'static str = "medication";
    const COLLECTION: &'static str = "medications";

    fn id(&self) -> MedicationId {
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

    fn new(writing: Writing<'_>, content: &RecordMedicationBody) -> Self {
        Self::recorded(writing, content)
    }

    fn check(&self, writing: Writing<'_>) -> Result<(), FactError> {
        let mut errors = Vec::new();
        let moments = [
            ("/last_taken_at", self.last_taken_at),
            ("/ended_at", self.ended_at),
        ];
        require_past(moments, &writing.now, &mut errors);
        FactError::unless_empty(errors)
    }

    async fn beside(_: &OpenTransaction<'_>, _: PatientId) -> Stored<()> {
        Ok(())
    }

    queries_of_fact!(Medication, MedicationId, medications, updated_at);
    insertion_of_fact!(Medication, medications, created_at = now);
}

impl Changeable for Medication {
    type Changed = ChangeMedicationBody;
    type Change = Change;

    changes_of_fact!(Medication, MedicationId, medications);
}

/// Adds the operations on medications.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_medications)
        .service(record_medication)
        .service(get_medication)
        .service(change_medication);
}

operations_of_fact! {
    Medication, MedicationId, RecordMedicationBody,
    "/patients/{patient_id}/medications", "/patients/{patient_id}/medications/{medication_id}", "medication_id";
    /// Lists a patient's medications, ended ones too, in the order in which they were recorded.
    list_medications "listMedications" "Medications.",
    /// Records a medicine.
    record_medication "recordMedication",
    /// Reads a medicine.
    get_medication "getMedication" "As it stands.",
}

change_of_fact! {
    Medication, MedicationId, ChangeMedicationBody, "/patients/{patient_id}/medications/{medication_id}", "medication_id";
    /// Corrects or ends a medicine; nothing is ever deleted.
    change_medication "changeMedication",
}
