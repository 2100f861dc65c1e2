//! The accounts of the demo. All share one password, which the welcome shows.

use uuid::Uuid;

use crate::platform::access::Role;

use super::people::PATIENT_EMAILS;
use super::story::Story;

/// The password of every account.
pub(super) const PASSWORD: &str = "four calm rivers at dawn";

/// One account.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) user_id: Uuid,
    pub(super) email: &'static str,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) provider_id: Option<Uuid>,
    pub(super) patient_id: Option<Uuid>,
}

/// The addresses, names and roles of the staff accounts.
pub(super) const STAFF: [(&str, &str, Role); 8] = [
    ("admin@demo.example", "Amina Farouk", Role::Admin),
    ("front-desk@demo.example", "Sam Whitfield", Role::FrontDesk),
    ("provider@demo.example", "Maya Okafor", Role::Provider),
    (
        "second-provider@demo.example",
        "Elias Lindqvist",
        Role::Provider,
    ),
    (
        "third-provider@demo.example",
        "Rosa Delgado",
        Role::Provider,
    ),
    (
        "fourth-provider@demo.example",
        "Tomas Becker",
        Role::Provider,
    ),
    ("assistant@demo.example", "Noor Haddad", Role::Assistant),
    ("auditor@demo.example", "Ingrid Solberg", Role::Auditor),
];

/// All accounts of this story, patients last.
pub(super) fn of(story: &Story) -> Vec<Account> {
    let mut dice = super::dice::Dice::new(4);
    let mut providers = story.clinic.providers.iter();
    let mut accounts = Vec::new();
    for (email, name, role) in STAFF {
        let provider = if role == Role::Provider {
            providers.next()
        } else {
            None
        };
        let user_id = match (provider, role) {
            (Some(provider), _) => provider.user_id,
            (None, Role::FrontDesk) => story.clinic.front_desk,
            (None, _) => dice.id(story.clinic.opened_at),
        };
        let provider_id = provider.map(|one| one.id);
        accounts.push(Account {
            user_id,
            email,
            name: name.to_owned(),
            role,
            provider_id,
            patient_id: None,
        });
    }
    for (email, person) in PATIENT_EMAILS.into_iter().zip(&story.people) {
        accounts.push(Account {
            user_id: dice.id(story.clinic.opened_at),
            email,
            name: format!("{} {}", person.given_name, person.family_name),
            role: Role::Patient,
            provider_id: None,
            patient_id: Some(person.id),
        });
    }
    accounts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Owner, weakness};

    #[test]
    fn the_shared_password_is_one_the_service_would_accept() {
        for email in STAFF
            .iter()
            .map(|(email, _, _)| *email)
            .chain(PATIENT_EMAILS)
        {
            let owner = Owner {
                email,
                ..Owner::default()
            };
            assert_eq!(weakness(PASSWORD, &owner), None, "{email}");
        }
    }
}
