//! Mails that wait to be sent.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::mail::Mail;
use crate::identity::schema::control::mail_outbox;
use crate::platform::database::Stored;

pub(in crate::identity) async fn insert_mail(
    mut connection: &AsyncPgConnection,
    id: Uuid,
    mail: &Mail<'_>,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(mail_outbox::table)
        .values((
            mail_outbox::id.eq(id),
            mail_outbox::recipient.eq(mail.to),
            mail_outbox::subject.eq(mail.subject),
            mail_outbox::body.eq(&mail.body),
            mail_outbox::created_at.eq(now),
            mail_outbox::due_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// A mail to be sent now.
#[derive(Queryable, Selectable)]
#[diesel(table_name = mail_outbox, check_for_backend(diesel::pg::Pg))]
pub(in crate::identity) struct DueMail {
    pub(in crate::identity) id: Uuid,
    pub(in crate::identity) recipient: String,
    pub(in crate::identity) subject: String,
    pub(in crate::identity) body: String,
    pub(in crate::identity) created_at: DateTime<Utc>,
}

/// The mails that are due, of those that no other instance sends.
pub(in crate::identity) async fn lock_due_mails(
    mut connection: &AsyncPgConnection,
    now: DateTime<Utc>,
    most: i64,
) -> Stored<Vec<DueMail>> {
    let mails = mail_outbox::table
        .filter(mail_outbox::sent_at.is_null())
        .filter(mail_outbox::due_at.le(now))
        .order(mail_outbox::id)
        .limit(most)
        .select(DueMail::as_select())
        .for_update()
        .skip_locked()
        .load(&mut connection)
        .await?;
    Ok(mails)
}

/// Tries a mail again later.
pub(in crate::identity) async fn put_off(
    mut connection: &AsyncPgConnection,
    id: Uuid,
    until: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(mail_outbox::table)
        .filter(mail_outbox::id.eq(id))
        .set(mail_outbox::due_at.eq(until))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Notes that a mail was sent, and forgets what it said.
pub(in crate::identity) async fn mark_sent(
    mut connection: &AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(mail_outbox::table)
        .filter(mail_outbox::id.eq(id))
        .set((mail_outbox::sent_at.eq(now), mail_outbox::body.eq("")))
        .execute(&mut connection)
        .await?;
    Ok(())
}
