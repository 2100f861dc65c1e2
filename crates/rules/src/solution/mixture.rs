//! A solution, and the dose of each component at a site.
//!
//! The dose is site volume × component amount ÷ solution volume, kept exact, so that the doses of
//! all sites add up to the dose of the session.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::component::{Component, ComponentRefused};
use super::vasoconstrictor::vasoconstrictor_per_ml;
use crate::dose::{Amount, DoseRefused, Mass, VolumeMl};

/// How far recorded volumes may lie apart before they are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VolumeTolerances {
    pub components_ml: Decimal,
    pub drawn_ml: Decimal,
}

/// Why a solution cannot be mixed, or its doses cannot be calculated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SolutionRefused {
    #[error("a solution has at least one component")]
    Empty,
    #[error("component {index} {reason}")]
    Component {
        index: usize,
        reason: ComponentRefused,
    },
    #[error("the components make {components_ml} mL, the solution {solution_ml} mL")]
    VolumesDisagree {
        components_ml: Decimal,
        solution_ml: Decimal,
    },
    #[error("{0}")]
    Volume(#[from] DoseRefused),
}

/// The amount of one component in a volume of the solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentDose {
    /// Position in the solution's list of components.
    pub component_index: usize,
    pub drug_code: String,
    pub amount: Amount,
}

/// A mixed solution: it has a component, and its volumes agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    label: String,
    total_volume: VolumeMl,
    components: Vec<Component>,
    beyond_use_at: Option<DateTime<Utc>>,
}

impl Solution {
    /// Mixes the components, or names the one that cannot be right.
    pub fn mix(
        label: String,
        total_volume: VolumeMl,
        components: Vec<Component>,
        beyond_use_at: Option<DateTime<Utc>>,
        tolerances: VolumeTolerances,
    ) -> Result<Self, SolutionRefused> {
        if components.is_empty() {
            return Err(SolutionRefused::Empty);
        }
        for (index, component) in components.iter().enumerate() {
            component
                .validate()
                .map_err(|reason| SolutionRefused::Component { index, reason })?;
        }
        let mixed = VolumeMl::sum(components.iter().map(|component| component.volume))?;
        let apart = mixed.distance(total_volume).millilitres();
        if total_volume.is_zero() || apart > tolerances.components_ml {
            return Err(SolutionRefused::VolumesDisagree {
                components_ml: mixed.millilitres(),
                solution_ml: total_volume.millilitres(),
            });
        }
        Ok(Self {
            label,
            total_volume,
            components,
            beyond_use_at,
        })
    }

    /// What is written on the syringe.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The volume of the whole solution.
    #[cfg(test)]
    pub const fn total_volume(&self) -> VolumeMl {
        self.total_volume
    }

    /// What it is made of; never empty.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// Whether it is too old to inject.
    pub fn is_beyond_use(&self, now: DateTime<Utc>) -> bool {
        self.beyond_use_at
            .is_some_and(|beyond_use_at| now >= beyond_use_at)
    }

    /// How much epinephrine surrounds the anaesthetic of this component, in a millilitre of the whole
    /// solution; none when it came without and none was added.
    pub fn vasoconstrictor_per_ml(&self, component: &Component) -> Result<Mass, DoseRefused> {
        let mixed: Vec<_> = self
            .components
            .iter()
            .map(|part| (&part.drug, part.concentration, part.volume))
            .collect();
        vasoconstrictor_per_ml(&component.drug, &mixed, self.total_volume)
    }

    /// The amount of every drug in an injected volume; diluents are left out.
    pub fn doses_in(&self, injected: VolumeMl) -> Result<Vec<ComponentDose>, SolutionRefused> {
        self.components
            .iter()
            .enumerate()
            .filter(|(_, component)| !component.is_diluent())
            .map(|(component_index, component)| {
                let amount = self.dose_of(component, injected).map_err(|reason| {
                    SolutionRefused::Component {
                        index: component_index,
                        reason,
                    }
                })?;
                let drug_code = component.drug.code.clone();
                Ok(ComponentDose {
                    component_index,
                    drug_code,
                    amount,
                })
            })
            .collect()
    }

    fn dose_of(
        &self,
        component: &Component,
        injected: VolumeMl,
    ) -> Result<Amount, ComponentRefused> {
        let concentration = component
            .concentration
            .ok_or(ComponentRefused::NoConcentration)?;
        let share = component
            .volume
            .exact()?
            .checked_div(self.total_volume.exact()?)
            .map_err(DoseRefused::from)?;
        let millilitres = injected
            .exact()?
            .checked_mul(share)
            .map_err(DoseRefused::from)?;
        Ok(concentration.amount_in(millilitres)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dose::{AmountUnit, Concentration, ConcentrationUnit};
    use crate::exact::Exact;
    use crate::sample::{component, decimal, mix, ml, solution, tolerances};

    fn milligrams(solution: &Solution, volume: &str, index: usize) -> String {
        let doses = solution.doses_in(ml(volume)).unwrap();
        let dose = doses
            .iter()
            .find(|dose| dose.component_index == index)
            .unwrap();
        dose.amount
            .in_unit(AmountUnit::Milligram)
            .unwrap()
            .rounded(6)
            .unwrap()
            .to_string()
    }

    #[test]
    fn a_site_receives_its_share_of_every_component() {
        for (mixture, site_ml, index, mg) in [
            ("lidocaine 1 percent 10", "1", 0, "10"),
            ("lidocaine 1 percent 10", "0.3", 0, "3"),
            (
                "lidocaine 1 percent 9 + triamcinolone_acetonide 40 mg_per_ml 1",
                "1",
                0,
                "9",
            ),
            (
                "lidocaine 1 percent 9 + triamcinolone_acetonide 40 mg_per_ml 1",
                "1",
                1,
                "4",
            ),
            (
                "lidocaine 1 percent 5 + bupivacaine 0.25 percent 5",
                "2",
                0,
                "10",
            ),
            (
                "lidocaine 1 percent 5 + bupivacaine 0.25 percent 5",
                "2",
                1,
                "2.5",
            ),
            (
                "lidocaine 1 percent 1 + saline 0.9 percent 2",
                "1",
                0,
                "3.333333",
            ),
            (
                "lidocaine 1 percent 2 + cyanocobalamin 1000 mcg_per_ml 1",
                "3",
                1,
                "1",
            ),
            ("lidocaine 2 percent 1 + sterile_water 1", "1", 0, "10"),
            (
                "epinephrine 1000 ratio 0.1 + lidocaine 1 percent 9.9",
                "10",
                0,
                "0.1",
            ),
        ] {
            assert_eq!(
                milligrams(&solution(mixture), site_ml, index),
                mg,
                "{mixture} {site_ml}"
            );
        }
    }

    #[test]
    fn toxin_is_told_in_units() {
        let toxin = solution("onabotulinumtoxin_a 50 units_per_ml 2");
        let doses = toxin.doses_in(ml("0.1")).unwrap();
        assert_eq!(doses[0].amount.units(), Ok(Exact::whole(5)));
        assert_eq!(doses[0].drug_code, "onabotulinumtoxin_a");
    }

    #[test]
    fn a_diluent_is_no_dose() {
        let thinned = solution("saline 0.9 percent 5 + lidocaine 1 percent 5");
        let doses = thinned.doses_in(ml("1")).unwrap();
        assert_eq!(doses.len(), 1);
        assert_eq!(doses[0].component_index, 1);
    }

    #[test]
    fn the_components_make_the_volume_within_the_tolerance() {
        for (total, is_accepted) in [
            ("10", true),
            ("10.01", true),
            ("9.99", true),
            ("10.010001", false),
            ("9.989999", false),
        ] {
            let mixed = mix("lidocaine 1 percent 6 + saline 0.9 percent 4", total);
            assert_eq!(mixed.is_ok(), is_accepted, "{total}");
        }
        assert!(matches!(
            mix("lidocaine 1 percent 0.005", "0"),
            Err(SolutionRefused::VolumesDisagree { .. })
        ));
    }

    #[test]
    fn a_refusal_names_the_component() {
        for (mixture, index, reason) in [
            (
                "saline 0.9 percent 1 + lidocaine 1 percent 0",
                1,
                ComponentRefused::NoVolume,
            ),
            (
                "lidocaine 1 percent 1 + saline 0",
                1,
                ComponentRefused::NoVolume,
            ),
            (
                "lidocaine 5 + saline 1",
                0,
                ComponentRefused::NoConcentration,
            ),
            (
                "saline 1 + lidocaine 10 units_per_ml 1",
                1,
                ComponentRefused::WrongUnit,
            ),
            (
                "onabotulinumtoxin_a 50 mg_per_ml 2",
                0,
                ComponentRefused::WrongUnit,
            ),
            (
                "cyanocobalamin 1000 units_per_ml 1",
                0,
                ComponentRefused::WrongUnit,
            ),
        ] {
            assert_eq!(
                mix(mixture, "1"),
                Err(SolutionRefused::Component { index, reason }),
                "{mixture}"
            );
        }
        assert_eq!(
            Solution::mix(String::new(), ml("1"), Vec::new(), None, tolerances()),
            Err(SolutionRefused::Empty)
        );
    }

    #[test]
    fn a_solution_is_too_old_from_its_beyond_use_time_on() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let solution = Solution::mix(
            "A".to_owned(),
            ml("1"),
            vec![component("lidocaine 1 percent 1")],
            Some(at("2026-11-22T12:00:00Z")),
            tolerances(),
        )
        .unwrap();
        for (now, is_beyond) in [
            ("2026-11-22T11:59:59.999999Z", false),
            ("2026-11-22T12:00:00Z", true),
            ("2026-11-23T12:00:00Z", true),
        ] {
            assert_eq!(solution.is_beyond_use(at(now)), is_beyond, "{now}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn the_doses_of_all_sites_are_the_dose_of_the_session(
            parts in proptest::collection::vec((1_i64..20_000, 1_i64..5_000_000), 1..6),
            sites in proptest::collection::vec(0_i64..5_000, 1..12),
        ) {
            let components: Vec<Component> = parts.iter().map(|(volume, strength)| {
                let mut component = LIDOCAINE.clone();
                component.volume = VolumeMl::new(Decimal::new(*volume, 3)).unwrap();
                component.concentration = Some(Concentration::new(
                    Decimal::new(*strength, 4), ConcentrationUnit::MilligramsPerMl,
                ).unwrap());
                component
            }).collect();
            let total = VolumeMl::sum(components.iter().map(|component| component.volume)).unwrap();
            let solution = Solution::mix(String::new(), total, components, None, tolerances()).unwrap();
            let volumes: Vec<VolumeMl> =
                sites.iter().map(|site| VolumeMl::new(Decimal::new(*site, 3)).unwrap()).collect();
            let session = solution.doses_in(VolumeMl::sum(volumes.iter().copied()).unwrap()).unwrap();
            for whole in session {
                let sum = |volumes: &mut dyn Iterator<Item = &VolumeMl>| {
                    volumes.fold(Amount::Mass(Mass::ZERO), |sum, volume| {
                        let doses = solution.doses_in(*volume).unwrap();
                        sum.checked_add(doses[whole.component_index].amount).unwrap()
                    })
                };
                prop_assert_eq!(sum(&mut volumes.iter()), whole.amount);
                prop_assert_eq!(sum(&mut volumes.iter().rev()), whole.amount);
            }
            let everything = solution.doses_in(solution.total_volume()).unwrap();
            for (dose, (volume, strength)) in everything.iter().zip(&parts) {
                let expected = Exact::from_decimal(Decimal::new(volume * strength, 7)).unwrap();
                prop_assert_eq!(dose.amount.in_unit(AmountUnit::Milligram).unwrap(), expected);
            }
        }
    }

    static LIDOCAINE: std::sync::LazyLock<Component> =
        std::sync::LazyLock::new(|| component("lidocaine 1 percent 1"));

    #[test]
    fn a_label_is_kept() {
        assert_eq!(solution("lidocaine 1 percent 1").label(), "syringe A");
        assert_eq!(decimal("1"), Decimal::ONE);
    }
}
