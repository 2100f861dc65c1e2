//! Conditions by their ICD-10-CM code, active or resolved.

use actix_web::{get, patch, post};
use chrono::{DateTime, NaiveDate, Utc};
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
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{Paged, PathId, PathIds};

id! {
    /// Names a condition in a record.
    pub(crate) struct ConditionId
}

action!(
    /// Reading a patient's conditions.
    Read, "conditions.read", record, [Admin, Provider, Assistant, Patient]
);
action!(
    /// Recording a condition.
    Record, "conditions.record", record, [Provider, Assistant]
);
action!(
    /// Correcting or ending a condition.
    Change, "conditions.change", record, [Provider, Assistant]
);

fields_of_fact! {
    table conditions, id ConditionId;
    /// A condition in a record.
    fact Condition as ConditionBody;
    /// A condition to be recorded.
    record RecordConditionBody;
    /// What is to be changed; a field left out stays, null clears it.
    change ChangeConditionBody;

    /// ICD-10-CM code.
    code: required String
        with (pattern = r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$", example = "G43.709");
    /// The condition in the words of the person who recorded it.
    text: optional String with (min_length = 1, max_length = 500);
    /// When it began.
    onset_on: optional NaiveDate with ();
    /// When it was over.
    resolved_on: optional NaiveDate with ();
}

impl Fact for Condition {
    type Id = ConditionId;
    type Recorded = RecordConditionBody;
    type Beside = ();
    type Read = Read;
    type Record = Record;
    const KIND: &'static str = "condition";
    const COLLECTION: &'static str = "conditions";

    fn id(&self) -> ConditionId {
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

    fn new(writing: Writing<'_>, content: &RecordConditionBody) -> Self {
        Self::recorded(writing, content)
    }

    fn check(&self, writing: Writing<'_>) -> Result<(), FactError> {
        // In some time zones it is already tomorrow.
        let today = writing.now.date_naive();
        let latest = today.succ_opt().unwrap_or(NaiveDate::MAX);
        let mut errors = Vec::new();
        let moments = [
            ("/onset_on", self.onset_on),
            ("/resolved_on", self.resolved_on),
        ];
        require_past(moments, &latest, &mut errors);
        let dates = self.onset_on.zip(self.resolved_on);
        if dates.is_some_and(|(onset, resolved)| resolved < onset) {
            errors.push(FieldError::new("/resolved_on", "lies before onset_on"));
        }
        FactError::unless_empty(errors)
    }

    async fn beside(_: &OpenTransaction<'_>, _: PatientId) -> Stored<()> {
        Ok(())
    }

    queries_of_fact!(Condition, ConditionId, conditions, updated_at);
    insertion_of_fact!(Condition, conditions, created_at = now);
}

impl Changeable for Condition {
    type Changed = ChangeConditionBody;
    type Change = Change;

    changes_of_fact!(Condition, ConditionId, conditions);
}

/// Adds the operations on conditions.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_conditions)
        .service(record_condition)
        .service(get_condition)
        .service(change_condition);
}

operations_of_fact! {
    Condition, ConditionId, RecordConditionBody,
    "/patients/{patient_id}/conditions", "/patients/{patient_id}/conditions/{condition_id}", "condition_id";
    /// Lists a patient's conditions, ended ones too, in the order in which they were recorded.
    list_conditions "listConditions" "Conditions.",
    /// Records a condition.
    record_condition "recordCondition",
    /// Reads a condition.
    get_condition "getCondition" "As it stands.",
}

change_of_fact! {
    Condition, ConditionId, ChangeConditionBody, "/patients/{patient_id}/conditions/{condition_id}", "condition_id";
    /// Corrects or ends a condition; nothing is ever deleted.
    change_condition "changeCondition",
}
