//! Blank texts.

use crate::platform::problem::FieldError;

/// Adds an error when a text is blank.
pub(super) fn blank(pointer: &str, text: Option<&str>, errors: &mut Vec<FieldError>) {
    if text.is_some_and(|text| text.trim().is_empty()) {
        errors.push(FieldError::new(pointer, "must not be blank"));
    }
}
