//! What is hashed of an act: every column, in a fixed order and form, so that another program comes to the
//! same hash.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::merkle::{Hash, leaf_hash};

/// An act as it stands in the trail.
#[derive(Debug, diesel::QueryableByName)]
pub(super) struct Entry {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    actor_user_id: Uuid,
    #[diesel(sql_type = Text)]
    actor_role: String,
    #[diesel(sql_type = SqlUuid)]
    session_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    on_behalf_of: Option<Uuid>,
    #[diesel(sql_type = Text)]
    request_id: String,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Text)]
    resource_type: String,
    #[diesel(sql_type = Array<SqlUuid>)]
    resource_ids: Vec<Uuid>,
    #[diesel(sql_type = Array<Nullable<SqlUuid>>)]
    patient_ids: Vec<Option<Uuid>>,
}

impl Entry {
    /// When the database took it in.
    pub(super) const fn recorded_at(&self) -> DateTime<Utc> {
        self.recorded_at
    }

    /// A line for each column. Texts stand as JSON strings, so that none can be taken for two; times are
    /// microseconds since 1970.
    fn content(&self, practice_id: Uuid) -> String {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let id = |id: Option<Uuid>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let mut lines = format!(
            "tautband trail 1\n{practice_id}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
            self.id,
            self.at.timestamp_micros(),
            self.recorded_at.timestamp_micros(),
            self.actor_user_id,
            text(&self.actor_role),
            self.session_id,
            id(self.on_behalf_of),
            text(&self.request_id),
            text(&self.action),
            text(&self.outcome),
            text(&self.resource_type),
        );
        for (resource_id, patient_id) in self.resource_ids.iter().zip(&self.patient_ids) {
            let patient_id = id(*patient_id);
            // Writing to a string does not fail.
            let _ = writeln!(lines, "{resource_id} {patient_id}");
        }
        lines
    }

    pub(super) fn hash(&self, practice_id: Uuid) -> Hash {
        leaf_hash(self.content(practice_id).as_bytes())
    }
}
