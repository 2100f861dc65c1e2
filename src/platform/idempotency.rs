//! Retries without repetition: the same `Idempotency-Key` with the same content replays the stored
//! answer for a day, other content with it is refused, and a request that is still running says so.
//!
//! The answer is stored in the transaction of its effect: either both are there or neither. Only
//! answers are kept; a refusal leaves nothing behind and may be tried again.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, Responder};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use uuid::Uuid;

use crate::platform::access::{Action, Permit, Principal, job};
use crate::platform::database::{Database, DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::Version;
use crate::platform::json::Fingerprint;
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::prepared;
use crate::platform::problem::{self, Problem};
use crate::schema::idempotency_records;

const KEPT: TimeDelta = TimeDelta::hours(24);

/// An answer as it leaves: a status, a JSON body, and the version and address of what it shows.
pub(crate) struct Answer {
    status: StatusCode,
    version: Option<Version>,
    location: Option<String>,
    /// The answer names no version.
    weak_etag: Option<String>,
    /// It was given before, to the same request.
    is_replayed: bool,
    /// What a browser is to keep.
    cookie: Option<HeaderValue>,
    body: String,
}

impl Answer {
    /// 200 with this body.
    pub(crate) fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(|error| {
            tracing::error!(%error, "an answer could not be written");
            Problem::new(&problem::INTERNAL)
        })?;
        Ok(Self {
            status: StatusCode::OK,
            version: None,
            location: None,
            weak_etag: None,
            is_replayed: false,
            cookie: None,
            body,
        })
    }

    /// 201 with this body, which can be read at `location` from now on.
    pub(crate) fn created(body: &impl Serialize, location: String) -> Result<Self, Problem> {
        let answer = Self::ok(body)?;
        Ok(Self {
            status: StatusCode::CREATED,
            location: Some(location),
            ..answer
        })
    }

    /// 201 with this body, which has no address of its own.
    pub(crate) fn made(body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self {
            status: StatusCode::CREATED,
            ..Self::ok(body)?
        })
    }

    /// 304: the client has what has this entity tag.
    pub(crate) const fn unchanged(etag: String) -> Self {
        Self {
            status: StatusCode::NOT_MODIFIED,
            version: None,
            location: None,
            weak_etag: Some(etag),
            is_replayed: false,
            cookie: None,
            body: String::new(),
        }
    }

    /// Says by which entity tag a client knows the body again.
    pub(crate) fn etag(mut self, etag: String) -> Self {
        self.weak_etag = Some(etag);
        self
    }

    /// Lets a browser keep something.
    pub(crate) fn cookie(mut self, cookie: Option<HeaderValue>) -> Self {
        self.cookie = cookie;
        self
    }

    /// Says which version of the record the body shows.
    pub(crate) fn version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }
}

impl Responder for Answer {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        let etag = self.version.map(Version::etag).or(self.weak_etag);
        if let Some(etag) = etag {
            response.insert_header((header::ETAG, etag));
        }
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(cookie) = self.cookie {
            response.insert_header((header::SET_COOKIE, cookie));
        }
        if self.is_replayed {
            response.insert_header(("idempotency-replayed", "true"));
        }
        if self.status == StatusCode::NOT_MODIFIED {
            return response.finish();
        }
        response.content_type("application/json").body(self.body)
    }
}

/// The key of a request that may be retried, with the operation it is for.
pub(crate) struct Once {
    key: Option<String>,
    operation: String,
}

impl IntoParams for Once {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(255))
            .pattern(Some(r"^[\x21-\x7E]+$"));
        vec![
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "Makes a retry safe: the same key and content replay the answer for 24 hours.",
                ))
                .schema(Some(schema))
                .build(),
        ]
    }
}

impl FromRequest for Once {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = request.headers().get("idempotency-key").map(|value| {
            let text = value.to_str().unwrap_or_default();
            let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
            if is_plain && (1..=255).contains(&text.len()) {
                Ok(text.to_owned())
            } else {
                Err(Problem::field(
                    "#/header/Idempotency-Key",
                    "must be 1 to 255 visible ASCII characters",
                ))
            }
        });
        let mut operation = format!("{} {}", request.method(), request.path());
        // What a service account was told on behalf of one user is not told on behalf of another.
        let on_behalf_of = request
            .extensions()
            .get::<Principal>()
            .and_then(|principal| principal.service_access.as_ref()?.on_behalf_of);
        if let Some(user_id) = on_behalf_of {
            operation = format!("{operation} for {user_id}");
        }
        ready(key.transpose().map(|key| Self { key, operation }))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_records, check_for_backend(diesel::pg::Pg))]
struct RecordRow {
    fingerprint: Vec<u8>,
    status: i16,
    version: Option<Version>,
    location: Option<String>,
    body: String,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = idempotency_records, primary_key(practice_id, user_id, operation, key), treat_none_as_null = true, treat_none_as_default_value = false)]
struct NewRecordRow {
    practice_id: Uuid,
    user_id: Uuid,
    operation: String,
    key: String,
    fingerprint: Vec<u8>,
    status: i16,
    version: Option<Version>,
    location: Option<String>,
    body: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

job!(
    /// Deleting answers that are no longer replayed.
    ForgetAnswers, "idempotency.forget", practice
);

/// Deletes the answers of a practice that are no longer replayed.
pub(crate) async fn clean_up(database: &Database, practice_id: Uuid) -> Result<(), Problem> {
    use idempotency_records::dsl;
    Permit::<ForgetAnswers>::of_job(database.clone(), practice_id)
        .transaction(async |transaction| {
            diesel::delete(dsl::idempotency_records)
                .filter(dsl::practice_id.eq(practice_id))
                .filter(dsl::expires_at.le(transaction.now()))
                .execute(&mut transaction.connection())
                .await
                .map_err(DatabaseError::from)?;
            Ok(())
        })
        .await
}

impl<A: Action> Permit<A> {
    /// Runs [`Permit::transaction`], at most once for each key.
    pub(crate) async fn once(
        &self,
        once: &Once,
        fingerprint: Fingerprint,
        work: impl AsyncFn(&Transaction<'_, A>) -> Result<Answer, Problem>,
    ) -> Result<Answer, Problem> {
        self.transaction(async |transaction| {
            let Some(key) = &once.key else {
                return work(transaction).await;
            };
            if let Some(answer) = before(transaction, once, key, &fingerprint).await? {
                return Ok(answer);
            }
            let answer = work(transaction).await?;
            store(transaction, once, key, (&fingerprint, &answer));
            Ok(answer)
        })
        .await
    }
}

/// Takes the key, and finds what was answered to it before.
async fn before(
    transaction: &OpenTransaction<'_>,
    once: &Once,
    key: &str,
    fingerprint: &Fingerprint,
) -> Result<Option<Answer>, Problem> {
    // One after the other in one exchange: what is found was committed before the key was taken.
    let (is_taken, found) =
        pipelined!(claim(transaction, once, key), find(transaction, once, key),)?;
    if !is_taken {
        return Err(Problem::new(&problem::IN_PROGRESS));
    }
    let Some(row) = found else {
        return Ok(None);
    };
    if row.fingerprint != fingerprint.bytes() {
        return Err(Problem::new(&problem::KEY_REUSED));
    }
    transaction.touch_all("replayed_answer", []);
    replay(row).map(Some)
}

fn replay(row: RecordRow) -> Result<Answer, Problem> {
    let status = u16::try_from(row.status)
        .ok()
        .and_then(|code| StatusCode::from_u16(code).ok());
    Ok(Answer {
        status: status.ok_or_else(|| Problem::new(&problem::INTERNAL))?,
        version: row.version,
        location: row.location,
        weak_etag: None,
        is_replayed: true,
        cookie: None,
        body: row.body,
    })
}

/// Takes the key for this transaction; refuses when another one holds it.
async fn claim(transaction: &OpenTransaction<'_>, once: &Once, key: &str) -> Stored<bool> {
    let principal = transaction.principal();
    let mut hash = Sha256::new();
    hash.update(principal.practice_id);
    hash.update(principal.user_id);
    hash.update(&once.operation);
    hash.update([0]);
    hash.update(key);
    let number = hash.finalize().iter().take(8).fold(0_i64, |number, byte| {
        number.wrapping_shl(8) | i64::from(*byte)
    });
    let taken = prepared(diesel::select(
        sql::<Bool>("pg_try_advisory_xact_lock(")
            .bind::<BigInt, _>(number)
            .sql(")"),
    ))
    .get_result(&mut transaction.connection())
    .await?;
    Ok(taken)
}

async fn find(
    transaction: &OpenTransaction<'_>,
    once: &Once,
    key: &str,
) -> Stored<Option<RecordRow>> {
    use idempotency_records::dsl;
    let principal = transaction.principal();
    dsl::idempotency_records
        .filter(dsl::practice_id.eq(principal.practice_id))
        .filter(dsl::user_id.eq(principal.user_id))
        .filter(dsl::operation.eq(&once.operation))
        .filter(dsl::key.eq(key))
        .filter(dsl::expires_at.gt(transaction.now()))
        .select(RecordRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()
        .map_err(DatabaseError::from)
}

/// Nothing waits for it: it goes with the commit.
fn store(
    transaction: &OpenTransaction<'_>,
    once: &Once,
    key: &str,
    (fingerprint, answer): (&Fingerprint, &Answer),
) {
    use idempotency_records::dsl;
    let principal = transaction.principal();
    let row = NewRecordRow {
        practice_id: principal.practice_id,
        user_id: principal.user_id,
        operation: once.operation.clone(),
        key: key.to_owned(),
        fingerprint: fingerprint.bytes().to_vec(),
        status: i16::try_from(answer.status.as_u16()).unwrap_or(200),
        version: answer.version,
        location: answer.location.clone(),
        body: answer.body.clone(),
        created_at: transaction.now(),
        expires_at: transaction.now() + KEPT,
    };
    transaction.at_end(|mut connection| {
        async move {
            // A row that is in the way here has expired: `find` would have replayed a living one.
            let insertion = diesel::insert_into(dsl::idempotency_records)
                .values(&row)
                .on_conflict((dsl::practice_id, dsl::user_id, dsl::operation, dsl::key))
                .do_update()
                .set(&row);
            prepared(insertion).execute(&mut connection).await?;
            Ok(())
        }
        .boxed_local()
    });
}
