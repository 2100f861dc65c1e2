//! Applying a template to a visit. It returns draft text and writes nothing.

use chrono::{Datelike, NaiveDate};

use crate::patients;
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::local_time::local_date;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::visits::store as visits;
use crate::visits::visit::VisitId;
use crate::visits::writable::{VisitRefused, open_visit};

use super::{NoteTemplateId, NoteTexts, store};

action!(
    /// Applying a note template to an open visit.
    Draft, "visits.draft_note", record, [Provider, Assistant]
);

/// Why there is no draft.
#[derive(Debug, thiserror::Error)]
pub(super) enum DraftError {
    #[error(transparent)]
    Visit(#[from] VisitRefused),
    #[error("the template does not exist or is archived")]
    UnknownTemplate,
}

impl From<DatabaseError> for DraftError {
    fn from(error: DatabaseError) -> Self {
        Self::Visit(error.into())
    }
}

impl Refusal for DraftError {
    const TYPES: &'static [&'static ProblemType] = &[&problem::SEALED];

    fn problem(self) -> Problem {
        match self {
            Self::Visit(refused) => refused.problem(),
            Self::UnknownTemplate => Problem::field("/template_id", "names no template in use"),
        }
    }
}

/// Returns the texts of a template, filled in for an open visit.
pub(super) async fn draft(
    transaction: &Transaction<'_, Draft>,
    visit_id: VisitId,
    template_id: NoteTemplateId,
) -> Result<NoteTexts, DraftError> {
    open_visit(transaction, visit_id).await?;
    let visit = visits::find(transaction, visit_id).await?;
    let visit = visit.ok_or(VisitRefused::NotFound)?;
    let template = store::find(transaction, template_id).await?;
    let template = template.filter(|template| template.archived_at.is_none());
    let template = template.ok_or(DraftError::UnknownTemplate)?;
    let patient = patients::find(transaction, visit.patient_id).await?;
    let patient = patient.ok_or(VisitRefused::NotFound)?;
    transaction.touch("visit", visit_id, visit.patient_id);
    let date = local_date(visit.zone, visit.started_at);
    let known = Known {
        patient_name: visit.patient_name,
        patient_age: age(patient.details.birth_date, date),
        visit_date: date,
        provider_name: visit.provider_name,
    };
    Ok(known.fill(&template.content.texts))
}

/// The values of the placeholders of a template.
struct Known {
    patient_name: String,
    patient_age: i32,
    visit_date: NaiveDate,
    provider_name: String,
}

impl Known {
    fn fill(&self, texts: &NoteTexts) -> NoteTexts {
        let fill = |text: &Option<String>| text.as_deref().map(|text| self.fill_text(text));
        NoteTexts {
            chief_complaint: fill(&texts.chief_complaint),
            subjective: fill(&texts.subjective),
            objective: fill(&texts.objective),
            assessment: fill(&texts.assessment),
            plan: fill(&texts.plan),
        }
    }

    /// Fills in placeholders in one pass, so that a name that looks like a placeholder stays a name.
    fn fill_text(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let value = after
                .split_once('}')
                .and_then(|(name, after)| Some((self.value(name)?, after)));
            if let Some((value, after)) = value {
                filled.push_str(&value);
                rest = after;
            } else {
                filled.push('{');
                rest = after;
            }
        }
        filled.push_str(rest);
        filled
    }

    fn value(&self, name: &str) -> Option<String> {
        match name {
            "patient_name" => Some(self.patient_name.clone()),
            "patient_age" => Some(self.patient_age.to_string()),
            "visit_date" => Some(self.visit_date.to_string()),
            "provider_name" => Some(self.provider_name.clone()),
            _ => None,
        }
    }
}

/// Returns the age in whole years on a date.
fn age(born_on: NaiveDate, on: NaiveDate) -> i32 {
    let had_birthday = (on.month(), on.day()) >= (born_on.month(), born_on.day());
    on.year() - born_on.year() - i32::from(!had_birthday)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_known_is_filled_in_once_and_the_rest_stays() {
        let known = Known {
            patient_name: "{provider_name}".to_owned(),
            patient_age: 41,
            visit_date: date("2026-03-02"),
            provider_name: "Dr Ada Keller".to_owned(),
        };
        assert_eq!(
            known.fill_text("{patient_name}, {patient_age}: {visit_date} {unknown} {"),
            "{provider_name}, 41: 2026-03-02 {unknown} {"
        );
        assert_eq!(known.fill_text("{{provider_name}}"), "{Dr Ada Keller}");
    }

    #[test]
    fn a_year_is_over_on_the_birthday() {
        assert_eq!(age(date("1984-05-17"), date("2026-05-16")), 41);
        assert_eq!(age(date("1984-05-17"), date("2026-05-17")), 42);
        assert_eq!(age(date("2024-02-29"), date("2025-02-28")), 0);
    }
}
