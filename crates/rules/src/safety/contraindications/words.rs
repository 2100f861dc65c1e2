//! Whether a name as somebody wrote it has the words of a phrase the rules know.
//!
//! Names come with doses, salts, spellings of several languages and punctuation. Case, accents and
//! what stands between words do not matter, nor how a word ends; only a word of three letters or
//! fewer must be there whole, or an abbreviation would be found in longer names.

/// Longer words are known by their beginning.
const LONGEST_WHOLE_WORD: usize = 3;

/// Whether the text has the words of the phrase in a row.
pub(super) fn mentions(text: &str, phrase: &str) -> bool {
    let (text, phrase) = (words(text), words(phrase));
    !phrase.is_empty()
        && text.windows(phrase.len()).any(|window| {
            window
                .iter()
                .zip(&phrase)
                .all(|(word, known)| is_known_by(word, known))
        })
}

fn is_known_by(word: &str, known: &str) -> bool {
    if known.chars().count() > LONGEST_WHOLE_WORD {
        word.starts_with(known)
    } else {
        word == known
    }
}

/// The words of a text in small letters, without accents.
pub(super) fn words(text: &str) -> Vec<String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .filter(|character| !is_combining_accent(*character))
        .map(without_accent)
        .collect();
    plain
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// An accent that is written as a character of its own, behind its letter.
fn is_combining_accent(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

const fn without_accent(character: char) -> char {
    match character {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì'..='ï' | 'ī' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' => 's',
        'ť' | 'ţ' => 't',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ž' | 'ż' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_match_in_a_row_and_from_their_beginning() {
        for (text, phrase, expected) in [
            ("Benzyl-alcohol", "benzyl alcohol", true),
            ("alcohol, benzyl", "benzyl alcohol", false),
            ("parabens", "paraben", true),
            ("novocaine", "caine", false),
            ("", "latex", false),
            ("latex", "", false),
            ("ELIQUIS 5 mg, twice a day", "eliquis", true),
            ("(apixaban)", "apixaban", true),
            ("Vitamin B-12", "b 12", true),
            ("brand 125", "b 12", false),
            ("ASA 81 mg", "asa", true),
            ("asacol", "asa", false),
            ("plav 75", "plavix", false),
            ("coumadine", "coum", true),
        ] {
            assert_eq!(mentions(text, phrase), expected, "{text} / {phrase}");
        }
    }

    #[test]
    fn accents_do_not_matter_however_they_are_written() {
        for (text, phrase) in [
            ("Lidocaïne", "lidocain"),
            ("lidocai\u{308}ne", "lidocain"),
            ("ACIDE ACÉTYLSALICYLIQUE", "acetylsalicyl"),
            ("åäàáâãāăą", "aaaaaaaaa"),
            ("çćč", "ccc"),
            ("ďđ ěèéêëēėę ğ", "dd eeeeeeee g"),
            ("ìíîïīı ł ñńň", "iiiiii l nnn"),
            ("òóôõöøōő ř śšş", "oooooooo r sss"),
            ("ťţ ùúûüūůű ýÿ źžż", "tt uuuuuuu yy zzz"),
        ] {
            assert!(mentions(text, phrase), "{text} / {phrase}");
        }
    }
}
