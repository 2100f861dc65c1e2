//! Addresses that people sign in with.

use crate::platform::problem::Problem;

/// Longest address there is.
const LONGEST: usize = 254;

/// An address in lower case. It is ASCII alone: an address with a Cyrillic `а`, or with a sign that
/// nobody sees, looks like that of somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address as it was typed.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (name, host) = text.split_once('@')?;
        let in_name = |sign: char| sign.is_ascii_graphic() && sign != '@';
        let in_host = |sign: char| sign.is_ascii_alphanumeric() || ".-".contains(sign);
        let is_address = !name.is_empty()
            && !host.is_empty()
            && text.len() <= LONGEST
            && name.chars().all(in_name)
            && host.chars().all(in_host);
        is_address.then(|| Self(text.to_ascii_lowercase()))
    }

    /// Reads it, or refuses the field that it stands in.
    pub(super) fn of_field(pointer: &str, text: &str) -> Result<Self, Problem> {
        Self::read(text).ok_or_else(|| {
            Problem::field(
                pointer,
                "must be an address such as ana@clinic.example, in plain Latin letters, digits and signs; \
                 write a domain of another script in its xn-- form",
            )
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::EmailAddress;

    #[test]
    fn an_address_that_looks_like_another_is_none() {
        let read = |text| EmailAddress::read(text).map(|address| address.0);
        assert_eq!(
            read("Ada.O'Neill+x@Clinic.EXAMPLE").as_deref(),
            Some("ada.o'neill+x@clinic.example")
        );
        for none in [
            "аda@clinic.example",
            "ada\u{200b}@clinic.example",
            "ada@clinic\u{2024}example",
            "ａda@clinic.example",
            "ada @clinic.example",
            "ada@clinic.example\u{feff}",
            "@clinic.example",
            "ada@",
            "ada",
            "ada@@clinic.example",
        ] {
            assert_eq!(read(none), None, "{none:?}");
        }
    }
}
