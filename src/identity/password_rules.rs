//! What a new password must be: long, and not among the first that anybody would try.
//!
//! The rules are those of NIST SP 800-63B-4: length counts, and no mixture of signs is asked for. The
//! words that an attacker knows (the name of the person, their address, the practice) do not count.

use unicode_normalization::UnicodeNormalization;
use zxcvbn::Score;

/// Shortest password, in characters.
const SHORTEST: usize = 15;
/// Shortest password of who gives a second factor as well.
const SHORTEST_BESIDE_SECOND_FACTOR: usize = 12;
/// Longest password, in bytes: refused, never cut.
const LONGEST: usize = 256;
/// Words of names that are shorter are in too many other words.
const SHORTEST_KNOWN_WORD: usize = 4;

/// Who a password is for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Owner<'a> {
    pub(crate) email: &'a str,
    pub(crate) display_name: &'a str,
    pub(crate) practice_name: &'a str,
    /// Whether they give a second factor when they sign in.
    pub(crate) has_second_factor: bool,
}

impl Owner<'_> {
    /// The words that anybody knows who wants to get in.
    fn known_words(&self) -> Vec<String> {
        let texts = [
            self.email,
            self.display_name,
            self.practice_name,
            "tautband",
        ];
        let words = texts.into_iter().flat_map(|text| {
            text.split(|sign: char| !sign.is_alphanumeric())
                .map(str::to_lowercase)
        });
        let mut words: Vec<String> = words
            .filter(|word| word.chars().count() >= SHORTEST_KNOWN_WORD)
            .collect();
        // The longest first, so that no part of it is left.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words
    }
}

/// One form for each text: keyboards and systems write the same accent in several ways.
pub(super) fn normalised(password: &str) -> String {
    password.nfc().collect()
}

/// Says what is wrong with a new password, if anything.
pub(crate) fn weakness(password: &str, owner: &Owner<'_>) -> Option<&'static str> {
    let password = normalised(password);
    let words = owner.known_words();
    let mut rest = password.to_lowercase();
    for word in &words {
        rest = rest.replace(word, "");
    }
    let shortest = if owner.has_second_factor {
        SHORTEST_BESIDE_SECOND_FACTOR
    } else {
        SHORTEST
    };
    if password.chars().count() < shortest {
        Some(if owner.has_second_factor {
            "must have at least 12 characters; a few words make a good one"
        } else {
            "must have at least 15 characters; a few words make a good one"
        })
    } else if password.len() > LONGEST {
        Some("must have at most 256 bytes")
    } else if rest.chars().count() < shortest && rest.len() < password.to_lowercase().len() {
        Some(
            "is too short without the words of your name, your address and the practice, which anybody \
             would try",
        )
    } else if is_common(&password, &words) {
        Some("is among the first that anybody would guess")
    } else {
        None
    }
}

/// Whether a program that tries common words, names, dates, rows of keys and repetitions finds it soon.
fn is_common(password: &str, words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    zxcvbn::zxcvbn(password, &words).score() < Score::Three
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOHANNA: Owner<'_> = Owner {
        email: "johanna@clinic.example",
        display_name: "Dr Johanna Weiss",
        practice_name: "Riverside Headache Clinic",
        has_second_factor: false,
    };

    #[test]
    fn a_few_words_are_a_good_password_and_tricks_are_not() {
        for good in [
            "seven quiet rivers",
            "eleven slow lanterns",
            "four calm rivers at dawn",
            "drei müde Wölfe zählen",
        ] {
            assert_eq!(weakness(good, &JOHANNA), None, "{good}");
        }
        for weak in [
            "Short1!",
            "aaaaaaaaaaaaaaaaaaaa",
            "passwordpassword",
            "Password12345678",
            "123456789012345",
            "qwertyuiopasdfgh",
            "abcabcabcabcabcabc",
            "johanna rivers moon",
            "Riverside Headache Clinic 2026",
            "weiss weiss weiss johanna",
        ] {
            assert!(weakness(weak, &JOHANNA).is_some(), "{weak}");
        }
        assert!(weakness(&"long words ".repeat(30), &JOHANNA).is_some());
    }

    #[test]
    fn a_second_factor_lets_a_password_be_shorter() {
        let beside = Owner {
            has_second_factor: true,
            ..JOHANNA
        };
        assert!(weakness("mauve otters", &JOHANNA).is_some());
        assert_eq!(weakness("mauve otters", &beside), None);
        assert!(weakness("mauve otter", &beside).is_some());
    }

    #[test]
    fn one_text_has_one_form() {
        assert_eq!(normalised("mu\u{0308}de"), normalised("m\u{00fc}de"));
    }
}
