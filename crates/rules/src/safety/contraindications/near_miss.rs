//! Whether a name is nearly another one: one slip of the keyboard away, or two in a long name.
//!
//! A slip is a letter too many, one too few, another one, or two that changed places. How a word ends does
//! not matter, as for names that are spelt right. Short names are left out: too many words are near them.

use strsim::osa_distance;

use super::words::words;

/// Shorter names are near too many others.
const SHORTEST: usize = 6;
/// From so many letters on, two slips are looked for.
const LONG: usize = 9;

/// The known name that a word of this text was most likely meant to be; the nearest one. A word that is
/// right as it stands was meant so.
pub(super) fn meant<'a>(
    text: &str,
    is_right: impl Fn(&str) -> bool,
    known: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let mut written = words(text);
    written.retain(|word| !is_right(word));
    known
        .filter(|name| !name.contains(' ') && name.chars().count() >= SHORTEST)
        .filter_map(|name| {
            let slips = written.iter().map(|word| slips_from(word, name)).min()?;
            (slips <= allowed(name)).then_some((slips, name))
        })
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}

fn allowed(name: &str) -> usize {
    if name.chars().count() >= LONG { 2 } else { 1 }
}

/// How many slips lead from the name to the beginning of the word.
fn slips_from(word: &str, name: &str) -> usize {
    let length = name.chars().count();
    let beginnings = length.saturating_sub(allowed(name))..=length.saturating_add(allowed(name));
    beginnings
        .map(|letters| {
            let beginning: String = word.chars().take(letters).collect();
            osa_distance(&beginning, name)
        })
        .min()
        .unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::super::facts::{Medication, MedicationClass};
    use super::super::super::sample::{
        allergy, dry, facts, found, judge, named, plan, rules, status,
    };
    use super::super::super::verdict::CheckStatus::{self, Indeterminate};
    use super::super::words::mentions;
    use super::*;

    fn medicine(name: &str) -> Option<CheckStatus> {
        let mut patient = facts();
        patient.medications.push(named(name));
        status(&judge(&patient, &dry(Vec::new())), "medication_misspelt")
    }

    #[test]
    fn a_slip_in_a_risky_name_is_asked_back() {
        for (name, asked) in [
            ("Wafarin 5 mg", Some("warfarin")),
            ("warfrain", Some("warfarin")),
            ("Elikuis", Some("eliquis")),
            ("Xaralto 20 mg", Some("xarelto")),
            ("clopidogral", Some("clopidogrel")),
            ("Amitryptiline 25 mg", Some("amitriptylin")),
            ("metotrexate", Some("methotrexat")),
            ("Zorblaxin", None),
            ("aspirin and clopidogral", Some("clopidogrel")),
            ("magnesium with wafarin", Some("warfarin")),
        ] {
            let mut patient = facts();
            patient.medications.push(named(name));
            let assessment = judge(&patient, &dry(Vec::new()));
            let check = found(&assessment, "medication_misspelt");
            let question = asked.map(|meant| format!("medicine {name}: did you mean {meant}?"));
            match (check, question) {
                (Some(check), Some(question)) => {
                    assert_eq!(check.status, Indeterminate);
                    assert!(
                        check.explanation.contains(&question),
                        "{}",
                        check.explanation
                    );
                }
                (check, question) => assert_eq!((check, question), (None, None), "{name}"),
            }
        }
    }

    #[test]
    fn an_answer_ends_the_question() {
        for answer in [
            Medication {
                class: Some(MedicationClass::Other),
                ..named("wafarin")
            },
            Medication {
                atc_code: Some("N02BE01".to_owned()),
                ..named("wafarin")
            },
            Medication {
                is_active: false,
                ..named("wafarin")
            },
            named("warfarin"),
        ] {
            let mut patient = facts();
            patient.medications.push(answer);
            let assessment = judge(&patient, &dry(Vec::new()));
            assert_eq!(status(&assessment, "medication_misspelt"), None);
        }
    }

    /// Every slip of one letter in every name that a rule asks for is known all the same, or asked back.
    #[test]
    fn no_slip_in_a_risky_name_is_silent() {
        let rules = rules();
        let names: Vec<&String> = rules
            .medication_groups
            .iter()
            .flat_map(|group| &group.words)
            .filter(|name| !name.contains(' ') && name.len() >= SHORTEST)
            .collect();
        let mut silent = Vec::new();
        let mut tried = 0_u32;
        for name in &names {
            for slip in slips_of(name) {
                tried += 1;
                let is_known = names.iter().any(|known| mentions(&slip, known));
                let is_harmless = rules
                    .known_medicines
                    .words
                    .iter()
                    .any(|known| mentions(&slip, known));
                let asked = meant(&slip, |_| false, names.iter().map(|name| name.as_str()));
                if is_harmless || (!is_known && asked.is_none()) {
                    silent.push(slip);
                }
            }
        }
        println!("{tried} slips in risky names, {} silent", silent.len());
        assert_eq!(silent, Vec::<String>::new());
        assert!(tried > 5_000, "{tried}");
    }

    fn slips_of(name: &str) -> Vec<String> {
        let letters: Vec<char> = name.chars().collect();
        let join = |letters: &[char]| letters.iter().collect::<String>();
        let mut slips = Vec::new();
        for place in 0..letters.len() {
            let mut fewer = letters.clone();
            fewer.remove(place);
            slips.push(join(&fewer));
            for other in ['e', 'x'] {
                let mut another = letters.clone();
                another[place] = other;
                slips.push(join(&another));
                let mut more = letters.clone();
                more.insert(place, other);
                slips.push(join(&more));
            }
            if place > 0 {
                let mut swapped = letters.clone();
                swapped.swap(place - 1, place);
                slips.push(join(&swapped));
            }
        }
        slips
    }

    #[test]
    fn common_medicines_are_known_and_silent() {
        for name in rules().known_medicines.words {
            let mut patient = facts();
            patient.medications.push(named(&name));
            let assessment = judge(&patient, &dry(Vec::new()));
            for code in ["medication_misspelt", "medication_unrecognised"] {
                assert_eq!(status(&assessment, code), None, "{name} {code}");
            }
        }
        assert_eq!(medicine("Ibuprofen 400"), None);
    }

    #[test]
    fn a_slip_in_an_allergy_is_asked_back() {
        for (substance, expected) in [
            ("lidocane", Some(Indeterminate)),
            ("bupivicaine", Some(Indeterminate)),
            ("xilocaine", Some(Indeterminate)),
            ("chlorhexadine", Some(Indeterminate)),
            ("lidocaine", None),
            ("Zorblaxin", None),
        ] {
            let mut patient = facts();
            patient.allergies.push(allergy(substance));
            let assessment = judge(&patient, &plan(&["lidocaine 1 percent 1"]));
            let found = status(&assessment, "allergy_misspelt");
            assert_eq!(found, expected, "{substance}");
        }
    }
}
