//! Questionnaires as scores: how many answers, what each may be, what they add up to and mean.
//!
//! Scales without an owner (pain 0 to 10, the impression of change) can be shown in full. The items
//! of all other scales are licensed, so only numbers are stored. Every score names its scale,
//! because some scales are in use in a reversed version that gives the same numbers.

use rust_decimal::Decimal;

use crate::platform::id::id;
use crate::platform::text::text_enum;

id! {
    /// Names an assessment.
    pub(crate) struct AssessmentId
}

text_enum! {
    /// A questionnaire.
    pub(crate) enum Instrument {
        Nrs = "nrs",
        Pgic = "pgic",
        Midas = "midas",
        HitSix = "hit_6",
        Ndi = "ndi",
        Pseq = "pseq",
        Tts = "tts",
        PromisPainInterference = "promis_pain_interference",
    }
}

/// A score and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Score {
    pub(super) value: Decimal,
    pub(super) band: Option<&'static str>,
}

/// Why answers have no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScoreRefused {
    #[error("has another number of answers")]
    WrongCount,
    #[error("lies outside what the instrument answers")]
    OutOfRange(usize),
    #[error("leaves out more answers than the instrument allows")]
    TooManyMissing,
    #[error("counts one day twice: the two questions exclude each other")]
    DaysExceedPeriod(usize),
    #[error("is no score of this instrument: {}", .0.entered_as())]
    NoSuchScore(Instrument),
    #[error("is entered as a score only: the instrument is scored by tables of its owner")]
    ScoreOnly,
}

/// Most days that three months can hold.
const QUARTER_DAYS: i64 = 92;

impl Instrument {
    /// Which version and direction of the scale scores are on.
    pub(crate) const fn scale_id(self) -> &'static str {
        match self {
            Self::Nrs => "nrs_0_10",
            Self::Pgic => "pgic_1_better_7_worse",
            Self::Midas => "midas_days_3_months",
            Self::HitSix => "hit6_36_78",
            Self::Ndi => "ndi_percent",
            Self::Pseq => "pseq_0_60",
            Self::Tts => "tts_0_48",
            Self::PromisPainInterference => "promis_pain_interference_t",
        }
    }

    /// What a score that is entered alone is.
    pub(crate) const fn entered_as(self) -> &'static str {
        match self {
            Self::Nrs => "pain, 0 to 10",
            Self::Pgic => "impression of change, 1 to 7",
            Self::Midas => "total of days, 0 to 276",
            Self::HitSix => "total, 36 to 78",
            Self::Ndi => "raw total of ten items, 0 to 50, not percent",
            Self::Pseq => "total, 0 to 60",
            Self::Tts => "total of tenderness, 0 to 48",
            Self::PromisPainInterference => "T-score, 0 to 100",
        }
    }

    /// Whether its wording may be shown without a licence.
    pub(crate) const fn embed_allowed(self) -> bool {
        matches!(self, Self::Nrs | Self::Pgic | Self::Tts)
    }

    /// Under which terms it is used.
    pub(crate) const fn licence_note(self) -> &'static str {
        match self {
            Self::Nrs | Self::Pgic => "Generic scale without an owner.",
            Self::Tts => "Sum of palpated tenderness, the practice's own record.",
            Self::Midas => {
                "Free for clinical use as far as known; terms unverified, so numbers only."
            }
            Self::HitSix => "A licence of the owner is needed; numbers only.",
            Self::Ndi | Self::Pseq => "Copyrighted, permission unclear; numbers only.",
            Self::PromisPainInterference => {
                "Copyrighted; commercial integration needs written permission; scores only."
            }
        }
    }

    /// The smallest difference that matters to patients, where one is known.
    pub(crate) fn minimal_important_change(self) -> Option<Decimal> {
        match self {
            Self::Nrs => Some(Decimal::TWO),
            Self::Ndi => Some(Decimal::TEN),
            _ => None,
        }
    }

    /// The number of answers, with the least and greatest each may be.
    pub(crate) const fn items(self) -> Option<(usize, i64, i64)> {
        match self {
            Self::Nrs => Some((1, 0, 10)),
            Self::Pgic => Some((1, 1, 7)),
            Self::Midas => Some((5, 0, QUARTER_DAYS)),
            Self::HitSix => Some((6, 6, 13)),
            Self::Ndi => Some((10, 0, 5)),
            Self::Pseq => Some((10, 0, 6)),
            Self::Tts => Some((16, 0, 3)),
            Self::PromisPainInterference => None,
        }
    }

    /// The score of a whole form.
    pub(crate) fn score(self, answers: &[Option<i64>]) -> Result<Score, ScoreRefused> {
        let (count, least, greatest) = self.items().ok_or(ScoreRefused::ScoreOnly)?;
        if answers.len() != count {
            return Err(ScoreRefused::WrongCount);
        }
        let allowed = |answer: i64| {
            (least..=greatest).contains(&answer)
                && (self != Self::HitSix || matches!(answer, 6 | 8 | 10 | 11 | 13))
        };
        if let Some(index) = answers.iter().position(|a| a.is_some_and(|a| !allowed(a))) {
            return Err(ScoreRefused::OutOfRange(index));
        }
        let given: Vec<i64> = answers.iter().copied().flatten().collect();
        let missing = count - given.len();
        if missing > (if self == Self::Ndi { NDI_MAY_MISS } else { 0 }) {
            return Err(ScoreRefused::TooManyMissing);
        }
        let sum: i64 = given.iter().sum();
        match self {
            Self::Midas => midas(&given),
            Self::Ndi => Ok(ndi(sum, given.len())),
            _ => Ok(self.of(Decimal::from(sum))),
        }
    }

    /// The score that was worked out elsewhere.
    pub(crate) fn given_score(self, value: Decimal) -> Result<Score, ScoreRefused> {
        let (least, greatest) = match self {
            Self::Nrs => (0, 10),
            Self::Pgic => (1, 7),
            Self::Midas => (0, 3 * QUARTER_DAYS),
            Self::HitSix => (36, 78),
            Self::Ndi => (0, NDI_MOST),
            Self::PromisPainInterference => (0, 100),
            Self::Pseq => (0, 60),
            Self::Tts => (0, 48),
        };
        let whole = value.fract().is_zero();
        let may_be_broken = self == Self::PromisPainInterference;
        let in_range = value >= Decimal::from(least) && value <= Decimal::from(greatest);
        if !in_range || value.scale() > 2 || !(whole || may_be_broken) {
            return Err(ScoreRefused::NoSuchScore(self));
        }
        Ok(match self {
            Self::Ndi => self.of(percent_of(value, NDI_MOST)),
            _ => self.of(value),
        })
    }

    /// The points behind a score that is not itself their sum: those of the answers, or of the whole
    /// form where the score was entered alone.
    pub(crate) fn raw_total(
        self,
        score: Decimal,
        answers: Option<&[Option<i16>]>,
    ) -> Option<Decimal> {
        (self == Self::Ndi).then(|| match answers {
            Some(answers) => answers.iter().flatten().copied().map(Decimal::from).sum(),
            None => (score * Decimal::from(NDI_MOST) / Decimal::ONE_HUNDRED).normalize(),
        })
    }

    fn of(self, value: Decimal) -> Score {
        let bands: &[(i64, &'static str)] = match self {
            Self::Pgic => &[(2, "responder"), (7, "non_responder")],
            Self::Midas => &[
                (5, "grade_1"),
                (10, "grade_2"),
                (20, "grade_3"),
                (276, "grade_4"),
            ],
            Self::HitSix => &[
                (49, "little_or_none"),
                (55, "some"),
                (59, "substantial"),
                (78, "severe"),
            ],
            Self::Ndi => &[
                (8, "none"),
                (28, "mild"),
                (48, "moderate"),
                (68, "severe"),
                (100, "complete"),
            ],
            Self::Pseq => &[
                (19, "severe"),
                (30, "moderate"),
                (40, "mild"),
                (60, "minimal"),
            ],
            Self::Nrs | Self::Tts | Self::PromisPainInterference => &[],
        };
        let band = bands
            .iter()
            .find(|(most, _)| value < Decimal::from(most + 1))
            .map(|(_, b)| *b);
        Score { value, band }
    }
}

/// The most points of the neck disability index, with all of its items answered.
const NDI_MOST: i64 = 50;

fn percent_of(points: Decimal, most: i64) -> Decimal {
    points * Decimal::ONE_HUNDRED / Decimal::from(most)
}

/// The most items of the neck disability index that may be left out.
const NDI_MAY_MISS: usize = 2;

/// Sum of five counts of days; each pair of questions shares the days of three months.
fn midas(days: &[i64]) -> Result<Score, ScoreRefused> {
    let pairs = [0, 2].map(|first| (first, days.iter().skip(first).take(2).sum::<i64>()));
    if let Some((index, _)) = pairs.iter().find(|(_, days)| *days > QUARTER_DAYS) {
        return Err(ScoreRefused::DaysExceedPeriod(*index));
    }
    Ok(Instrument::Midas.of(Decimal::from(days.iter().sum::<i64>())))
}

/// Percent of what the answered items can reach; the band is that of the raw score of ten items.
fn ndi(sum: i64, answered: usize) -> Score {
    let most = i64::try_from(answered)
        .unwrap_or(i64::MAX)
        .saturating_mul(5);
    let exact = percent_of(Decimal::from(sum), most);
    let percent =
        exact.round_dp_with_strategy(1, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    Score {
        value: percent,
        band: Instrument::Ndi.of(exact).band,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn score(
        instrument: Instrument,
        answers: &[i64],
    ) -> Result<(String, Option<&'static str>), ScoreRefused> {
        let answers: Vec<Option<i64>> = answers.iter().copied().map(Some).collect();
        instrument
            .score(&answers)
            .map(|score| (score.value.to_string(), score.band))
    }

    #[test]
    fn midas_is_graded_by_the_sum_of_its_days() {
        for (days, total, grade) in [
            ([0, 0, 0, 0, 0], "0", "grade_1"),
            ([1, 2, 1, 1, 0], "5", "grade_1"),
            ([2, 1, 1, 1, 1], "6", "grade_2"),
            ([3, 2, 2, 2, 1], "10", "grade_2"),
            ([4, 2, 2, 2, 1], "11", "grade_3"),
            ([5, 5, 4, 4, 2], "20", "grade_3"),
            ([5, 5, 5, 4, 2], "21", "grade_4"),
        ] {
            assert_eq!(
                score(Instrument::Midas, &days),
                Ok((total.to_owned(), Some(grade)))
            );
        }
        assert_eq!(
            score(Instrument::Midas, &[93, 0, 0, 0, 0]),
            Err(ScoreRefused::OutOfRange(0))
        );
    }

    #[test]
    fn midas_counts_no_day_of_a_pair_twice() {
        let refused = |index| Err(ScoreRefused::DaysExceedPeriod(index));
        assert!(score(Instrument::Midas, &[46, 46, 46, 46, 92]).is_ok());
        assert_eq!(score(Instrument::Midas, &[47, 46, 0, 0, 0]), refused(0));
        assert_eq!(score(Instrument::Midas, &[0, 0, 47, 46, 0]), refused(2));
    }

    #[test]
    fn hit_six_takes_its_five_answers_and_no_other() {
        for (answers, total, band) in [
            ([6, 6, 6, 6, 6, 6], "36", "little_or_none"),
            ([8, 8, 8, 8, 8, 8], "48", "little_or_none"),
            ([8, 8, 8, 8, 8, 10], "50", "some"),
            ([8, 8, 8, 10, 10, 11], "55", "some"),
            ([6, 8, 10, 11, 13, 10], "58", "substantial"),
            ([10, 10, 10, 10, 10, 10], "60", "severe"),
            ([13, 13, 13, 13, 13, 13], "78", "severe"),
        ] {
            assert_eq!(
                score(Instrument::HitSix, &answers),
                Ok((total.to_owned(), Some(band)))
            );
        }
        for wrong in [7, 9, 12] {
            let refused = score(Instrument::HitSix, &[6, 6, wrong, 6, 6, 6]);
            assert_eq!(refused, Err(ScoreRefused::OutOfRange(2)));
        }
    }

    #[test]
    fn ndi_is_percent_of_the_items_that_were_answered() {
        let of = |answers: [Option<i64>; 10]| Instrument::Ndi.score(&answers).map(|s| s.value);
        let some = |sum: i64, missing: usize| {
            let mut answers = [Some(0); 10];
            let mut left = sum;
            for answer in answers.iter_mut().skip(missing) {
                *answer = Some(left.min(5));
                left -= left.min(5);
            }
            answers
                .iter_mut()
                .take(missing)
                .for_each(|answer| *answer = None);
            answers
        };
        assert_eq!(of(some(16, 0)), Ok(decimal("32.0")));
        assert_eq!(of(some(16, 1)), Ok(decimal("35.6")));
        assert_eq!(of(some(18, 2)), Ok(decimal("45.0")));
        assert_eq!(of(some(18, 3)), Err(ScoreRefused::TooManyMissing));
    }

    #[test]
    fn ndi_bands_are_those_of_the_raw_score() {
        let band = |sum: i64| {
            let answers: Vec<i64> = (0..10).map(|item| (sum - item * 5).clamp(0, 5)).collect();
            score(Instrument::Ndi, &answers).unwrap().1.unwrap()
        };
        let bands = [4, 5, 14, 15, 24, 25, 34, 35].map(band);
        assert_eq!(
            bands,
            [
                "none", "mild", "mild", "moderate", "moderate", "severe", "severe", "complete"
            ]
        );
    }

    #[test]
    fn tenderness_self_efficacy_and_change_are_sums_within_bounds() {
        assert_eq!(
            score(Instrument::Tts, &[3; 16]),
            Ok(("48".to_owned(), None))
        );
        assert_eq!(
            score(Instrument::Tts, &[4; 16]),
            Err(ScoreRefused::OutOfRange(0))
        );
        assert_eq!(
            score(Instrument::Tts, &[3; 15]),
            Err(ScoreRefused::WrongCount)
        );
        let band = |sum: i64| {
            let answers: Vec<i64> = (0..10).map(|item| (sum - item * 6).clamp(0, 6)).collect();
            score(Instrument::Pseq, &answers).unwrap().1.unwrap()
        };
        assert_eq!(
            [0, 19, 20, 30, 31, 40, 41, 60].map(band),
            [
                "severe", "severe", "moderate", "moderate", "mild", "mild", "minimal", "minimal"
            ]
        );
        for (answer, responder) in [(1, true), (2, true), (3, false), (7, false)] {
            let band = score(Instrument::Pgic, &[answer]).unwrap().1;
            assert_eq!(band == Some("responder"), responder);
        }
        assert_eq!(
            score(Instrument::Pgic, &[0]),
            Err(ScoreRefused::OutOfRange(0))
        );
    }

    #[test]
    fn a_bare_score_must_be_one_the_instrument_can_give() {
        let of = |instrument: Instrument, text: &str| instrument.given_score(decimal(text));
        assert_eq!(of(Instrument::HitSix, "60").unwrap().band, Some("severe"));
        for (instrument, text) in [
            (Instrument::HitSix, "35"),
            (Instrument::HitSix, "50.5"),
            (Instrument::Nrs, "11"),
            (Instrument::Pseq, "-1"),
            (Instrument::Pseq, "61"),
            (Instrument::Tts, "49"),
            (Instrument::Midas, "277"),
            (Instrument::Ndi, "51"),
            (Instrument::Ndi, "32.0001"),
            (Instrument::Ndi, "35.6"),
        ] {
            let refused = Err(ScoreRefused::NoSuchScore(instrument));
            assert_eq!(of(instrument, text), refused, "{instrument} {text}");
        }
        let promis = Instrument::PromisPainInterference;
        assert_eq!(promis.score(&[Some(1)]), Err(ScoreRefused::ScoreOnly));
        assert!(of(promis, "61.3").is_ok());
    }

    #[test]
    fn a_bare_ndi_score_is_the_raw_total_of_its_ten_items() {
        for (raw, percent, band) in [
            ("0", "0", "none"),
            ("4", "8", "none"),
            ("5", "10", "mild"),
            ("14", "28", "mild"),
            ("15", "30", "moderate"),
            ("16", "32", "moderate"),
            ("24", "48", "moderate"),
            ("25", "50", "severe"),
            ("34", "68", "severe"),
            ("35", "70", "complete"),
            ("50", "100", "complete"),
        ] {
            let score = Instrument::Ndi.given_score(decimal(raw)).unwrap();
            assert_eq!((score.value, score.band), (decimal(percent), Some(band)));
            let total = Instrument::Ndi.raw_total(score.value, None);
            assert_eq!(total, Some(decimal(raw)));
        }
        let answers = [Some(5), Some(5), Some(5), Some(1), None];
        let total = Instrument::Ndi.raw_total(decimal("35.6"), Some(&answers));
        assert_eq!(total, Some(decimal("16")));
        assert_eq!(Instrument::Pseq.raw_total(decimal("30"), None), None);
    }
}
