//! Transactions, and the only way to one.
//!
//! [`Permit::transaction`] opens a transaction in which Postgres knows the practice and the
//! patients within reach. It asks whether the session still holds and which of its patients are
//! still within reach. All of that goes out in one exchange with the first statements of the
//! closure; their results are used only if the session holds. The transaction commits when the
//! closure returns `Ok`, in one exchange with the audit rows, and rolls back otherwise.
//! Serialization failures and deadlocks run the whole closure again, up to three times.
//!
//! Statements that go out together are carried out in the order in which they were sent, and each
//! sees what was committed until its own turn. The order is that in which they are first polled:
//! prepared statements queue for the cache of the connection, in which one that is not known yet
//! is prepared while the others wait. `BEGIN` and the settings are sent past the queue and come
//! first. A statement that must not overtake a prepared one is prepared itself, as `COMMIT` is.
//!
//! A request that is cancelled half-way drops its transaction unfinished. The state of its
//! connection is then unknown, so the connection is closed instead of going back to the pool.
//!
//! A statement that fails is judged by the code of Postgres at the end of its transaction
//! ([`error::judge`]), never by the text of a message, which comes in the language of the server.
//!
//! [`Permit::transaction`]: crate::platform::access::Permit::transaction

mod address;
mod connect;
mod error;
mod logins;
mod service_account;
mod session;
mod sqlstate;
mod tls;
mod transaction;
mod wire;

use std::cell::Cell;
use std::ops::Deref;
use std::time::Duration;

use chrono::{DateTime, Utc};
use deadpool::managed::Object;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use connect::{Live, Manager};
use error::judge;
use session::Demands;
use sqlstate::SqlState;
use transaction::{Outcome, SessionCheck, Work};

use crate::platform::access::{Action, Area, Permit, Principal, job};
use crate::platform::clock::Clock;
use crate::platform::problem::{self, Problem};

pub(crate) use address::{Address, password_in, without_password};
pub(crate) use error::{DatabaseError, Stored};
pub use logins::DatabaseAccess;
pub(crate) use logins::{Logins, enable};
pub(crate) use service_account::{BroughtKey, names_nobody};
pub(crate) use transaction::{OpenTransaction, Transaction};

job!(
    /// Noting what was refused.
    RecordRefusal, "requests.refuse", practice
);

type Pool = deadpool::managed::Pool<Manager>;

/// The pools, private to this module: features reach them through a permit or a door.
#[derive(Clone)]
pub(crate) struct Database {
    /// Reaches the tables of a practice.
    app: Pool,
    /// Reaches who signs in.
    control: Pool,
    clock: Clock,
}

/// How long Postgres may take to begin a transaction. It waits for no lock there, so a longer silence
/// means that the connection is dead.
const BEGINS_WITHIN: Duration = Duration::from_secs(2);

/// How many requests may wait for each connection; more are refused at once with 503.
const WAITING_A_CONNECTION: usize = 64;

impl Database {
    /// Prepares a pool of at most `connections` for the work of practices, and a quarter of that for
    /// sign-in; nothing is connected before the first use.
    ///
    /// A connection lives on the thread that first asked for it, and asking from another one wakes
    /// that thread for every exchange: a thread that serves has a pool of its own.
    pub(crate) fn new(logins: &Logins, connections: usize, clock: Clock) -> anyhow::Result<Self> {
        Ok(Self {
            app: pool(&logins.app, connections)?,
            control: pool(&logins.control, connections.div_ceil(4))?,
            clock,
        })
    }

    /// The current instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A transaction for someone who is not signed in, through one of the listed doors. It reaches
    /// the control tables and no table of a practice.
    pub(crate) async fn through<T>(
        &self,
        door: Door,
        work: impl AsyncFn(&Connection) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        tracing::debug!(?door, "opened");
        let pool = match door {
            // It answers for what requests use.
            Door::Readiness => &self.app,
            _ => &self.control,
        };
        self.retry(async || {
            let connection = connection_of(pool).await?;
            let answer = match tokio::time::timeout(BEGINS_WITHIN, begin(&connection)).await {
                Ok(Ok(())) => behind(&connection, &work).await,
                Ok(Err(error)) => Err(error.into()),
                Err(_late) => {
                    self.forget_idle();
                    Err(Problem::new(&problem::BUSY))
                }
            };
            answer.map_err(|problem| judge(problem, connection.first_error()))
        })
        .await
    }

    /// A transaction of the action `A` for a caller without a session, who is known by something
    /// else: a secret address that was looked up through the same door. It sees what `principal`
    /// may reach.
    pub(crate) async fn through_as<A: Action, T>(
        &self,
        door: Door,
        principal: &Principal,
        work: impl AsyncFn(&Transaction<'_, A>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        tracing::debug!(?door, "opened");
        let work = Work {
            run: work,
            write: Ok,
        };
        self.run(principal, SessionCheck::None, &work).await
    }

    /// Notes in the trail that somebody asked for what they may not do.
    pub(crate) async fn record_refusal(
        &self,
        principal: &Principal,
        action: &'static str,
    ) -> Result<(), Problem> {
        let work = async |transaction: &Transaction<'_, RecordRefusal>| {
            transaction.refuse(action, "operation", None);
            Ok(())
        };
        self.through_as(Door::Refusal, principal, work).await
    }

    /// Runs a transaction of the action `A`, again if it may succeed then.
    async fn run<A: Action, T, U>(
        &self,
        principal: &Principal,
        check: SessionCheck,
        work: &Work<
            impl AsyncFn(&Transaction<'_, A>) -> Result<T, Problem>,
            impl Fn(T) -> Result<U, Problem>,
        >,
    ) -> Result<U, Problem> {
        let now = self.now();
        self.retry(async || {
            let transaction = Transaction::<A>::on(self, principal, now).await?;
            match transaction.run(check, work).await? {
                Outcome::Answered(answer) => Ok(answer),
                Outcome::Outdated(principal) => {
                    let transaction = Transaction::<A>::on(self, &principal, now).await?;
                    match transaction.run(check, work).await? {
                        Outcome::Answered(answer) => Ok(answer),
                        Outcome::Outdated(_) => Err(Problem::new(&problem::BUSY)),
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

    /// Closes the connections that wait: if one is dead, the others probably are too.
    fn forget_idle(&self) {
        self.app.retain(|_, _| false);
        self.control.retain(|_, _| false);
    }

    /// A connection for the work of a practice.
    async fn connection(&self) -> Result<Connection, Problem> {
        connection_of(&self.app).await
    }
}

fn pool(login: &Address, connections: usize) -> anyhow::Result<Pool> {
    let pool = Pool::builder(Manager::new(login.clone()))
        .max_size(connections)
        .runtime(deadpool::Runtime::Tokio1)
        .wait_timeout(Some(Duration::from_secs(5)))
        .create_timeout(Some(Duration::from_secs(3)))
        .build()?;
    Ok(pool)
}

async fn connection_of(pool: &Pool) -> Result<Connection, Problem> {
    let crowd = pool.status();
    if crowd.waiting >= crowd.max_size.saturating_mul(WAITING_A_CONNECTION) {
        return Err(Problem::new(&problem::BUSY));
    }
    let object = pool.get().await.map_err(|error| {
        tracing::error!(%error, "no connection");
        Problem::new(&problem::BUSY)
    })?;
    object.first_error.clear();
    Ok(Connection {
        object: Some(object),
        is_clean: Cell::new(false),
    })
}

async fn begin(mut connection: &AsyncPgConnection) -> Result<(), DatabaseError> {
    Ok(connection.batch_execute("BEGIN").await?)
}

/// Does the work and commits, in a transaction that no permit opened.
async fn behind<T>(
    connection: &Connection,
    work: &impl AsyncFn(&Connection) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut exchange: &AsyncPgConnection = connection;
    let answer = work(connection).await?;
    exchange
        .batch_execute("COMMIT")
        .await
        .map_err(DatabaseError::from)?;
    connection.is_clean.set(true);
    Ok(answer)
}

/// The acts that need no permit; each is used in one place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Door {
    /// Signing in, refreshing and signing out.
    SignIn,
    /// Changing one's own password. The session was asked for before.
    Password,
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
    /// Deleting what nobody needs any more.
    CleanUp,
    /// Setting up, checking and taking away a second factor. The session was asked for before.
    SecondFactor,
    /// Asking for a new password by mail, and choosing it.
    PasswordReset,
    /// Sending mails about accounts.
    Mail,
    /// Noting what was refused.
    Refusal,
    /// Asking which trails there are to seal.
    Trail,
    /// Linking an account to a patient by a one-time code.
    Activation,
    /// Finding out whose key a service account brings.
    ServiceAccount,
}

/// A connection that goes back to the pool only when its transaction was finished.
pub(crate) struct Connection {
    object: Option<Object<Manager>>,
    is_clean: Cell<bool>,
}

impl Connection {
    /// The code of the first error since the connection left the pool.
    fn first_error(&self) -> Option<SqlState> {
        self.object.as_deref()?.first_error.get()
    }
}

impl Deref for Connection {
    type Target = AsyncPgConnection;

    #[expect(clippy::expect_used, reason = "the object is taken in drop alone")]
    fn deref(&self) -> &AsyncPgConnection {
        let object = self.object.as_deref();
        let live = object.expect("a connection is held until it is dropped");
        &live.postgres
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.is_clean.get()
            && let Some(object) = self.object.take()
        {
            drop::<Live>(Object::take(object));
        }
    }
}

impl<A: Action> Permit<A> {
    /// Runs `work` in one transaction; see the module.
    pub(crate) async fn transaction<T>(
        &self,
        work: impl AsyncFn(&Transaction<'_, A>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.transaction_and(work, Ok).await
    }

    /// Does the same for an answer that takes long to write: `write` makes the answer while Postgres
    /// inserts the audit rows and commits.
    pub(crate) async fn transaction_and<T, U>(
        &self,
        work: impl AsyncFn(&Transaction<'_, A>) -> Result<T, Problem>,
        write: impl Fn(T) -> Result<U, Problem>,
    ) -> Result<U, Problem> {
        // The key of a service account was looked up for this request.
        let has_no_session =
            self.principal().is_service() || self.principal().service_access.is_some();
        let check = if has_no_session {
            SessionCheck::None
        } else {
            SessionCheck::Session(Demands {
                whole_record: A::AREA.needs_whole_record(),
                own_account: A::AREA == Area::Account,
                step_up: A::STEP_UP,
            })
        };
        let work = Work { run: work, write };
        self.database().run(self.principal(), check, &work).await
    }
}
