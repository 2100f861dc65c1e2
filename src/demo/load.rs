//! Loading a story in one transaction, so that a demo exists as a whole or not at all.
//!
//! The owner of the database makes the practice and its accounts. All other rows are inserted as the
//! role of the service, so that every policy and constraint holds for what is made up as it does for
//! what is real. Visits are signed last, when everything under them
//! is there; from then on they refuse every change.

use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

use crate::identity::schema::control::{memberships, patient_links, practices, users};
use crate::platform::database::{DatabaseError, Stored};
use crate::schema;

use super::accounts::Account;
use super::rows::{Rows, Signature};
use super::story::Story;

/// What the practice is called where it is signed in to.
pub(super) const SLUG: &str = "riverside-demo";
const NAME: &str = "Riverside Headache Clinic (made-up demo)";

/// Rows that go out together; the widest of them stays below what a statement can bind.
const CHUNK: usize = 500;
/// Seals computed by one statement, well within its time.
const SIGNED_TOGETHER: usize = 200;

/// The demo's practice, when it was made before.
pub(super) async fn find(mut connection: &AsyncPgConnection) -> Stored<Option<Uuid>> {
    let id = practices::table
        .filter(practices::slug.eq(SLUG))
        .select(practices::id)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(id)
}

/// The accounts of patients: address and record.
pub(super) async fn patient_accounts(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
) -> Stored<Vec<(String, Uuid)>> {
    let accounts = patient_links::table
        .inner_join(users::table.on(users::id.eq(patient_links::user_id)))
        .filter(patient_links::practice_id.eq(practice_id))
        .select((users::email, patient_links::patient_id))
        .load(&mut connection)
        .await?;
    Ok(accounts)
}

/// Loads everything.
pub(super) async fn load(
    connection: &AsyncPgConnection,
    story: &Story,
    (accounts, password_hash): (&[Account], &str),
) -> Stored<()> {
    let mut exchange = connection;
    found(connection, story, (accounts, password_hash)).await?;
    let practice = format!(
        "SET LOCAL app.practice_id = '{}'; SET LOCAL app.patient_ids = '*'; \
         SELECT set_config('role', control.role_name('app'), true)",
        story.practice_id
    );
    exchange
        .batch_execute(&practice)
        .await
        .map_err(DatabaseError::from)?;
    insert(connection, &story.rows).await?;
    for together in story.rows.signatures.chunks(SIGNED_TOGETHER) {
        sign(connection, story.practice_id, together).await?;
    }
    Ok(())
}

/// The practice and everybody who may sign in to it.
async fn found(
    mut connection: &AsyncPgConnection,
    story: &Story,
    (accounts, password_hash): (&[Account], &str),
) -> Stored<()> {
    let at = story.clinic.opened_at;
    diesel::insert_into(practices::table)
        .values((
            practices::id.eq(story.practice_id),
            practices::slug.eq(SLUG),
            practices::name.eq(NAME),
            practices::time_zone.eq(super::clinic::ZONE.name()),
            practices::version.eq(1),
            practices::created_at.eq(at),
            practices::updated_at.eq(at),
        ))
        .execute(&mut connection)
        .await?;
    for account in accounts {
        diesel::insert_into(users::table)
            .values((
                users::id.eq(account.user_id),
                users::email.eq(account.email),
                users::display_name.eq(&account.name),
                users::password_hash.eq(password_hash),
                users::created_at.eq(at),
                users::updated_at.eq(at),
            ))
            .execute(&mut connection)
            .await?;
        diesel::insert_into(memberships::table)
            .values((
                memberships::practice_id.eq(story.practice_id),
                memberships::user_id.eq(account.user_id),
                memberships::role.eq(account.role.as_str()),
                memberships::provider_id.eq(account.provider_id),
                memberships::created_at.eq(at),
                memberships::updated_at.eq(at),
            ))
            .execute(&mut connection)
            .await?;
        if let Some(patient_id) = account.patient_id {
            diesel::insert_into(patient_links::table)
                .values((
                    patient_links::practice_id.eq(story.practice_id),
                    patient_links::user_id.eq(account.user_id),
                    patient_links::patient_id.eq(patient_id),
                    patient_links::created_at.eq(at),
                ))
                .execute(&mut connection)
                .await?;
        }
    }
    Ok(())
}

/// Inserts tables in the order in which their rows name one another.
macro_rules! insert_in_order {
    ($connection:ident, $rows:ident: $($table:ident),* $(,)?) => {
        $(for chunk in $rows.$table.chunks(CHUNK) {
            diesel::insert_into(schema::$table::table)
                .values(chunk)
                .execute(&mut $connection)
                .await?;
        })*
    };
}

async fn insert(mut connection: &AsyncPgConnection, rows: &Rows) -> Stored<()> {
    insert_in_order!(connection, rows:
        locations, rooms, providers, appointment_types, availability_templates,
        availability_windows, patients, allergies, medications, conditions, appointments,
        resource_bookings, appointment_changes, lots, visits, trigger_points, palpations,
        procedures, solutions, solution_components, injections, stock_movements, follow_ups,
        follow_up_attempts, diary_entries, assessments, treatment_plans, treatment_plan_versions,
    );
    diesel::sql_query(
        "INSERT INTO patient_name_words (practice_id, word)
         SELECT DISTINCT p.practice_id, said.word
         FROM patients p CROSS JOIN LATERAL string_to_table(p.search_name, ' ') AS said (word)
         ON CONFLICT DO NOTHING",
    )
    .execute(&mut connection)
    .await?;
    diesel::sql_query(
        "UPDATE patients p SET last_needled_at = needled.at
         FROM (SELECT r.practice_id, r.patient_id, max(r.completed_at) AS at FROM procedures r
             JOIN injections i ON i.practice_id = r.practice_id AND i.procedure_id = r.id
             GROUP BY r.practice_id, r.patient_id) needled
         WHERE p.practice_id = needled.practice_id AND p.id = needled.patient_id",
    )
    .execute(&mut connection)
    .await?;
    Ok(())
}

async fn sign(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    signatures: &[Signature],
) -> Stored<()> {
    let column = |visit: fn(&Signature) -> Uuid| signatures.iter().map(visit).collect::<Vec<_>>();
    let instants: Vec<_> = signatures.iter().map(|one| one.signed_at).collect();
    diesel::sql_query("SELECT close_rows_under_visit($1, visit_id) FROM unnest($2) AS visit_id")
        .bind::<SqlUuid, _>(practice_id)
        .bind::<Array<SqlUuid>, _>(column(|one| one.visit_id))
        .execute(&mut connection)
        .await?;
    diesel::sql_query(
        "UPDATE visits SET signed_at = s.signed_at, signed_by = s.signed_by,
             content_sha256 = sha256(convert_to(visit_content($1, s.visit_id, s.signed_by, s.signed_at), 'UTF8')),
             version = version + 1, updated_at = s.signed_at
         FROM unnest($2, $3, $4) AS s (visit_id, signed_at, signed_by)
         WHERE practice_id = $1 AND id = s.visit_id",
    )
    .bind::<SqlUuid, _>(practice_id)
    .bind::<Array<SqlUuid>, _>(column(|one| one.visit_id))
    .bind::<Array<Timestamptz>, _>(instants)
    .bind::<Array<SqlUuid>, _>(column(|one| one.signed_by))
    .execute(&mut connection)
    .await?;
    Ok(())
}
