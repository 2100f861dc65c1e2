//! The permit of a handler: proof that the caller's role is open to an action.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::scope::role_for_itself;
use crate::platform::access::{Action, Job, Principal, ServiceScope};
use crate::platform::database::Database;
use crate::platform::problem::{self, Problem};

/// What a request asks for, by the name of its action.
#[derive(Clone, Copy)]
pub(crate) struct Attempt(pub(crate) &'static str);

/// Proof that the caller's role is open to `A`, and the only way to the database.
pub(crate) struct Permit<A> {
    principal: Principal,
    database: Database,
    action: PhantomData<A>,
}

impl<A: Action> Permit<A> {
    /// The user that acts.
    pub(crate) const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The current instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.database.now()
    }

    pub(in crate::platform) const fn database(&self) -> &Database {
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
    // The edge put it there, once for each request, from a valid token.
    let principal = request.extensions().get::<Principal>().cloned();
    let principal = principal.ok_or_else(|| Problem::new(&problem::NOT_SIGNED_IN))?;
    // The edge notes it in the trail when it is refused.
    request.extensions_mut().insert(Attempt(A::NAME));
    let principal = match principal.service_access {
        None => principal,
        Some(_) => within_scope::<A>(principal, request.method())?,
    };
    if !A::ROLES.contains(&principal.role) {
        return Err(Problem::new(&problem::NOT_ALLOWED));
    }
    Ok(Permit {
        principal,
        database: Database::clone(database),
        action: PhantomData,
    })
}

/// The service account as it does `A`, if one of its scopes covers that.
fn within_scope<A: Action>(
    mut principal: Principal,
    method: &Method,
) -> Result<Principal, Problem> {
    let Some(access) = &principal.service_access else {
        return Ok(principal);
    };
    let Some(needed) = ServiceScope::of::<A>(method) else {
        return Err(Problem::new(&problem::NOT_ALLOWED)
            .detail("Only people do this; no scope of a service account covers it."));
    };
    if !access.scopes.contains(&needed) {
        let detail = format!("This needs the scope {}.", needed.as_str());
        return Err(Problem::new(&problem::SCOPE_REQUIRED)
            .detail(detail)
            .member("required_scope", needed));
    }
    if access.on_behalf_of.is_none() {
        let detail = "Only a patient does this: say on whose behalf, in the header On-Behalf-Of.";
        principal.role = role_for_itself::<A>()
            .ok_or_else(|| Problem::new(&problem::NOT_ALLOWED).detail(detail))?;
    } else if !A::AREA.needs_whole_record() {
        let more = access.appointments_of.clone();
        principal.patient_ids.extend(more);
        principal.patient_ids.sort_unstable();
    }
    Ok(principal)
}

/// Data that the application was built with, or a 500 whose log names the missing type.
fn shared<T: 'static>(request: &HttpRequest) -> Result<&web::Data<T>, Problem> {
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
