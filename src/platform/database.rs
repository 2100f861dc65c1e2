//! Transactions, and the only way to one.
//!
//! [`Permit::transaction`] opens a transaction in which Postgres knows the practice and the
//! patients within reach, and asks whether the session still holds and which of its patients are
//! still within reach. All of that goes out in one exchange with the first statements of the
//! closure; what they found counts for nothing unless the session holds. The transaction commits
//! when the closure answers `Ok`, in one exchange with the audit rows, and rolls back otherwise.
//! Serialisation failures and deadlocks run the whole closure again, up to three times.
//!
//! Statements that go out together are carried out in the order in which they were sent, and each
//! sees what was committed until its own turn. The order is that in which they are first polled:
//! prepared statements queue for the cache of the connection, in which one that is not known yet
//! is prepared while the others wait. `BEGIN` and the settings are sent past the queue and come
//! first; whatever must not overtake a prepared statement is prepared itself, as `COMMIT` is.
//!
//! A request that is cancelled half-way drops its transaction unfinished. Its connection is then
//! thrown away instead of going back to the pool, because what state it is in is unknown.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::Duration;

use chrono::{DateTime, Utc};
use deadpool::managed::Object;
use diesel::connection::InstrumentationEvent;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ConnectionError, OptionalExtension};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use uuid::Uuid;

use crate::platform::access::{Action, Permit, Principal};
use crate::platform::audit::{self, Touched};
use crate::platform::clock::Clock;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::pipeline::pipelined_to_the_end;
use crate::platform::prepared::prepared;
use crate::platform::problem::{self, Problem};
use crate::platform::telemetry;

type Manager = AsyncDieselConnectionManager<AsyncPgConnection>;
type Pool = deadpool::managed::Pool<Manager>;

/// What can go wrong in a store: a statement fails, or a row makes no sense.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    #[error("a statement failed")]
    Statement(#[from] DieselError),
    #[error(transparent)]
    Inconsistent(#[from] InconsistentRow),
}

impl DatabaseError {
    /// The constraint that refused the statement. A distributed Postgres leaves the field empty
    /// and puts the name into the message with the number of the shard behind it.
    pub(crate) fn constraint(&self) -> Option<&str> {
        let (_, information) = self.refusal()?;
        information
            .constraint_name()
            .or_else(|| constraint_in(information.message()))
    }

    /// Whether this constraint refused the statement.
    pub(crate) fn breaks(&self, constraint: &str) -> bool {
        self.constraint() == Some(constraint)
    }

    /// Whether the whole transaction may be tried again.
    pub(super) fn is_transient(&self) -> bool {
        matches!(
            self.refusal(),
            Some((DatabaseErrorKind::SerializationFailure, _))
        ) || self
            .message()
            .is_some_and(|text| text.contains("deadlock detected"))
    }

    /// Whether the connection was gone before the statement was sent, or went while it ran.
    fn is_closed(&self) -> bool {
        self.is_cut_off()
            || self
                .message()
                .is_some_and(|text| text.contains("connection closed"))
    }

    /// Whether the database cannot be reached or does not keep up.
    pub(super) fn is_overload(&self) -> bool {
        self.is_cut_off()
            || matches!(self, Self::Statement(DieselError::BrokenTransactionManager))
            || self.message().is_some_and(|text| {
                text.contains("statement timeout")
                    || text.contains("lock timeout")
                    || text.contains("connection")
            })
    }

    /// A word for the log that holds nothing of the row.
    pub(super) fn kind(&self) -> String {
        let error = match self {
            Self::Inconsistent(row) => return row.to_string(),
            Self::Statement(error) => error,
        };
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, information) => {
                // The message of Postgres names objects, never values; those are in the details.
                information.message().to_owned()
            }
            DieselError::DatabaseError(kind, _) => format!("{kind:?}"),
            DieselError::NotFound => "NotFound".to_owned(),
            DieselError::DeserializationError(error) => format!("deserialization: {error}"),
            DieselError::QueryBuilderError(_) => "query builder".to_owned(),
            DieselError::SerializationError(_) => "serialization".to_owned(),
            _ => "other".to_owned(),
        }
    }

    fn is_cut_off(&self) -> bool {
        matches!(
            self.refusal(),
            Some((
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _
            ))
        )
    }

    fn message(&self) -> Option<&str> {
        self.refusal().map(|(_, information)| information.message())
    }

    /// What the database itself answered.
    fn refusal(
        &self,
    ) -> Option<(
        &DatabaseErrorKind,
        &(dyn DatabaseErrorInformation + Send + Sync),
    )> {
        match self {
            Self::Statement(DieselError::DatabaseError(kind, information)) => {
                Some((kind, &**information))
            }
            Self::Statement(_) | Self::Inconsistent(_) => None,
        }
    }
}

/// The constraint quoted last in a message, without the number of a shard.
fn constraint_in(message: &str) -> Option<&str> {
    let (before, _) = message.rsplit_once('"')?;
    let (_, name) = before.rsplit_once('"')?;
    Some(match name.rsplit_once('_') {
        Some((stem, digits)) if digits.len() >= 5 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            stem
        }
        _ => name,
    })
}

/// The result of a store function.
pub(crate) type Stored<T> = Result<T, DatabaseError>;

/// The pool, private to this module: features reach it through a permit or a door.
#[derive(Clone)]
pub(crate) struct Database {
    pool: Pool,
    clock: Clock,
}

/// So many may wait for each connection; whoever comes behind them is told at once to come again.
const WAITING_A_CONNECTION: usize = 64;

impl Database {
    /// Prepares a pool of at most `connections`; nothing is connected before the first use.
    ///
    /// A connection lives on the thread that first asked for it, and asking from another one wakes
    /// that thread for every exchange: a thread that serves has a pool of its own.
    pub(crate) fn new(url: &str, connections: usize, clock: Clock) -> anyhow::Result<Self> {
        let mut config = ManagerConfig::default();
        // No question of its own whether a connection still lives: the first statements show it.
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(|url| connect(url.to_owned()).boxed());
        let manager = Manager::new_with_config(url, config);
        let pool = Pool::builder(manager)
            .max_size(connections)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(5)))
            .create_timeout(Some(Duration::from_secs(5)))
            .build()?;
        Ok(Self { pool, clock })
    }

    /// The current instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A transaction for someone who is not signed in, through one of the listed doors. It sees
    /// the control tables and no row of any practice.
    pub(crate) async fn through<T>(
        &self,
        door: Door,
        work: impl AsyncFn(&Connection) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        tracing::debug!(?door, "opened");
        self.retry(async || {
            let connection = self.connection().await?;
            let mut exchange: &AsyncPgConnection = &connection;
            exchange
                .batch_execute("BEGIN")
                .await
                .map_err(DatabaseError::from)?;
            let answer = work(&connection).await?;
            exchange
                .batch_execute("COMMIT")
                .await
                .map_err(DatabaseError::from)?;
            connection.is_clean.set(true);
            Ok(answer)
        })
        .await
    }

    /// A transaction of the action `A` for someone who is not signed in, but whom something else
    /// than a session speaks for: a secret address that was looked up through the same door. It
    /// sees what `principal` may reach.
    pub(crate) async fn through_as<A: Action, T>(
        &self,
        door: Door,
        principal: &Principal,
        work: impl AsyncFn(&Transaction<'_, A>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        tracing::debug!(?door, "opened");
        self.run(principal, (self.now(), None), (work, Ok)).await
    }

    /// A transaction of the action `A`, as often as it takes. Whether the session holds is asked
    /// where there is one, for the whole record or for appointments alone.
    async fn run<A: Action, T, U>(
        &self,
        principal: &Principal,
        (now, whole_record): (DateTime<Utc>, Option<bool>),
        (work, meanwhile): (
            impl AsyncFn(&Transaction<'_, A>) -> Result<T, Problem>,
            impl Fn(T) -> Result<U, Problem>,
        ),
    ) -> Result<U, Problem> {
        let todo = (&work, &meanwhile);
        self.retry(async || {
            let transaction = Transaction::<A>::on(self, principal, now).await?;
            match transaction.run(whole_record, todo).await? {
                Outcome::Answered(answer) => Ok(answer),
                Outcome::Narrower(principal) => {
                    let transaction = Transaction::<A>::on(self, &principal, now).await?;
                    match transaction.run(whole_record, todo).await? {
                        Outcome::Answered(answer) => Ok(answer),
                        Outcome::Narrower(_) => Err(Problem::new(&problem::BUSY)),
                    }
                }
            }
        })
        .await
    }

    async fn retry<T>(&self, run: impl AsyncFn() -> Result<T, Problem>) -> Result<T, Problem> {
        let mut tries = 0_u32;
        loop {
            match run().await {
                Err(problem) if problem.is_transient() && tries < 3 => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(u64::from(5 * tries * tries))).await;
                }
                answer => return answer,
            }
        }
    }

    /// Lets go of the connections that wait: where one is dead, so are its neighbours.
    fn forget_idle(&self) {
        self.pool.retain(|_, _| false);
    }

    async fn connection(&self) -> Result<Connection, Problem> {
        let crowd = self.pool.status();
        if crowd.waiting >= crowd.max_size.saturating_mul(WAITING_A_CONNECTION) {
            return Err(Problem::new(&problem::BUSY));
        }
        let object = self.pool.get().await.map_err(|error| {
            tracing::error!(%error, "no connection");
            Problem::new(&problem::BUSY)
        })?;
        Ok(Connection {
            object: Some(object),
            is_clean: Cell::new(false),
        })
    }
}

/// What may be done without a permit; each is used in one place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Door {
    /// Signing in, refreshing and signing out.
    SignIn,
    /// Accepting an invitation.
    Invitation,
    /// Reading a calendar at its secret address.
    CalendarFeed,
    /// Loading or making the signing keys at start.
    SigningKeys,
    /// `/health/ready`.
    Readiness,
    /// `user create` and the demo: setting up a practice from the command line.
    SetUp,
    /// Asking which practices have a waitlist to be looked at.
    Waitlist,
    /// Linking an account to a patient by a one-time code.
    Activation,
}

async fn connect(url: String) -> diesel::ConnectionResult<AsyncPgConnection> {
    let mut connection = AsyncPgConnection::establish(&url).await?;
    // Statements are planned once a connection: planning one that joins takes longer than running it.
    // None is shared out or compiled: starting another process and making machine code take longer than what
    // is asked for here, and Postgres would begin to do both only when the tables are large.
    // The role owns no table, so that row-level security holds for every statement of the service.
    connection
        .batch_execute(
            "SET ROLE tautband_app; SET TIME ZONE 'UTC'; SET statement_timeout = '5s'; \
             SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '10s'; \
             SET plan_cache_mode = force_generic_plan; SET max_parallel_workers_per_gather = 0; \
             SET jit = off",
        )
        .await
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    connection.set_instrumentation(|event: InstrumentationEvent<'_>| telemetry::observe(&event));
    Ok(connection)
}

/// A connection that goes back to the pool only when its transaction was finished.
pub(crate) struct Connection {
    object: Option<Object<Manager>>,
    is_clean: Cell<bool>,
}

impl Deref for Connection {
    type Target = AsyncPgConnection;

    #[expect(clippy::expect_used, reason = "the object is taken in drop alone")]
    fn deref(&self) -> &AsyncPgConnection {
        self.object
            .as_deref()
            .expect("a connection is held until it is dropped")
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.is_clean.get()
            && let Some(object) = self.object.take()
        {
            drop(Object::take(object));
        }
    }
}

/// An open transaction of the action `A`. Only a permit for the action begins one.
pub(crate) struct Transaction<'p, A> {
    open: OpenTransaction<'p>,
    action: PhantomData<A>,
}

/// How a transaction ended that did not fail.
enum Outcome<T> {
    Answered(T),
    /// Not at all: fewer patients are within reach than the token says.
    Narrower(Principal),
}

impl<'p, A: Action> Transaction<'p, A> {
    /// On a connection of its own; nothing is sent yet.
    async fn on(
        database: &Database,
        principal: &'p Principal,
        now: DateTime<Utc>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            open: OpenTransaction {
                principal,
                connection: database.connection().await?,
                now,
                touched: RefCell::new(Vec::new()),
                at_end: RefCell::new(Vec::new()),
                database: database.clone(),
            },
            action: PhantomData,
        })
    }

    /// Begins, does the work and ends, and meanwhile makes of the answer what is wanted.
    async fn run<T, U>(
        self,
        whole_record: Option<bool>,
        (work, meanwhile): (
            &impl AsyncFn(&Self) -> Result<T, Problem>,
            &impl Fn(T) -> Result<U, Problem>,
        ),
    ) -> Result<Outcome<U>, Problem> {
        // The first is polled first, so that its statements are ahead of those of the work.
        let (begun, answer) = pipelined_to_the_end!(self.open.begin(whole_record), work(&self));
        match begun {
            Ok(Begun::AsTheTokenSays) => {}
            Ok(Begun::Narrower(principal)) => {
                self.open.roll_back().await;
                return Ok(Outcome::Narrower(principal));
            }
            Err(problem) => {
                self.open.roll_back().await;
                return Err(problem);
            }
        }
        match answer {
            Ok(answer) => {
                // The first is polled first, so that Postgres has its statements before.
                let (committed, answer) = pipelined_to_the_end!(
                    self.open.commit(A::NAME, A::AREA.concerns_patients()),
                    async { meanwhile(answer) },
                );
                committed?;
                Ok(Outcome::Answered(answer?))
            }
            Err(problem) => {
                self.open.roll_back().await;
                Err(problem)
            }
        }
    }
}

impl<'p, A> Deref for Transaction<'p, A> {
    type Target = OpenTransaction<'p>;

    fn deref(&self) -> &OpenTransaction<'p> {
        &self.open
    }
}

/// What a transaction is whatever its action: who acts, where statements go, and what they touched.
/// Stores take this, so that a query is compiled once and not once for each action.
pub(crate) struct OpenTransaction<'p> {
    principal: &'p Principal,
    connection: Connection,
    now: DateTime<Utc>,
    touched: RefCell<Vec<Touched>>,
    at_end: RefCell<Vec<AtEnd>>,
    database: Database,
}

/// A statement that is sent when the work is done.
type AtEnd = Box<dyn FnOnce(&AsyncPgConnection) -> Parting<'_>>;

/// A statement that is on its way.
pub(crate) type Parting<'c> = LocalBoxFuture<'c, Result<(), DieselError>>;

/// What a transaction found when it began.
enum Begun {
    AsTheTokenSays,
    Narrower(Principal),
}

impl OpenTransaction<'_> {
    /// Where statements go.
    pub(crate) fn connection(&self) -> &AsyncPgConnection {
        &self.connection
    }

    /// Who is acting.
    pub(crate) const fn principal(&self) -> &Principal {
        self.principal
    }

    /// The practice every statement names.
    pub(crate) const fn practice_id(&self) -> Uuid {
        self.principal.practice_id
    }

    /// The instant of this transaction: the same for all its statements.
    pub(crate) const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Sends a statement with the last ones, when the work is done: one that nothing waits for, such
    /// as a line of history. Where it fails, the whole transaction does.
    pub(crate) fn at_end(
        &self,
        statement: impl FnOnce(&AsyncPgConnection) -> Parting<'_> + 'static,
    ) {
        self.at_end.borrow_mut().push(Box::new(statement));
    }

    /// Says that a record of a patient was read or changed.
    pub(crate) fn touch(
        &self,
        resource_type: &'static str,
        resource_id: impl Into<Uuid>,
        patient_id: impl Into<Uuid>,
    ) {
        self.touched.borrow_mut().push(Touched {
            resource_type,
            resource_id: Some(resource_id.into()),
            patient_id: Some(patient_id.into()),
        });
    }

    /// Says that a record was changed that is no patient's, and yet worth a line of the trail.
    pub(crate) fn touch_record(&self, resource_type: &'static str, resource_id: impl Into<Uuid>) {
        self.touched.borrow_mut().push(Touched {
            resource_type,
            resource_id: Some(resource_id.into()),
            patient_id: None,
        });
    }

    /// Says that a list was read: each record on it, or that it was empty.
    pub(crate) fn touch_all(
        &self,
        resource_type: &'static str,
        records: impl IntoIterator<Item = (Uuid, Uuid)>,
    ) {
        let mut touched = self.touched.borrow_mut();
        let before = touched.len();
        touched.extend(
            records
                .into_iter()
                .map(|(resource_id, patient_id)| Touched {
                    resource_type,
                    resource_id: Some(resource_id),
                    patient_id: Some(patient_id),
                }),
        );
        if touched.len() == before {
            touched.push(Touched {
                resource_type,
                resource_id: None,
                patient_id: None,
            });
        }
    }

    /// Tells Postgres who acts, and asks whether they still may.
    async fn begin(&self, whole_record: Option<bool>) -> Result<Begun, Problem> {
        let principal = self.principal;
        let reach = principal.reach();
        let begin = begin(principal.practice_id, &reach);
        let mut exchange: &AsyncPgConnection = &self.connection;
        let still = async {
            let Some(whole_record) = whole_record else {
                return Ok(Some(reach.clone()));
            };
            let asked = (reach.as_str(), whole_record);
            session_reach(&self.connection, principal, self.now, asked).await
        };
        let (begun, still) = pipelined_to_the_end!(exchange.batch_execute(&begin), still);
        let begun = begun.and(still);
        let still = begun.map_err(|error| self.not_begun(error.into()))?;
        match still {
            None => Err(Problem::new(&problem::NOT_SIGNED_IN)),
            Some(still) if still == reach => Ok(Begun::AsTheTokenSays),
            Some(still) => Ok(Begun::Narrower(principal.within(&still))),
        }
    }

    /// A connection that died while it waited in the pool has done nothing yet: the next one may.
    fn not_begun(&self, error: DatabaseError) -> Problem {
        if !error.is_closed() {
            return error.into();
        }
        self.database.forget_idle();
        Problem::new(&problem::BUSY).transient()
    }

    async fn commit(self, action: &'static str, concerns_patients: bool) -> Result<(), Problem> {
        let touched = self.touched.take();
        if concerns_patients && touched.is_empty() {
            tracing::error!(action, "an act on patient data left no audit row");
            return Err(Problem::new(&problem::INTERNAL));
        }
        let (connection, mut exchange) = (&*self.connection, &*self.connection);
        let at_end = self.at_end.take().into_iter();
        let (parted, recorded, committed) = pipelined_to_the_end!(
            join_all(at_end.map(|statement| statement(connection))),
            audit::record(connection, self.principal, action, self.now, &touched),
            // Behind the others: where one of them fails, this rolls back.
            prepared(diesel::sql_query("COMMIT")).execute(&mut exchange),
        );
        let parted: Result<(), DieselError> = parted.into_iter().collect();
        parted
            .and(recorded)
            .and(committed)
            .map_err(DatabaseError::from)?;
        self.connection.is_clean.set(true);
        Ok(())
    }

    async fn roll_back(self) {
        let mut exchange: &AsyncPgConnection = &self.connection;
        if exchange.batch_execute("ROLLBACK").await.is_ok() {
            self.connection.is_clean.set(true);
        }
    }
}

/// Begins a transaction, and says what row-level security reads, in one message.
fn begin(practice_id: Uuid, reach: &str) -> String {
    // Typed ids joined by commas: there is nothing in it to escape.
    format!(
        "BEGIN; SET LOCAL app.practice_id = '{practice_id}'; SET LOCAL app.patient_ids = '{reach}'"
    )
}

impl<A: Action> Permit<A> {
    /// Runs `work` in one transaction; see the module.
    pub(crate) async fn transaction<T>(
        &self,
        work: impl AsyncFn(&Transaction<'_, A>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.transaction_and(work, Ok).await
    }

    /// As [`Self::transaction`], for what is long to write: `write` makes the answer of what was
    /// read while Postgres keeps what the audit trail says of all that is on it.
    pub(crate) async fn transaction_and<T, U>(
        &self,
        work: impl AsyncFn(&Transaction<'_, A>) -> Result<T, Problem>,
        write: impl Fn(T) -> Result<U, Problem>,
    ) -> Result<U, Problem> {
        let (database, principal) = (self.database(), self.principal());
        let whole_record = (!principal.is_service()).then_some(A::AREA.needs_whole_record());
        database
            .run(principal, (self.now(), whole_record), (work, write))
            .await
    }
}

#[derive(diesel::QueryableByName)]
struct Reach {
    #[diesel(sql_type = Text)]
    reach: String,
}

/// No row where the session does not hold. Asked by every transaction, so that sign-out, a changed
/// role and an ended link work on the very next request.
const REACH: &str = "
    SELECT CASE WHEN $5 <> 'patient' THEN '*' ELSE coalesce((
        SELECT string_agg(l.patient_id::text, ',' ORDER BY l.patient_id)
        FROM control.patient_links l
        WHERE l.practice_id = $3 AND l.user_id = $4
          AND l.patient_id = ANY (string_to_array($6, ',')::uuid[])
          AND l.revoked_at IS NULL AND (l.ends_at IS NULL OR l.ends_at > $2)
          AND (l.scope = 'record' OR NOT $7)), '') END AS reach
    FROM control.sessions s
    JOIN control.memberships m ON m.practice_id = s.practice_id AND m.user_id = s.user_id
    JOIN control.users u ON u.id = s.user_id
    WHERE s.id = $1 AND s.practice_id = $3 AND s.user_id = $4
      AND s.revoked_at IS NULL AND s.expires_at > $2
      AND m.role = $5 AND m.suspended_at IS NULL AND u.disabled_at IS NULL";

/// The patients of the token that are still within reach, as [`Principal::reach`] writes them;
/// nothing when the session does not hold.
async fn session_reach<'c>(
    connection: &'c AsyncPgConnection,
    principal: &'c Principal,
    now: DateTime<Utc>,
    (reach, whole_record): (&'c str, bool),
) -> Result<Option<String>, DieselError> {
    let mut connection = connection;
    let asked = diesel::sql_query(REACH)
        .bind::<SqlUuid, _>(principal.session_id)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(principal.practice_id)
        .bind::<SqlUuid, _>(principal.user_id)
        .bind::<Text, _>(principal.role.as_str())
        .bind::<Text, _>(reach)
        .bind::<Bool, _>(whole_record);
    let row: Option<Reach> = prepared(asked)
        .get_result(&mut connection)
        .await
        .optional()?;
    Ok(row.map(|row| row.reach))
}

#[cfg(test)]
mod tests {
    use super::constraint_in;

    #[test]
    fn a_constraint_is_recognised_in_the_message_of_a_distributed_database() {
        let message =
            "conflicting key value violates exclusion constraint \"bookings_no_overlap_102283\"";
        assert_eq!(constraint_in(message), Some("bookings_no_overlap"));
        let message = "duplicate key value violates unique constraint \"users_email_unique\"";
        assert_eq!(constraint_in(message), Some("users_email_unique"));
    }
}
