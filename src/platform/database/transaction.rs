//! One transaction: how it begins, what a store may do in it, and how it ends.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::ops::Deref;

use chrono::{DateTime, Utc};
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::{LocalBoxFuture, join_all};
use uuid::Uuid;

use super::error::{DatabaseError, judge};
use super::session::{self, Claimed, Demands, Standing};
use super::sqlstate::SqlState;
use super::{BEGINS_WITHIN, Connection, Database};
use crate::platform::access::{Action, Principal};
use crate::platform::audit::{self, Act, ActorRole, Touched};
use crate::platform::pipeline::pipelined_to_the_end;
use crate::platform::prepared::prepared;
use crate::platform::problem::{self, Problem};

/// Whether a transaction asks if the session of its principal still holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum SessionCheck {
    /// There is no session: the service itself acts, or a secret address stands for a user.
    None,
    Session(Demands),
}

/// The work of a transaction.
pub(super) struct Work<R, W> {
    /// Runs between the beginning and the end. It runs again when the transaction is tried again.
    pub(super) run: R,
    /// Makes the answer while Postgres commits.
    pub(super) write: W,
}

/// An open transaction of the action `A`. Only a permit for the action begins one.
pub(crate) struct Transaction<'p, A> {
    open: OpenTransaction<'p>,
    action: PhantomData<A>,
}

/// How a transaction ended that did not fail.
pub(super) enum Outcome<T> {
    Answered(T),
    /// It was rolled back, because the token no longer says which patients are within reach, or
    /// which provider the user is.
    Outdated(Principal),
}

impl<'p, A: Action> Transaction<'p, A> {
    /// Takes a connection of its own; nothing is sent yet.
    pub(super) async fn on(
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
                refused: Cell::new(None),
                database: database.clone(),
            },
            action: PhantomData,
        })
    }

    /// Begins, does the work and ends.
    pub(super) async fn run<T, U>(
        self,
        check: SessionCheck,
        work: &Work<impl AsyncFn(&Self) -> Result<T, Problem>, impl Fn(T) -> Result<U, Problem>>,
    ) -> Result<Outcome<U>, Problem> {
        let outcome = self.run_to_the_end(check, work).await;
        outcome.map_err(|problem| judge(problem, self.open.connection.first_error()))
    }

    async fn run_to_the_end<T, U>(
        &self,
        check: SessionCheck,
        work: &Work<impl AsyncFn(&Self) -> Result<T, Problem>, impl Fn(T) -> Result<U, Problem>>,
    ) -> Result<Outcome<U>, Problem> {
        let (begun, answer) = pipelined_to_the_end!(self.open.begin(check), (work.run)(self));
        match begun {
            Ok(Begun::AsTheTokenSays) => {}
            Ok(Begun::Outdated(principal)) => {
                self.open.roll_back().await;
                return Ok(Outcome::Outdated(principal));
            }
            Err(problem) => {
                self.open.roll_back().await;
                return Err(problem);
            }
        }
        match answer {
            Ok(answer) => {
                let (committed, answer) = pipelined_to_the_end!(
                    self.open.commit(A::NAME, A::AREA.concerns_patients()),
                    async { (work.write)(answer) },
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

/// The part of a transaction that does not depend on its action: who acts, where statements go, and
/// what they touched. Stores take this, so that a query is compiled once and not once an action.
pub(crate) struct OpenTransaction<'p> {
    principal: &'p Principal,
    connection: Connection,
    now: DateTime<Utc>,
    touched: RefCell<Vec<Touched>>,
    at_end: RefCell<Vec<AtEnd>>,
    /// The act that was refused, when the transaction does nothing but say so.
    refused: Cell<Option<&'static str>>,
    database: Database,
}

/// A statement that is sent when the work is done.
type AtEnd = Box<dyn FnOnce(&AsyncPgConnection) -> Parting<'_>>;

/// A statement that is on its way.
pub(crate) type Parting<'c> = LocalBoxFuture<'c, Result<(), DieselError>>;

/// The answer of Postgres to the beginning of a transaction.
enum Begun {
    AsTheTokenSays,
    Outdated(Principal),
}

impl OpenTransaction<'_> {
    /// Where statements go.
    pub(crate) fn connection(&self) -> &AsyncPgConnection {
        &self.connection
    }

    /// The user, or the service itself, that acts.
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

    /// Sends a statement with the last ones, when the work is done. It is for statements that nothing
    /// waits for, such as a line of history. If it fails, the whole transaction fails.
    pub(crate) fn at_end(
        &self,
        statement: impl FnOnce(&AsyncPgConnection) -> Parting<'_> + 'static,
    ) {
        self.at_end.borrow_mut().push(Box::new(statement));
    }

    /// Notes that a record of a patient was read or changed.
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

    /// Notes that a record was changed that belongs to no patient and still needs a line of the trail.
    pub(crate) fn touch_record(&self, resource_type: &'static str, resource_id: impl Into<Uuid>) {
        self.touched.borrow_mut().push(Touched {
            resource_type,
            resource_id: Some(resource_id.into()),
            patient_id: None,
        });
    }

    /// Notes that an act was refused, and that this is all there is to say of it.
    pub(crate) fn refuse(
        &self,
        action: &'static str,
        resource_type: &'static str,
        id: Option<Uuid>,
    ) {
        self.refused.set(Some(action));
        self.touched.borrow_mut().push(Touched {
            resource_type,
            resource_id: id,
            patient_id: None,
        });
    }

    /// Notes that a list was read: each record on it, or that it was empty.
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
    async fn begin(&self, check: SessionCheck) -> Result<Begun, Problem> {
        let principal = self.principal;
        let reach = principal.reach();
        let begin = begin(principal, &reach);
        let mut exchange: &AsyncPgConnection = &self.connection;
        let still = async {
            let SessionCheck::Session(demands) = check else {
                return Ok(Some(Standing::of_token(principal)));
            };
            let claimed = Claimed {
                reach: &reach,
                demands,
            };
            session::standing(&self.connection, principal, self.now, claimed).await
        };
        let begun = async { pipelined_to_the_end!(exchange.batch_execute(&begin), still) };
        let Ok((begun, still)) = tokio::time::timeout(BEGINS_WITHIN, begun).await else {
            // Those that wait in the pool are probably dead, too.
            self.database.forget_idle();
            return Err(Problem::new(&problem::BUSY));
        };
        let begun = begun.and(still);
        let still = begun.map_err(|error| self.not_begun(error.into()))?;
        match still {
            None => Err(Problem::new(&problem::NOT_SIGNED_IN)),
            Some(still) if still.lacks_second_factor => {
                Err(Problem::new(&problem::SECOND_FACTOR_REQUIRED))
            }
            Some(still) if still.lacks_step_up => Err(Problem::new(&problem::STEP_UP_REQUIRED)),
            Some(still) if still.reach == reach && still.provider_id == principal.provider_id => {
                Ok(Begun::AsTheTokenSays)
            }
            Some(still) => Ok(Begun::Outdated(
                principal.as_it_stands(&still.reach, still.provider_id),
            )),
        }
    }

    /// A connection that died while it waited in the pool has done nothing yet. The transaction is
    /// tried again on another one.
    fn not_begun(&self, error: DatabaseError) -> Problem {
        let state = self.connection.first_error();
        if !(error.is_cut_off() || state.is_some_and(SqlState::is_closed)) {
            return error.into();
        }
        self.database.forget_idle();
        Problem::new(&problem::BUSY).transient()
    }

    async fn commit(&self, action: &'static str, concerns_patients: bool) -> Result<(), Problem> {
        let touched = self.touched.take();
        if concerns_patients && touched.is_empty() {
            tracing::error!(action, "an act on patient data left no audit row");
            return Err(Problem::new(&problem::INTERNAL));
        }
        let act = Act {
            action: self.refused.get().unwrap_or(action),
            is_refused: self.refused.get().is_some(),
        };
        let (connection, mut exchange) = (&*self.connection, &*self.connection);
        let at_end = self.at_end.take().into_iter();
        let (parted, recorded, committed) = pipelined_to_the_end!(
            join_all(at_end.map(|statement| statement(connection))),
            audit::record(connection, self.principal, act, self.now, &touched),
            // If one of the others failed, COMMIT rolls back.
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

    async fn roll_back(&self) {
        let mut exchange: &AsyncPgConnection = &self.connection;
        if exchange.batch_execute("ROLLBACK").await.is_ok() {
            self.connection.is_clean.set(true);
        }
    }
}

/// Begins a transaction, and says what row-level security and the audit trail read, in one message.
fn begin(principal: &Principal, reach: &str) -> String {
    let (practice_id, user_id) = (principal.practice_id, principal.user_id);
    let (session_id, role) = (principal.session_id, ActorRole::from(principal));
    let access = principal.service_access.as_deref();
    let on_behalf_of = match access.and_then(|access| access.on_behalf_of) {
        Some(user_id) => format!("; SET LOCAL app.on_behalf_of = '{user_id}'"),
        None => String::new(),
    };
    // Typed ids, joined by commas, and a word of a set: there is nothing in it to escape.
    format!(
        "BEGIN; SET LOCAL app.practice_id = '{practice_id}'; SET LOCAL app.patient_ids = '{reach}'; \
         SET LOCAL app.user_id = '{user_id}'; SET LOCAL app.role = '{}'; SET LOCAL app.session_id = '{session_id}'\
         {on_behalf_of}",
        role.as_str()
    )
}
