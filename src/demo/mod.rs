//! A made-up headache clinic, the same every time relative to today.

use std::path::Path;

use crate::platform::clock::Clock;

/// What a visitor needs to look around.
pub struct DemoClinic {}

impl DemoClinic {
    /// One line for machines.
    pub fn as_json(&self, _url: &str) -> anyhow::Result<String> {
        Ok(String::new())
    }

    /// A welcome for people.
    #[must_use]
    pub fn as_words(&self, _url: &str) -> String {
        String::new()
    }
}

/// Throws away what an earlier demo left in its directory.
pub fn forget(_directory: &Path) -> anyhow::Result<()> {
    Ok(())
}

/// The clinic of this database; made when there is none.
pub async fn open(_url: &str, _clock: &Clock) -> anyhow::Result<DemoClinic> {
    Ok(DemoClinic {})
}
