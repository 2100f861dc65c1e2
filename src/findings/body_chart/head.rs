//! The lines above the drawing: what it shows, and of whom.

use chrono::NaiveDate;

use super::canvas::{Canvas, WIDTH};

/// Room for the title, and for each line below it.
const TITLE: i64 = 100;
const LINE: i64 = 40;

/// Who is on the picture, for those who may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) patient_name: String,
    pub(crate) birth_date: NaiveDate,
    pub(crate) record_number: String,
    /// The provider of the visit; of the later one where two are compared.
    pub(crate) provider_name: String,
}

/// The lines above the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head<'a> {
    pub(super) title: &'a str,
    pub(super) subject: Option<&'a Subject>,
    /// What went in over all sites, in words.
    pub(super) given: Option<String>,
}

impl Head<'_> {
    fn lines(&self) -> Vec<String> {
        let subject = self.subject.into_iter().flat_map(|subject| {
            let born = subject.birth_date.format("%-d %B %Y");
            [
                format!(
                    "{} \u{b7} born {born} \u{b7} record {}",
                    subject.patient_name, subject.record_number
                ),
                format!("Provider: {}", subject.provider_name),
            ]
        });
        subject.chain(self.given.clone()).collect()
    }

    /// How much of the picture's height it takes.
    pub(super) fn height(&self) -> i64 {
        TITLE + i64::try_from(self.lines().len()).unwrap_or_default() * LINE
    }

    /// The lines in words, for those who cannot see the picture.
    pub(super) fn description(&self) -> Vec<String> {
        self.lines().iter().map(|line| format!("{line}.")).collect()
    }

    /// Draws the lines from the top on.
    pub(super) fn draw(&self, canvas: &mut Canvas) {
        canvas.text("heading", WIDTH / 2, 62, self.title);
        let mut y = TITLE;
        for line in self.lines() {
            canvas.text("subject", WIDTH / 2, y, &line);
            y += LINE;
        }
    }
}
