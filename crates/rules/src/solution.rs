//! A syringe: what was mixed, in what volumes, and how much of each drug a site receives.
//!
//! The volumes of the components make the volume of the solution, and what was injected and what
//! was wasted make what was drawn, each within a tolerance that is data of the rule set. The dose
//! of a component at a site is site volume × component amount ÷ solution volume, kept exact, so
//! that the doses of all sites add up to the dose of the session. A refusal about a component
//! names its index in the list, because the clinician has to find it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::dose::{Amount, Concentration, DoseRefused, Mass, VolumeMl};
use super::exact::Exact;
use super::expiry::ExpiryDate;
use super::formulary::{Drug, DrugClass, Preservative};
use crate::text::text_enum;

text_enum! {
    /// Whether a vial may serve more than one patient.
    pub enum VialKind {
        Single = "single",
        Multi = "multi",
    }
}

text_enum! {
    /// Whether a lot may be used at all.
    pub enum LotStanding {
        Available = "available",
        Quarantined = "quarantined",
        Recalled = "recalled",
    }
}

/// What is known of the lot a component was drawn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnLot {
    pub number: String,
    pub standing: LotStanding,
    pub expiry: ExpiryDate,
    pub remaining: VolumeMl,
    pub vial: VialKind,
    pub opened_at: Option<DateTime<Utc>>,
    pub was_used_for_another_patient: bool,
    /// Kept at another location than that of the visit.
    pub is_elsewhere: bool,
    /// What the label says; without it the formulary's usual preservative counts.
    pub preservative: Option<Preservative>,
}

/// One drug or diluent in the syringe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub drug: Drug,
    /// None only for a plain diluent.
    pub concentration: Option<Concentration>,
    pub volume: VolumeMl,
    pub lot: Option<DrawnLot>,
}

impl Component {
    /// The preservative on the label, else the usual one.
    pub fn preservative(&self) -> Preservative {
        self.lot
            .as_ref()
            .and_then(|lot| lot.preservative)
            .unwrap_or(self.drug.usual_preservative)
    }

    const fn is_diluent(&self) -> bool {
        matches!(
            self.drug.class,
            DrugClass::Saline | DrugClass::SterileWater | DrugClass::Biologic
        )
    }
}

/// How far recorded volumes may lie apart before they are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VolumeTolerances {
    pub components_ml: Decimal,
    pub drawn_ml: Decimal,
}

/// Why a component cannot be part of a solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComponentRefused {
    #[error("has no volume")]
    NoVolume,
    #[error("has no concentration")]
    NoConcentration,
    #[error("is not dosed in this unit")]
    WrongUnit,
    #[error("cannot be calculated: {0}")]
    Dose(#[from] DoseRefused),
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
            accept(component).map_err(|reason| SolutionRefused::Component { index, reason })?;
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
        let share = share_of(component.volume, self.total_volume)?;
        let millilitres = injected
            .exact()?
            .checked_mul(share)
            .map_err(DoseRefused::from)?;
        Ok(concentration.amount_in(millilitres)?)
    }
}

/// How much epinephrine surrounds a drug in a millilitre of what it was mixed into.
///
/// What other products carry spreads over the whole as well, but makes no mixture of a drug that came
/// without: only a vasoconstrictor that was added on purpose does.
pub fn vasoconstrictor_per_ml(
    drug: &Drug,
    mixed: &[(&Drug, Option<Concentration>, VolumeMl)],
    total: VolumeMl,
) -> Result<Mass, DoseRefused> {
    let mut is_meant = drug.vasoconstrictor.is_some();
    let mut mass = Mass::ZERO;
    for &(part, concentration, volume) in mixed {
        let is_vasoconstrictor = part.class == DrugClass::Vasoconstrictor;
        is_meant |= is_vasoconstrictor;
        let carried = if is_vasoconstrictor {
            concentration
        } else {
            part.vasoconstrictor
        };
        if let Some(carried) = carried {
            mass = mass.checked_add(carried.amount_in(volume.exact()?)?.mass()?)?;
        }
    }
    if !is_meant {
        return Ok(Mass::ZERO);
    }
    let per_ml = mass.micrograms().checked_div(total.exact()?)?;
    Ok(Mass::from_micrograms(per_ml))
}

fn share_of(part: VolumeMl, whole: VolumeMl) -> Result<Exact, DoseRefused> {
    Ok(part.exact()?.checked_div(whole.exact()?)?)
}

/// Checks one component on its own.
fn accept(component: &Component) -> Result<(), ComponentRefused> {
    if component.volume.is_zero() {
        return Err(ComponentRefused::NoVolume);
    }
    let Some(concentration) = component.concentration else {
        return if component.is_diluent() {
            Ok(())
        } else {
            Err(ComponentRefused::NoConcentration)
        };
    };
    let is_in_units = matches!(concentration.amount_per_ml()?, Amount::Units(_));
    let takes_units = component.drug.class == DrugClass::BotulinumToxin;
    let takes_either = component.drug.class == DrugClass::Other;
    if is_in_units != takes_units && !takes_either {
        return Err(ComponentRefused::WrongUnit);
    }
    Ok(())
}

/// What was drawn does not match what was injected and wasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BalanceRefused {
    #[error("drawn {drawn_ml} mL, but injected and wasted make {accounted_ml} mL")]
    Unbalanced {
        drawn_ml: Decimal,
        accounted_ml: Decimal,
    },
    #[error("{0}")]
    Volume(#[from] DoseRefused),
}

/// Accounts for a syringe: Σ injected + wasted = drawn, within the tolerance.
pub fn balance(
    drawn: VolumeMl,
    injected: &[VolumeMl],
    wasted: VolumeMl,
    tolerances: VolumeTolerances,
) -> Result<(), BalanceRefused> {
    let accounted = VolumeMl::sum(injected.iter().copied())?.checked_add(wasted)?;
    if accounted.distance(drawn).millilitres() > tolerances.drawn_ml {
        return Err(BalanceRefused::Unbalanced {
            drawn_ml: drawn.millilitres(),
            accounted_ml: accounted.millilitres(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dose::AmountUnit;
    use super::super::sample::{component, decimal, mix, ml, solution, tolerances};
    use super::*;

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
    fn what_was_drawn_is_injected_or_wasted() {
        for (drawn, injected, wasted, is_balanced) in [
            ("10", vec!["1", "2", "3"], "4", true),
            ("10", vec!["1", "2", "3"], "3.95", true),
            ("10", vec!["1", "2", "3"], "4.05", true),
            ("10", vec!["1", "2", "3"], "3.949999", false),
            ("10", vec!["1", "2", "3"], "4.050001", false),
            ("0", vec![], "0", true),
            ("2", vec!["0.1"; 20], "0", true),
        ] {
            let injected: Vec<VolumeMl> = injected.into_iter().map(ml).collect();
            let balanced = balance(ml(drawn), &injected, ml(wasted), tolerances());
            assert_eq!(
                balanced.is_ok(),
                is_balanced,
                "{drawn} {injected:?} {wasted}"
            );
        }
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

    #[test]
    fn epinephrine_spreads_over_the_whole_syringe() {
        for (mixture, index, micrograms) in [
            ("lidocaine 1 percent 10", 0, "0"),
            ("lidocaine_epinephrine 1 percent 10", 0, "10"),
            ("lidocaine_epinephrine_200 1 percent 10", 0, "5"),
            (
                "lidocaine_epinephrine 1 percent 5 + saline 0.9 percent 5",
                0,
                "5",
            ),
            (
                "lidocaine 2 percent 19.99 + epinephrine 1000 ratio 0.01",
                0,
                "0.5",
            ),
            (
                "epinephrine 1000 ratio 0.1 + lidocaine 1 percent 9.9",
                1,
                "10",
            ),
            // A drug that came without gains nothing from what another product carries.
            (
                "lidocaine_epinephrine 1 percent 5 + bupivacaine 0.25 percent 5",
                0,
                "5",
            ),
            (
                "lidocaine_epinephrine 1 percent 5 + bupivacaine 0.25 percent 5",
                1,
                "0",
            ),
            (
                "lidocaine_epinephrine 1 percent 4.95 + epinephrine 1000 ratio 0.05 + lidocaine 1 \
                 percent 5",
                2,
                "9.95",
            ),
        ] {
            let solution = solution(mixture);
            let per_ml = solution
                .vasoconstrictor_per_ml(&solution.components()[index])
                .unwrap();
            let expected = Exact::from_decimal(decimal(micrograms)).unwrap();
            assert_eq!(per_ml, Mass::from_micrograms(expected), "{mixture} {index}");
        }
    }

    #[test]
    fn the_label_decides_about_the_preservative() {
        let mut drawn = component("triamcinolone_acetonide 40 mg_per_ml 1");
        assert_eq!(drawn.preservative(), Preservative::BenzylAlcohol);
        drawn.lot = Some(super::super::sample::lot(Some(Preservative::Free)));
        assert_eq!(drawn.preservative(), Preservative::Free);
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
                    Decimal::new(*strength, 4), super::super::dose::ConcentrationUnit::MilligramsPerMl,
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
                    volumes.fold(Amount::Mass(super::super::dose::Mass::ZERO), |sum, volume| {
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
