//! Actions, the roles they are open to, and the kind of data they are about.

use super::role::Role;
use crate::platform::text::text_enum;

/// The kind of data that an action reads or changes. It is said where the action is declared.
///
/// Two rules follow from it: whether an act must leave an audit row, and what a person who acts for a
/// patient may reach. Some of them may see appointments alone; the area says what that covers.
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
    /// Who did what: the audit trail.
    Trail,
}

impl Area {
    /// Whether an act must leave an audit row, because it is about patients.
    pub(crate) const fn concerns_patients(self) -> bool {
        matches!(self, Self::Appointments | Self::Record | Self::Trail)
    }

    /// Whether a person who acts for a patient must be let into the whole record. A person who is
    /// let in for appointments alone reaches no patient in such an area.
    pub(crate) const fn needs_whole_record(self) -> bool {
        matches!(self, Self::Practice | Self::Record | Self::Trail)
    }
}

text_enum! {
    /// Acts before which a practice can ask for the second factor again.
    pub(crate) enum StepUp {
        /// Signing a visit.
        Signing = "signing",
        /// Taking a whole record out.
        Exports = "exports",
        /// Changing who may do what.
        RoleChanges = "role_changes",
    }
}

/// Who may do something at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DoneBy {
    /// People, and service accounts within their scopes.
    Anyone,
    /// People alone: what decides who gets in and by which rules is not left to a program.
    People,
}

/// Something that can be permitted.
pub(crate) trait Action: 'static {
    /// Name in the audit trail, such as `appointments.book`.
    const NAME: &'static str;
    /// The roles it is open to.
    const ROLES: &'static [Role];
    /// The kind of data it is about.
    const AREA: Area;
    /// What a practice may ask the second factor for again, when the action is one of these.
    const STEP_UP: Option<StepUp> = None;
    /// Whether a service account may do it.
    const DONE_BY: DoneBy = DoneBy::Anyone;
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
/// The third word is its [`Area`]: `practice`, `account`, `calendar`, `appointments`, `record` or `trail`.
/// After the roles may stand what a practice can ask the second factor for again, `step_up Signing`, and that no
/// program does it, `done_by People`.
macro_rules! action {
    ($(#[$meta:meta])* $name:ident, $text:literal, practice, $roles:tt $(, step_up $kind:ident)? $(, done_by $who:ident)?) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Practice, $roles $(, step_up $kind)? $(, done_by $who)?);
    };
    ($(#[$meta:meta])* $name:ident, $text:literal, account, $roles:tt $(, step_up $kind:ident)? $(, done_by $who:ident)?) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Account, $roles $(, step_up $kind)? $(, done_by $who)?);
    };
    ($(#[$meta:meta])* $name:ident, $text:literal, calendar, $roles:tt $(, step_up $kind:ident)? $(, done_by $who:ident)?) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Calendar, $roles $(, step_up $kind)? $(, done_by $who)?);
    };
    ($(#[$meta:meta])* $name:ident, $text:literal, appointments, $roles:tt $(, step_up $kind:ident)? $(, done_by $who:ident)?) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Appointments, $roles $(, step_up $kind)? $(, done_by $who)?);
    };
    ($(#[$meta:meta])* $name:ident, $text:literal, record, $roles:tt $(, step_up $kind:ident)? $(, done_by $who:ident)?) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Record, $roles $(, step_up $kind)? $(, done_by $who)?);
    };
    ($(#[$meta:meta])* $name:ident, $text:literal, trail, $roles:tt $(, step_up $kind:ident)? $(, done_by $who:ident)?) => {
        $crate::platform::access::action!(@ $(#[$meta])* $name, $text, Trail, $roles $(, step_up $kind)? $(, done_by $who)?);
    };
    (@ $(#[$meta:meta])* $name:ident, $text:literal, $area:ident, [$($role:ident),* $(,)?] $(, step_up $kind:ident)? $(, done_by $who:ident)?) => {
        $(#[$meta])*
        pub(crate) enum $name {}

        impl $crate::platform::access::Action for $name {
            const NAME: &'static str = $text;
            const ROLES: &'static [$crate::platform::access::Role] =
                &[$($crate::platform::access::Role::$role),*];
            const AREA: $crate::platform::access::Area = $crate::platform::access::Area::$area;
            $(const STEP_UP: Option<$crate::platform::access::StepUp> =
                Some($crate::platform::access::StepUp::$kind);)?
            $(const DONE_BY: $crate::platform::access::DoneBy = $crate::platform::access::DoneBy::$who;)?
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
