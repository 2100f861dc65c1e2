//! What a service account may do, in place of a role.

use actix_web::http::Method;

use crate::platform::text::text_enum;

use super::action::{Action, Area, DoneBy};
use super::role::Role;

text_enum! {
    /// A kind of data that a service account may read or change.
    pub(crate) enum ServiceScope {
        PracticeRead = "practice:read",
        PracticeWrite = "practice:write",
        CalendarRead = "calendar:read",
        CalendarWrite = "calendar:write",
        AppointmentsRead = "appointments:read",
        AppointmentsWrite = "appointments:write",
        RecordRead = "record:read",
        RecordWrite = "record:write",
        TrailRead = "trail:read",
    }
}

/// In which role a service account acts that acts for itself: the first of these that the action is open to.
///
/// Providers are not among them. What is open to providers alone, such as signing or going on in spite of a
/// check, is the judgement of a clinician.
const STANDS_IN_AS: [Role; 4] = [Role::Assistant, Role::Admin, Role::FrontDesk, Role::Auditor];

impl ServiceScope {
    /// The scope that an action needs when it is asked for by `method`, or nothing when it is for people
    /// alone: their own account, and what a practice can ask the second factor for again.
    pub(crate) fn of<A: Action>(method: &Method) -> Option<Self> {
        let is_for_people = A::DONE_BY == DoneBy::People || A::STEP_UP.is_some();
        if is_for_people || A::ROLES == [Role::Provider] {
            return None;
        }
        let is_read = *method == Method::GET || *method == Method::HEAD;
        match (A::AREA, is_read) {
            (Area::Account, _) => None,
            (Area::Practice, true) => Some(Self::PracticeRead),
            (Area::Practice, false) => Some(Self::PracticeWrite),
            (Area::Calendar, true) => Some(Self::CalendarRead),
            (Area::Calendar, false) => Some(Self::CalendarWrite),
            (Area::Appointments, true) => Some(Self::AppointmentsRead),
            (Area::Appointments, false) => Some(Self::AppointmentsWrite),
            (Area::Record, true) => Some(Self::RecordRead),
            (Area::Record, false) => Some(Self::RecordWrite),
            // The trail is only ever read: verifying it changes nothing.
            (Area::Trail, _) => Some(Self::TrailRead),
        }
    }
}

/// The role in which a service account does `A` for itself.
pub(super) fn role_for_itself<A: Action>() -> Option<Role> {
    STANDS_IN_AS
        .into_iter()
        .find(|role| A::ROLES.contains(role))
}
