//! How far the practice is set up, and what is next to the first bookable time.

use serde_json::Value;

use super::context::{Context, Failure};
use super::fields::plain;

/// What is set up, read once for a page.
pub(super) struct SetUp {
    pub(super) locations: Vec<Value>,
    pub(super) types: Vec<Value>,
    pub(super) providers: Vec<Value>,
    pub(super) rooms: Vec<Value>,
    has_hours: bool,
}

impl SetUp {
    pub(super) async fn read(context: &Context) -> Result<Self, Failure> {
        let providers = context.list("/providers?limit=200").await?;
        let mut has_hours = false;
        for one in providers.iter().take(10) {
            let hours = format!("/providers/{}/availability?limit=1", plain(&one["id"]));
            has_hours = has_hours || !context.list(&hours).await?.is_empty();
        }
        Ok(Self {
            locations: context.list("/locations?limit=200").await?,
            types: context.list("/appointment-types?limit=200").await?,
            rooms: context.list("/rooms?limit=200").await?,
            providers,
            has_hours,
        })
    }

    /// The steps to the first bookable time, in their order, with whether each is done.
    pub(super) fn steps(&self) -> [(&'static str, &'static str, bool); 4] {
        [
            (
                "locations",
                "A place where you see people",
                !self.locations.is_empty(),
            ),
            (
                "types",
                "What can be booked, and how long it takes",
                !self.types.is_empty(),
            ),
            ("providers", "Who sees people", !self.providers.is_empty()),
            ("hours", "When they are there", self.has_hours),
        ]
    }

    pub(super) fn next(&self) -> Option<&'static str> {
        let open = self.steps().into_iter().find(|(_, _, is_done)| !is_done);
        open.map(|(kind, _, _)| kind)
    }
}
