//! The catalogue of therapies that a plan can be made of, from the needle to a glass of water.
//!
//! Trigger points come back where posture, load and stress stay as they were, so that a plan mixes
//! hands-on and medical treatment with what patients do for themselves.

use crate::platform::text::text_enum;

text_enum! {
    /// What kind of therapy it is.
    pub(crate) enum TherapyCategory {
        Manual = "manual",
        PhysicalTherapy = "physical_therapy",
        Medical = "medical",
        Alternative = "alternative",
        Lifestyle = "lifestyle",
        SelfCare = "self_care",
    }
}

text_enum! {
    /// A therapy.
    pub(crate) enum TherapyCode {
        MassageDeepTissue = "massage_deep_tissue",
        MyofascialRelease = "myofascial_release",
        TriggerPointPressureRelease = "tp_pressure_release",
        Stretching = "stretching",
        Strengthening = "strengthening",
        PostureTraining = "posture_training",
        TriggerPointInjection = "tpi",
        DryNeedling = "dry_needling",
        Acupuncture = "acupuncture",
        HeatTherapy = "heat_therapy",
        ColdTherapy = "cold_therapy",
        ErgonomicAdjustment = "ergonomic_adjustment",
        StressManagement = "stress_management",
        Exercise = "exercise",
        SelfMassageTool = "self_massage_tool",
        Hydration = "hydration",
        Nutrition = "nutrition",
        Education = "education",
    }
}

/// A therapy in plain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Therapy {
    pub(super) category: TherapyCategory,
    pub(super) name: &'static str,
    pub(super) plain_words: &'static str,
    /// Ways of doing it that a plan may name.
    pub(super) techniques: &'static [&'static str],
}

impl TherapyCode {
    /// What is known of the therapy.
    #[expect(clippy::too_many_lines, reason = "the catalogue is one table")]
    pub(crate) const fn therapy(self) -> Therapy {
        use TherapyCategory as Category;
        let (category, name, plain_words) = match self {
            Self::MassageDeepTissue => (
                Category::Manual,
                "Deep tissue massage",
                "Slow, firm massage that reaches the deeper muscles",
            ),
            Self::MyofascialRelease => (
                Category::Manual,
                "Myofascial release",
                "Gentle lasting pressure that loosens the tissue around the muscles",
            ),
            Self::TriggerPointPressureRelease => (
                Category::Manual,
                "Trigger point pressure release",
                "Pressing on a tender knot until it eases",
            ),
            Self::Stretching => (
                Category::PhysicalTherapy,
                "Stretching",
                "Lengthening tight muscles of neck and shoulders",
            ),
            Self::Strengthening => (
                Category::PhysicalTherapy,
                "Strengthening",
                "Exercises that make weak muscles carry their share",
            ),
            Self::PostureTraining => (
                Category::PhysicalTherapy,
                "Posture training",
                "Learning to hold head and shoulders with less strain",
            ),
            Self::TriggerPointInjection => (
                Category::Medical,
                "Trigger point injection",
                "A small amount of medicine injected into a tender knot",
            ),
            Self::DryNeedling => (
                Category::Medical,
                "Dry needling",
                "A thin needle into a tender knot, without medicine",
            ),
            Self::Acupuncture => (
                Category::Alternative,
                "Acupuncture",
                "Thin needles at chosen points of the body",
            ),
            Self::HeatTherapy => (
                Category::Alternative,
                "Heat",
                "Warmth that relaxes tight muscles",
            ),
            Self::ColdTherapy => (
                Category::Alternative,
                "Cold",
                "Cold that soothes sore places",
            ),
            Self::ErgonomicAdjustment => (
                Category::Lifestyle,
                "Ergonomic adjustment",
                "Setting up screen, chair and desk so that the neck can rest",
            ),
            Self::StressManagement => (
                Category::Lifestyle,
                "Stress management",
                "Ways to let go of tension that tightens muscles",
            ),
            Self::Exercise => (
                Category::Lifestyle,
                "Regular exercise",
                "Moving regularly, such as walking, cycling or swimming",
            ),
            Self::SelfMassageTool => (
                Category::SelfCare,
                "Self-massage",
                "Working on tight places yourself, with the hands or a tool",
            ),
            Self::Hydration => (
                Category::SelfCare,
                "Drinking enough",
                "Drinking water over the day",
            ),
            Self::Nutrition => (
                Category::SelfCare,
                "Eating well",
                "Regular meals, and leaving out what brings headaches on",
            ),
            Self::Education => (
                Category::SelfCare,
                "Understanding the pain",
                "Learning how trigger points and headaches hang together",
            ),
        };
        Therapy {
            category,
            name,
            plain_words,
            techniques: self.techniques(),
        }
    }

    const fn techniques(self) -> &'static [&'static str] {
        match self {
            Self::ErgonomicAdjustment => &["screen_height", "chair", "desk", "breaks"],
            Self::StressManagement => &["yoga", "meditation", "deep_breathing"],
            Self::SelfMassageTool => &["foam_roller", "ball", "handheld"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_therapies() {
        for category in TherapyCategory::ALL {
            let mut codes = TherapyCode::ALL.iter();
            assert!(
                codes.any(|code| code.therapy().category == *category),
                "{category}"
            );
        }
    }
}
