//! The text of the shipped rules, and single parts of it.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The rules that come with the program.
pub(super) const TEXT: &str = include_str!("../shipped_rules.json");

/// Returns the shipped part for a set that was published before this part existed.
///
/// The shipped part gives such a set one more check, and takes none away.
#[expect(clippy::expect_used, reason = "a test reads the same text")]
pub(super) fn part<T: DeserializeOwned>(pointer: &str) -> T {
    serde_json::from_str(TEXT)
        .ok()
        .and_then(|shipped: Value| serde_json::from_value(shipped.pointer(pointer)?.clone()).ok())
        .expect("the shipped rules have every part")
}
