//! The audit trail of one patient.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::identity::schema::control::users;
use crate::patients::patient::PatientId;
use crate::patients::store::records_of;
use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::schema::audit_events::dsl;

use super::Access;

#[derive(HasQuery)]
#[diesel(table_name = crate::schema::audit_events)]
struct AccessRow {
    id: Uuid,
    at: DateTime<Utc>,
    actor_user_id: Uuid,
    actor_role: Role,
    action: String,
    resource_type: String,
    resource_id: Option<Uuid>,
    patient_id: Option<Uuid>,
    request_id: String,
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    patient_id: Option<PatientId>,
    window: &Window<Uuid>,
) -> Stored<Vec<Access>> {
    let mut query = AccessRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .order(dsl::id.desc())
        .limit(window.probe())
        .into_boxed();
    if let Some(patient_id) = patient_id {
        query = query.filter(
            dsl::patient_id
                .assume_not_null()
                .eq_any(records_of(transaction, patient_id)),
        );
    }
    if let Some(id) = window.after {
        query = query.filter(dsl::id.lt(id));
    }
    let rows = query
        .load::<AccessRow>(&mut transaction.connection())
        .await?;
    let names: HashMap<Uuid, String> = users::table
        .filter(users::id.eq_any(rows.iter().map(|row| row.actor_user_id).collect::<Vec<_>>()))
        .select((users::id, users::display_name))
        .load::<(Uuid, String)>(&mut transaction.connection())
        .await?
        .into_iter()
        .collect();
    let access = |row: AccessRow| Access {
        id: row.id,
        at: row.at,
        actor_user_id: row.actor_user_id,
        actor_name: names.get(&row.actor_user_id).cloned(),
        actor_role: row.actor_role,
        action: row.action,
        resource_type: row.resource_type,
        resource_id: row.resource_id,
        patient_id: row.patient_id,
        request_id: row.request_id,
    };
    Ok(rows.into_iter().map(access).collect())
}
