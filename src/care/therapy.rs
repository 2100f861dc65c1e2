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
    pub(crate) const fn therapy(self) -> Therapy {
        Therapy {
            category: self.category(),
            name: self.name(),
            plain_words: self.plain_words(),
            techniques: self.techniques(),
        }
    }

    const fn category(self) -> TherapyCategory {
        match self {
            Self::MassageDeepTissue
            | Self::MyofascialRelease
            | Self::TriggerPointPressureRelease => TherapyCategory::Manual,
            Self::Stretching | Self::Strengthening | Self::PostureTraining => {
                TherapyCategory::PhysicalTherapy
            }
            Self::TriggerPointInjection | Self::DryNeedling => TherapyCategory::Medical,
            Self::Acupuncture | Self::HeatTherapy | Self::ColdTherapy => {
                TherapyCategory::Alternative
            }
            Self::ErgonomicAdjustment | Self::StressManagement | Self::Exercise => {
                TherapyCategory::Lifestyle
            }
            Self::SelfMassageTool | Self::Hydration | Self::Nutrition | Self::Education => {
                TherapyCategory::SelfCare
            }
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::MassageDeepTissue => "Deep tissue massage",
            Self::MyofascialRelease => "Myofascial release",
            Self::TriggerPointPressureRelease => "Trigger point pressure release",
            Self::Stretching => "Stretching",
            Self::Strengthening => "Strengthening",
            Self::PostureTraining => "Posture training",
            Self::TriggerPointInjection => "Trigger point injection",
            Self::DryNeedling => "Dry needling",
            Self::Acupuncture => "Acupuncture",
            Self::HeatTherapy => "Heat",
            Self::ColdTherapy => "Cold",
            Self::ErgonomicAdjustment => "Ergonomic adjustment",
            Self::StressManagement => "Stress management",
            Self::Exercise => "Regular exercise",
            Self::SelfMassageTool => "Self-massage",
            Self::Hydration => "Drinking enough",
            Self::Nutrition => "Eating well",
            Self::Education => "Understanding the pain",
        }
    }

    /// What a patient reads about it.
    const fn plain_words(self) -> &'static str {
        match self {
            Self::MassageDeepTissue => "Slow, firm massage that reaches the deeper muscles",
            Self::MyofascialRelease => {
                "Gentle lasting pressure that loosens the tissue around the muscles"
            }
            Self::TriggerPointPressureRelease => "Pressing on a tender knot until it eases",
            Self::Stretching => "Lengthening tight muscles of neck and shoulders",
            Self::Strengthening => "Exercises that make weak muscles carry their share",
            Self::PostureTraining => "Learning to hold head and shoulders with less strain",
            Self::TriggerPointInjection => "A small amount of medicine injected into a tender knot",
            Self::DryNeedling => "A thin needle into a tender knot, without medicine",
            Self::Acupuncture => "Thin needles at chosen points of the body",
            Self::HeatTherapy => "Warmth that relaxes tight muscles",
            Self::ColdTherapy => "Cold that soothes sore places",
            Self::ErgonomicAdjustment => {
                "Setting up screen, chair and desk so that the neck can rest"
            }
            Self::StressManagement => "Ways to let go of tension that tightens muscles",
            Self::Exercise => "Moving regularly, such as walking, cycling or swimming",
            Self::SelfMassageTool => "Working on tight places yourself, with the hands or a tool",
            Self::Hydration => "Drinking water over the day",
            Self::Nutrition => "Regular meals, and leaving out what brings headaches on",
            Self::Education => "Learning how trigger points and headaches hang together",
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
