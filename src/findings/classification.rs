//! The signs that a palpation found, and the classification that follows from them.
//!
//! Three findings are essential to a trigger point: a taut band, a hypersensitive spot in it and
//! pain referred from it. With the first two, a complementary sign makes a trigger point probable.
//! A hypersensitive spot without a taut band is a tender point. A taut band alone is not classified.
//! A trigger point is active when the patient recognises the pain as theirs, otherwise latent.
//!
//! The raw findings are kept and the classification is derived from them. A provider may override it
//! with a reason. Palpation is of limited reliability, so this classifies and does not diagnose. A
//! sign that was not assessed counts in the same way as a sign that was absent.
//!
//! # Source
//! Fernández-de-las-Peñas & Dommerholt, Pain Medicine 2018;19:142 (Delphi criteria); the weight of
//! the complementary signs is a proposal of this product.

use crate::platform::text::text_enum;

text_enum! {
    /// Whether a sign was found.
    pub(crate) enum Finding {
        Yes = "yes",
        No = "no",
        NotAssessed = "not_assessed",
    }
}

impl Finding {
    /// Whether the sign was found.
    pub(crate) const fn is_shown(self) -> bool {
        matches!(self, Self::Yes)
    }
}

text_enum! {
    /// The classification of a finding.
    pub(crate) enum Classification {
        Definite = "definite",
        Probable = "probable",
        TenderPoint = "tender_point",
        None = "none",
    }
}

text_enum! {
    /// Whether a trigger point causes the pain that the patient knows.
    pub(crate) enum Activity {
        Active = "active",
        Latent = "latent",
        None = "none",
    }
}

text_enum! {
    /// How the patient describes the referred pain.
    pub(crate) enum ReferredQuality {
        SpreadingPain = "spreading_pain",
        DeepPain = "deep_pain",
        DullAche = "dull_ache",
        Tingling = "tingling",
        Burning = "burning",
        Other = "other",
    }
}

/// The signs that one palpation looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PalpationFindings {
    pub(crate) taut_band: Finding,
    pub(crate) hypersensitive_spot: Finding,
    pub(crate) referred_pain: Finding,
    /// The patient recognises the pain as their own.
    pub(crate) pain_recognised: Finding,
    pub(crate) local_twitch: Finding,
    pub(crate) jump_sign: Finding,
    pub(crate) palpable_nodule: Finding,
    pub(crate) range_of_motion_restricted: Finding,
    pub(crate) autonomic_signs: Finding,
}

impl PalpationFindings {
    /// No sign has been assessed.
    pub(crate) const NOT_ASSESSED: Self = Self {
        taut_band: Finding::NotAssessed,
        hypersensitive_spot: Finding::NotAssessed,
        referred_pain: Finding::NotAssessed,
        pain_recognised: Finding::NotAssessed,
        local_twitch: Finding::NotAssessed,
        jump_sign: Finding::NotAssessed,
        palpable_nodule: Finding::NotAssessed,
        range_of_motion_restricted: Finding::NotAssessed,
        autonomic_signs: Finding::NotAssessed,
    };

    /// Derives the classification and the activity.
    pub(crate) fn classify(&self) -> Classified {
        let classification = self.classification();
        let activity = match classification {
            Classification::Definite | Classification::Probable => {
                if self.pain_recognised.is_shown() {
                    Activity::Active
                } else {
                    Activity::Latent
                }
            }
            Classification::TenderPoint | Classification::None => Activity::None,
        };
        Classified {
            classification,
            activity,
        }
    }

    fn classification(&self) -> Classification {
        if !self.hypersensitive_spot.is_shown() {
            Classification::None
        } else if !self.taut_band.is_shown() {
            Classification::TenderPoint
        } else if self.referred_pain.is_shown() {
            Classification::Definite
        } else if self.has_complementary_sign() {
            Classification::Probable
        } else {
            Classification::None
        }
    }

    fn has_complementary_sign(&self) -> bool {
        [
            self.local_twitch,
            self.jump_sign,
            self.palpable_nodule,
            self.range_of_motion_restricted,
        ]
        .into_iter()
        .any(Finding::is_shown)
    }
}

/// A classification, and whether the pain is the patient's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Classified {
    pub(crate) classification: Classification,
    pub(crate) activity: Activity,
}

impl Classified {
    /// Accepts the provider's own judgement if classification and activity fit together.
    ///
    /// A definite or probable trigger point is either active or latent. Other findings are neither.
    pub(crate) fn judged(classification: Classification, activity: Activity) -> Option<Self> {
        let is_trigger_point = matches!(
            classification,
            Classification::Definite | Classification::Probable
        );
        (is_trigger_point == (activity != Activity::None)).then_some(Self {
            classification,
            activity,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Taut band, hypersensitive spot, referred pain.
    fn palpated(
        taut_band: bool,
        hypersensitive_spot: bool,
        referred_pain: bool,
    ) -> PalpationFindings {
        let finding = |found| if found { Finding::Yes } else { Finding::No };
        PalpationFindings {
            taut_band: finding(taut_band),
            hypersensitive_spot: finding(hypersensitive_spot),
            referred_pain: finding(referred_pain),
            pain_recognised: Finding::No,
            local_twitch: Finding::No,
            jump_sign: Finding::No,
            palpable_nodule: Finding::No,
            range_of_motion_restricted: Finding::No,
            autonomic_signs: Finding::No,
        }
    }

    fn classified(classification: Classification, activity: Activity) -> Classified {
        Classified {
            classification,
            activity,
        }
    }

    #[test]
    fn the_three_essential_findings_make_it_definite() {
        let mut findings = palpated(true, true, true);
        let latent = classified(Classification::Definite, Activity::Latent);
        assert_eq!(findings.classify(), latent);
        findings.pain_recognised = Finding::Yes;
        let active = classified(Classification::Definite, Activity::Active);
        assert_eq!(findings.classify(), active);
    }

    #[test]
    fn without_referred_pain_each_complementary_sign_makes_it_probable() {
        let without = palpated(true, true, false);
        assert_eq!(
            without.classify(),
            classified(Classification::None, Activity::None)
        );
        let yes = Finding::Yes;
        for findings in [
            PalpationFindings {
                local_twitch: yes,
                ..without
            },
            PalpationFindings {
                jump_sign: yes,
                ..without
            },
            PalpationFindings {
                palpable_nodule: yes,
                ..without
            },
            PalpationFindings {
                range_of_motion_restricted: yes,
                ..without
            },
        ] {
            let latent = classified(Classification::Probable, Activity::Latent);
            assert_eq!(findings.classify(), latent);
            let recognised = PalpationFindings {
                pain_recognised: yes,
                ..findings
            };
            let active = classified(Classification::Probable, Activity::Active);
            assert_eq!(recognised.classify(), active);
        }
        let autonomic = PalpationFindings {
            autonomic_signs: yes,
            ..without
        };
        assert_eq!(autonomic.classify().classification, Classification::None);
    }

    #[test]
    fn a_sore_spot_outside_a_taut_band_is_a_tender_point() {
        let tender = classified(Classification::TenderPoint, Activity::None);
        assert_eq!(palpated(false, true, false).classify(), tender);
        let mut recognised = palpated(false, true, true);
        recognised.pain_recognised = Finding::Yes;
        assert_eq!(recognised.classify(), tender);
    }

    #[test]
    fn a_taut_band_alone_is_nothing() {
        let none = classified(Classification::None, Activity::None);
        assert_eq!(palpated(true, false, false).classify(), none);
        assert_eq!(palpated(false, false, false).classify(), none);
    }

    #[test]
    fn what_was_not_assessed_is_not_shown() {
        let none = classified(Classification::None, Activity::None);
        assert_eq!(PalpationFindings::NOT_ASSESSED.classify(), none);
        let findings = PalpationFindings {
            taut_band: Finding::Yes,
            hypersensitive_spot: Finding::Yes,
            ..PalpationFindings::NOT_ASSESSED
        };
        assert_eq!(findings.classify(), none);
        let referred = PalpationFindings {
            referred_pain: Finding::Yes,
            ..findings
        };
        assert_eq!(
            referred.classify(),
            classified(Classification::Definite, Activity::Latent)
        );
    }

    #[test]
    fn only_a_trigger_point_is_judged_active_or_latent() {
        assert!(Classified::judged(Classification::Probable, Activity::Active).is_some());
        assert!(Classified::judged(Classification::TenderPoint, Activity::None).is_some());
        assert!(Classified::judged(Classification::TenderPoint, Activity::Latent).is_none());
        assert!(Classified::judged(Classification::Definite, Activity::None).is_none());
    }

    fn any_finding() -> impl Strategy<Value = Finding> {
        prop::sample::select(Finding::ALL)
    }

    proptest! {
        #[test]
        fn the_derived_pair_is_always_one_a_provider_could_judge(
            signs in prop::array::uniform9(any_finding()),
        ) {
            let [
                taut_band, hypersensitive_spot, referred_pain, pain_recognised, local_twitch,
                jump_sign, palpable_nodule, range_of_motion_restricted, autonomic_signs,
            ] = signs;
            let classified = PalpationFindings {
                taut_band, hypersensitive_spot, referred_pain, pain_recognised, local_twitch,
                jump_sign, palpable_nodule, range_of_motion_restricted, autonomic_signs,
            }.classify();
            let judged = Classified::judged(classified.classification, classified.activity);
            prop_assert_eq!(judged, Some(classified));
        }
    }
}
