//! The symptoms that every call asks for, and which of them are red flags.
//!
//! Chest pain, breathlessness, fever, weakness or spreading redness after a needle can mean a
//! pneumothorax, an infection, or an injured nerve or spinal cord. They cannot wait.

use crate::platform::text::text_enum;

text_enum! {
    /// What a patient may report when asked for adverse events.
    pub(crate) enum AdverseSymptom {
        ChestPain = "chest_pain",
        Breathlessness = "breathlessness",
        Fever = "fever",
        Weakness = "weakness",
        SpreadingRedness = "spreading_redness",
        Soreness = "soreness",
        Bruising = "bruising",
        Bleeding = "bleeding",
        Dizziness = "dizziness",
        WorseHeadache = "worse_headache",
        Other = "other",
    }
}

impl AdverseSymptom {
    /// Whether the patient must be called at once.
    pub(crate) const fn is_red_flag(self) -> bool {
        matches!(
            self,
            Self::ChestPain
                | Self::Breathlessness
                | Self::Fever
                | Self::Weakness
                | Self::SpreadingRedness
        )
    }

    /// The question that is asked, in words a patient understands.
    pub(crate) const fn question(self) -> &'static str {
        match self {
            Self::ChestPain => "Any pain in the chest, or pain when you breathe in?",
            Self::Breathlessness => "Any shortness of breath, or a new cough?",
            Self::Fever => "Any fever or shivering?",
            Self::Weakness => "Any weakness or numbness of an arm, a leg or the face?",
            Self::SpreadingRedness => {
                "Any redness, warmth or swelling that spreads where the needle went in?"
            }
            Self::Soreness => "Any soreness where you were treated?",
            Self::Bruising => "Any bruises?",
            Self::Bleeding => "Any bleeding that would not stop?",
            Self::Dizziness => "Any dizziness, or did you faint?",
            Self::WorseHeadache => "Has your headache been worse than before?",
            Self::Other => "Anything else that worries you?",
        }
    }
}
