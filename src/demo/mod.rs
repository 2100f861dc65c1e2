//! A made-up headache clinic, the same every time relative to today.
//!
//! It has two hundred patients who do not exist, three months of their visits and two weeks of
//! planned appointments. [`story`] computes all rows as a pure function of the instant. [`load`]
//! inserts them once; a demo that exists already stays as it is. Everything in it is marked as made
//! up.
//!
//! The rows are inserted and not made by the use cases, because the use cases would take too long
//! for a start. The story is about 20,000 acts: 5,000 days of the diary, 5,000 steps of
//! appointments, 6,000 acts within visits (begin, note, palpate, sign), 2,500 within procedures,
//! 1,500 facts about patients and as many follow-ups. Each act is a transaction of two to nine
//! exchanges with an audit row. One machine with two processors does 350 to 650 of them a second
//! with all connections busy (`docs/scale.md`), so the story would take 30 to 60 seconds, and more
//! than a minute in the order of its clock. The bound is 15 seconds. Three things keep the rows
//! honest: they are inserted as the role of the service, under every policy and constraint; the
//! story calls the rules of `findings` itself; and `tests/api/demo.rs` reads the loaded demo through
//! the routes.

mod accounts;
mod anatomy;
mod attendance;
mod calendar;
mod clinic;
mod course;
mod diary;
mod dice;
mod exam;
mod follow_ups;
mod forget;
mod load;
mod needles;
mod people;
mod present;
mod rows;
mod stock;
mod story;

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use crate::console::DemoSignIns;
use crate::identity::PasswordHasher;
use crate::platform::access::Role;
use crate::platform::clock::Clock;
use crate::platform::database::{Address, Stored};

/// What a visitor of the demo needs to sign in.
#[derive(Debug, Clone)]
pub struct DemoClinic {
    practice_id: Uuid,
    /// Address and record of each patient who may sign in.
    patients: Vec<(String, Uuid)>,
}

impl DemoClinic {
    /// One line for machines.
    pub fn as_json(&self, url: &str) -> anyhow::Result<String> {
        let mut accounts: Vec<serde_json::Value> = accounts::STAFF
            .iter()
            .map(|(email, _, role)| {
                json!({"role": role.as_str(), "email": email, "password": accounts::PASSWORD})
            })
            .collect();
        accounts.extend(self.patients.iter().map(|(email, patient_id)| {
            json!({
                "role": Role::Patient.as_str(), "email": email,
                "password": accounts::PASSWORD, "patient_id": patient_id,
            })
        }));
        let practice = json!({"id": self.practice_id, "slug": load::SLUG});
        let line = json!({"url": url, "practice": practice, "accounts": accounts});
        Ok(serde_json::to_string(&line)?)
    }

    /// The accounts that the sign-in page offers.
    #[must_use]
    pub fn sign_ins(&self) -> DemoSignIns {
        let mut accounts: Vec<(String, String)> = accounts::STAFF
            .iter()
            .map(|(email, _, role)| ((*email).to_owned(), role.as_str().to_owned()))
            .collect();
        let patients = self.patients.iter();
        accounts.extend(patients.map(|(email, _)| (email.clone(), "patient".to_owned())));
        DemoSignIns {
            accounts,
            password: accounts::PASSWORD.to_owned(),
        }
    }

    /// A welcome for people.
    #[must_use]
    pub fn as_words(&self, url: &str) -> String {
        let mut words = format!(
            "\n  Riverside Headache Clinic: everything and everybody in it is made up.\n\n  \
             Open      {url}/ and click on who you want to be\n  Reference {url}/docs\n\n  \
             Everybody's password is: {}\n\n",
            accounts::PASSWORD
        );
        let patients = self
            .patients
            .iter()
            .map(|(email, _)| (email.as_str(), Role::Patient));
        let staff = accounts::STAFF
            .iter()
            .map(|(email, _, role)| (*email, *role));
        let mut shown: Vec<&str> = Vec::new();
        for (email, role) in staff.chain(patients) {
            if !shown.contains(&role.as_str()) {
                shown.push(role.as_str());
                // Writing to a text cannot fail.
                let _ = writeln!(words, "  {:<11} {email}", role.as_str());
            }
        }
        let _ = write!(
            words,
            "\n  Sign in:\n\n  curl -s {url}/api/v1/auth/login -H 'Content-Type: application/json' \\\n    \
             -d '{{\"email\":\"front-desk@demo.example\",\"password\":\"{}\"}}'\n\n  \
             Ctrl-C stops it; the next start finds what you left.\n",
            accounts::PASSWORD
        );
        words
    }
}

/// Deletes the data of an earlier demo in its directory.
pub fn forget(directory: &Path) -> anyhow::Result<()> {
    forget::forget(directory)
}

/// The clinic of this database; made when there is none.
pub async fn open(url: &str, clock: &Clock) -> anyhow::Result<DemoClinic> {
    let mut owner = url.parse::<Address>()?.connect().await?;
    let found = known(&owner).await;
    if let Some(clinic) = found.context("the demo cannot be looked for")? {
        return Ok(clinic);
    }
    let began = std::time::Instant::now();
    let story = story::tell(clock.now());
    let accounts = accounts::of(&story);
    let hash = PasswordHasher::new(1)?
        .hash(SecretString::from(accounts::PASSWORD))
        .await?;
    let told = began.elapsed();
    let clinic = owner
        .transaction(async |owner| {
            load::load(owner, &story, (&accounts, &hash)).await?;
            anyhow::Ok(known(owner).await?)
        })
        .await
        .context("the demo cannot be loaded")?;
    tracing::info!(?told, all = ?began.elapsed(), "made the demo");
    clinic.context("the demo was not loaded")
}

async fn known(connection: &AsyncPgConnection) -> Stored<Option<DemoClinic>> {
    let Some(practice_id) = load::find(connection).await? else {
        return Ok(None);
    };
    let mut patients = load::patient_accounts(connection, practice_id).await?;
    patients.sort();
    Ok(Some(DemoClinic {
        practice_id,
        patients,
    }))
}

#[cfg(test)]
mod tests;
