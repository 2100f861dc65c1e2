//! Rows and queries of contacts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::patients::store::records_of;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::schema::patient_contacts::dsl;

use super::{Contact, ContactDetails, ContactId, Relation};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::patient_contacts, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ContactRow {
    id: ContactId,
    patient_id: PatientId,
    name: String,
    relation: Relation,
    phone: Option<String>,
    email: Option<String>,
    is_emergency_contact: bool,
    note: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<ContactRow> for Contact {
    fn from(row: ContactRow) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            details: ContactDetails {
                name: row.name,
                relation: row.relation,
                phone: row.phone,
                email: row.email,
                is_emergency_contact: row.is_emergency_contact,
                note: row.note,
                ended_at: row.ended_at,
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Contact> for ContactRow {
    fn from(of: &Contact) -> Self {
        let details = of.details.clone();
        Self {
            id: of.id,
            patient_id: of.patient_id,
            name: details.name,
            relation: details.relation,
            phone: details.phone,
            email: details.email,
            is_emergency_contact: details.is_emergency_contact,
            note: details.note,
            ended_at: details.ended_at,
            version: of.version,
            updated_at: of.updated_at,
        }
    }
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<Uuid>,
) -> Stored<Vec<Contact>> {
    let mut query = ContactRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .order(dsl::id)
        .limit(window.probe())
        .into_boxed();
    if let Some(since) = updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    if let Some(id) = window.after {
        query = query.filter(dsl::id.gt(id));
    }
    let rows = query
        .load::<ContactRow>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Contact::from).collect())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: ContactId,
) -> Stored<Option<Contact>> {
    let row = ContactRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Contact::from))
}

pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: ContactId,
) -> Stored<Option<Contact>> {
    let row = ContactRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Contact::from))
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, recorded: &Contact) -> Stored<()> {
    diesel::insert_into(dsl::patient_contacts)
        .values((
            ContactRow::from(recorded),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, changed: &Contact) -> Stored<()> {
    diesel::update(dsl::patient_contacts)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq(changed.patient_id))
        .filter(dsl::id.eq(changed.id))
        .set(ContactRow::from(changed))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
