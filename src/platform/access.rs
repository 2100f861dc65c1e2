//! Who may do what, as types: a handler cannot be written without naming its permit, and without
//! a permit there is no transaction.
//!
//! Every action names the roles it is open to; an action that names none is closed to all. The
//! role comes from the access token and is confirmed by the first statement of the transaction, so
//! that a changed role or a signed-out session ends on the very next request.
//!
//! What the service does by itself is a [`Job`]: an action that no role is open to, with a permit
//! that no request can get.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::database::Database;
use crate::platform::problem::{self, Problem};
use crate::platform::text::text_enum;

text_enum! {
    /// What a user is in a practice.
    pub(crate) enum Role {
        Admin = "admin",
        FrontDesk = "front_desk",
        Provider = "provider",
        Assistant = "assistant",
        Patient = "patient",
        Auditor = "auditor",
    }
}

/// Who is acting, as the access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    pub(crate) user_id: Uuid,
    pub(crate) practice_id: Uuid,
    pub(crate) session_id: Uuid,
    pub(crate) role: Role,
    /// The provider this user is.
    pub(crate) provider_id: Option<Uuid>,
    /// The patient records a user of the role patient may reach, in ascending order.
    pub(crate) patient_ids: Vec<Uuid>,
}

impl Principal {
    /// The setting that row-level security reads: all patients for staff, their own for patients.
    pub(crate) fn reach(&self) -> String {
        if self.role == Role::Patient {
            let ids: Vec<String> = self.patient_ids.iter().map(Uuid::to_string).collect();
            ids.join(",")
        } else {
            "*".to_owned()
        }
    }

    /// The same with those of the patients that `reach` still names.
    pub(crate) fn within(&self, reach: &str) -> Self {
        let mut narrower = self.clone();
        let named: Vec<&str> = reach.split(',').collect();
        narrower
            .patient_ids
            .retain(|id| named.contains(&id.to_string().as_str()));
        narrower
    }

    /// The service itself at work in a practice. It sees what staff see, and the audit trail calls
    /// it by its name.
    const fn service(practice_id: Uuid) -> Self {
        Self {
            user_id: Uuid::nil(),
            practice_id,
            session_id: Uuid::nil(),
            role: Role::Admin,
            provider_id: None,
            patient_ids: Vec::new(),
        }
    }

    /// Whether nobody is signed in: the service itself is at work.
    pub(crate) const fn is_service(&self) -> bool {
        self.session_id.is_nil()
    }
}

/// The kind of data that an action reads or changes. It is said where the action is declared.
///
/// Two rules follow from it: whether an act must leave an audit row, and what a person reaches who
/// acts for a patient. Some are let in for appointments alone, and the areas say what that covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    /// How the practice is set up; no patient's data.
    Practice,
    /// The caller's own account.
    Account,
    /// Free times: what is bookable, without saying who has booked.
    Calendar,
    /// When and where a patient comes.
    Appointments,
    /// The clinical record of a patient, and who they are.
    Record,
}

impl Area {
    /// Whether an act must leave an audit row, because it is about patients.
    pub(crate) const fn concerns_patients(self) -> bool {
        matches!(self, Self::Appointments | Self::Record)
    }

    /// Whether a person who acts for a patient must be let into the whole record. A person who is
    /// let in for appointments alone reaches no patient in such an area.
    pub(crate) const fn needs_whole_record(self) -> bool {
        matches!(self, Self::Practice | Self::Record)
    }
}

/// Something that can be permitted.
pub(crate) trait Action: 'static {
    /// Name in the audit trail, such as `appointments.book`.
    const NAME: &'static str;
    /// The roles it is open to.
    const ROLES: &'static [Role];
    /// The kind of data it is about.
    const AREA: Area;
}

/// An action that may call the use case of the action `Of`.
///
/// A use case takes `&Transaction<'_, impl May<Book>>`, so that calling it with the transaction of
/// another action does not compile. Every action may call its own use case. A feature that does
/// something as a part of its own act says so beside its action: `impl May<Book> for BookFollowUp {}`.
pub(crate) trait May<Of>: Action {}

impl<A: Action> May<A> for A {}

/// Declares an action: `action!(Book, "appointments.book", appointments, [FrontDesk, Provider])`.
///
/// The third word is its [`Area`]: `practice`, `account`, `calendar`, `appointments` or `record`.
macro_rules! action {
    ($(#[$meta:meta])* $name:ident, $text:literal, practice, $roles:tt) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Practice, $roles);
    };
    ($(#[$meta:meta])* $name:ident, $text:literal, account, $roles:tt) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Account, $roles);
    };
    ($(#[$meta:meta])* $name:ident, $text:literal, calendar, $roles:tt) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Calendar, $roles);
    };
    ($(#[$meta:meta])* $name:ident, $text:literal, appointments, $roles:tt) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Appointments, $roles);
    };
    ($(#[$meta:meta])* $name:ident, $text:literal, record, $roles:tt) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Record, $roles);
    };
    (@ $(#[$meta:meta])* $name:ident, $text:literal, $area:ident, [$($role:ident),* $(,)?]) => {
        $(#[$meta])*
        pub(crate) enum $name {}

        impl $crate::platform::access::Action for $name {
            const NAME: &'static str = $text;
            const ROLES: &'static [$crate::platform::access::Role] =
                &[$($crate::platform::access::Role::$role),*];
            const AREA: $crate::platform::access::Area = $crate::platform::access::Area::$area;
        }
    };
}

pub(crate) use action;

/// Something the service does by itself; its action names no role.
pub(crate) trait Job: Action {}

/// Declares a job: `job!(Remind, "reminders.send", record)`.
macro_rules! job {
    ($(#[$meta:meta])* $name:ident, $text:literal, $area:ident) => {
        $crate::platform::access::action!($(#[$meta])* $name, $text, $area, []);

        impl $crate::platform::access::Job for $name {}
    };
}

pub(crate) use job;

/// Proof that the caller's role is open to `A`, and the only way to the database.
pub(crate) struct Permit<A> {
    principal: Principal,
    database: Database,
    action: PhantomData<A>,
}

impl<A: Action> Permit<A> {
    /// Who is acting.
    pub(crate) const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The current instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.database.now()
    }

    pub(super) const fn database(&self) -> &Database {
        &self.database
    }
}

impl<J: Job> Permit<J> {
    /// The permit of a job in one practice.
    pub(crate) const fn of_job(database: Database, practice_id: Uuid) -> Self {
        Self {
            principal: Principal::service(practice_id),
            database,
            action: PhantomData,
        }
    }
}

impl<A: Action> FromRequest for Permit<A> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(permit(request))
    }
}

fn permit<A: Action>(request: &HttpRequest) -> Result<Permit<A>, Problem> {
    let database = shared::<Database>(request)?;
    // Put there by the edge, once for each request, from a token that checks out.
    let principal = request.extensions().get::<Principal>().cloned();
    let principal = principal.ok_or_else(|| Problem::new(&problem::NOT_SIGNED_IN))?;
    if !A::ROLES.contains(&principal.role) {
        return Err(Problem::new(&problem::NOT_ALLOWED));
    }
    Ok(Permit {
        principal,
        database: Database::clone(database),
        action: PhantomData,
    })
}

/// What the application was built with, or a 500 that names the missing type.
pub(crate) fn shared<T: 'static>(request: &HttpRequest) -> Result<&web::Data<T>, Problem> {
    request.app_data::<web::Data<T>>().ok_or_else(|| {
        tracing::error!(
            missing = std::any::type_name::<T>(),
            "application data is missing"
        );
        Problem::new(&problem::INTERNAL)
    })
}

/// The token of a single well-formed `Authorization: Bearer` header; two headers are none.
pub(crate) fn bearer_in(headers: &HeaderMap) -> Option<&str> {
    let mut headers = headers.get_all(header::AUTHORIZATION);
    let value = headers.next()?.to_str().ok()?;
    if headers.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
