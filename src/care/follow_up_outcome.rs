//! The result of a follow-up.

use super::adverse_symptom::AdverseSymptom;

/// The result of a follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outcome {
    /// `None` when the appointment was kept and its result is not written yet.
    pub(super) text: Option<String>,
    /// The questions that were answered; `None` when the patient was not screened.
    pub(super) symptoms_asked: Option<Vec<AdverseSymptom>>,
    pub(super) adverse_symptoms: Vec<AdverseSymptom>,
    pub(super) relief_percent: Option<i16>,
    pub(super) next_step: Option<String>,
}

/// A part that a call must have and that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unasked {
    Screen,
    Relief,
    NextStep,
}

impl Outcome {
    /// Rejects the result of a call in which a part is missing.
    pub(super) fn check_call(&self) -> Result<(), Vec<Unasked>> {
        let asked = self.symptoms_asked.as_deref().unwrap_or_default();
        let asked_all = AdverseSymptom::ALL
            .iter()
            .all(|symptom| asked.contains(symptom));
        let parts = [
            (asked_all, Unasked::Screen),
            (self.relief_percent.is_some(), Unasked::Relief),
            (self.next_step.is_some(), Unasked::NextStep),
        ];
        let missing: Vec<Unasked> = parts
            .into_iter()
            .filter(|(is_there, _)| !is_there)
            .map(|(_, part)| part)
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(missing)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reporting(asked: &[AdverseSymptom]) -> Outcome {
        Outcome {
            text: Some("Said".to_owned()),
            symptoms_asked: Some(asked.to_vec()),
            adverse_symptoms: Vec::new(),
            relief_percent: Some(40),
            next_step: Some("Stretch".to_owned()),
        }
    }

    #[test]
    fn a_call_asks_every_question_and_for_relief_and_the_next_step() {
        assert_eq!(reporting(AdverseSymptom::ALL).check_call(), Ok(()));
        let partly = reporting(&AdverseSymptom::ALL[1..]);
        assert_eq!(partly.check_call(), Err(vec![Unasked::Screen]));
        let words_alone = Outcome {
            text: Some("Well".to_owned()),
            ..Outcome::default()
        };
        let all = vec![Unasked::Screen, Unasked::Relief, Unasked::NextStep];
        assert_eq!(words_alone.check_call(), Err(all));
    }
}
