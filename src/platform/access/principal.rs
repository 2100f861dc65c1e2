//! The user that acts, and in which role.

use uuid::Uuid;

use super::role::Role;
use super::scope::ServiceScope;

/// What is known of a service account that acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceAccess {
    pub(crate) scopes: Vec<ServiceScope>,
    /// The user for whom it acts.
    pub(crate) on_behalf_of: Option<Uuid>,
    /// Patients of whom that user reaches the appointments and no more.
    pub(crate) appointments_of: Vec<Uuid>,
}

/// The user that acts, as the access token says, or the service account that acts.
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
    /// Set when a program acts and no person.
    pub(crate) service_access: Option<Box<ServiceAccess>>,
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

    /// The same with those of the patients that `reach` still names, and as the provider that the
    /// user is by now.
    pub(crate) fn as_it_stands(&self, reach: &str, provider_id: Option<Uuid>) -> Self {
        let mut standing = self.clone();
        standing.provider_id = provider_id;
        let named: Vec<&str> = reach.split(',').collect();
        standing
            .patient_ids
            .retain(|id| named.contains(&id.to_string().as_str()));
        standing
    }

    /// The service itself at work in a practice. It sees what staff see, and the audit trail calls
    /// it by its name.
    pub(super) const fn service(practice_id: Uuid) -> Self {
        Self {
            user_id: Uuid::nil(),
            practice_id,
            session_id: Uuid::nil(),
            role: Role::Admin,
            provider_id: None,
            patient_ids: Vec::new(),
            service_access: None,
        }
    }

    /// Whether no user is signed in and the service itself is at work.
    pub(crate) const fn is_service(&self) -> bool {
        self.session_id.is_nil()
    }
}
