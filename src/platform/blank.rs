//! Text that people must fill in: nothing but space does not count.

use crate::platform::problem::FieldError;

/// Adds an error when a text is nothing but space.
pub(crate) fn require_text(text: &str, pointer: &str, errors: &mut Vec<FieldError>) {
    if text.trim().is_empty() {
        errors.push(FieldError::new(pointer, "must not be blank"));
    }
}

/// Returns a text without the space around it, and adds an error when nothing is left.
pub(crate) fn trimmed(text: &str, pointer: &str, errors: &mut Vec<FieldError>) -> String {
    require_text(text, pointer, errors);
    text.trim().to_owned()
}
