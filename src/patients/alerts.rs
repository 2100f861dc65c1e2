//! Alerts: what everybody who opens a record must see at once.
//!
//! An alert is a banner, which says what to do, and a detail, which says why. The front desk sees
//! banners only. Providers and assistants write them, admins read, patients read their own.

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
use crate::platform::access::{Permit, Principal, Role, action};
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
    /// Names an alert.
    pub(crate) struct AlertId
}

text_enum! {
    /// How loudly an alert is shown.
    pub(crate) enum AlertSeverity {
        Info = "info",
        Caution = "caution",
        Critical = "critical",
    }
}

action!(
    /// Reading a patient's alerts; the front desk reads the banners.
    Read, "alerts.read", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Recording an alert.
    Record, "alerts.record", record, [Provider, Assistant]
);
action!(
    /// Correcting or ending an alert.
    Change, "alerts.change", record, [Provider, Assistant]
);

fields_of_fact! {
    table patient_alerts, id AlertId;
    /// What everybody who opens a record must see at once.
    fact Alert as AlertBody;
    /// An alert to be shown on a record.
    record RecordAlertBody;
    /// What is to be changed; a field left out stays, null clears it.
    change ChangeAlertBody;

    /// The line that is shown, to the front desk too.
    banner: required String
        with (min_length = 1, max_length = 200, example = "Never leave alone after an injection");
    /// How loudly it is shown.
    severity: required AlertSeverity with ();
    /// The clinical reason; hidden from the front desk.
    detail: optional String with (min_length = 1, max_length = 2000);
    /// When it no longer applied.
    ended_at: instant DateTime with ();
}

impl Fact for Alert {
    type Id = AlertId;
    type Recorded = RecordAlertBody;
    type Beside = ();
    type Read = Read;
    type Record = Record;
    const KIND: &'static str = "alert";
    const COLLECTION: &'static str = "alerts";

    fn id(&self) -> AlertId {
        self.id
    }

    fn patient_id(&self) -> PatientId {
        self.patient_id
    }

    fn version(&self) -> Option<Version> {
        Some(self.version)
    }

    fn show(&mut self, patient_id: PatientId, reader: &Principal, (): &()) {
        self.patient_id = patient_id;
        // Clinical reasons are not the front desk's business.
        if reader.role == Role::FrontDesk {
            self.detail = None;
        }
    }

    fn new(writing: Writing<'_>, content: &RecordAlertBody) -> Self {
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

    queries_of_fact!(Alert, AlertId, patient_alerts, updated_at);
    insertion_of_fact!(Alert, patient_alerts, created_at = now);
}

impl Changeable for Alert {
    type Changed = ChangeAlertBody;
    type Change = Change;

    changes_of_fact!(Alert, AlertId, patient_alerts);
}

/// Adds the operations on alerts.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_alerts)
        .service(record_alert)
        .service(get_alert)
        .service(change_alert);
}

operations_of_fact! {
    Alert, AlertId, RecordAlertBody,
    "/patients/{patient_id}/alerts", "/patients/{patient_id}/alerts/{alert_id}", "alert_id";
    /// Lists a patient's alerts, ended ones too, in the order in which they were recorded. The front desk sees the banners.
    list_alerts "listAlerts" "Alerts.",
    /// Records an alert.
    record_alert "recordAlert",
    /// Reads an alert.
    get_alert "getAlert" "As it stands.",
}

change_of_fact! {
    Alert, AlertId, ChangeAlertBody, "/patients/{patient_id}/alerts/{alert_id}", "alert_id";
    /// Corrects or ends an alert; nothing is ever deleted.
    change_alert "changeAlert",
}
