//! What was given and needled before, as the rules look at it.
//!
//! A dose is worked out from what was injected: the volume at the site, times what one component makes
//! of its solution. It stays an exact fraction, so that a day's doses add up to what was drawn.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::needled_muscle::{NeedledMuscle, place_of};
use super::syringe::SolutionId;
use tautband_rules::dose::{Amount, Concentration, DoseRefused, Mass, VolumeMl};
use tautband_rules::exact::Exact;
use tautband_rules::formulary::{Drug, DrugClass, Formulary};
use tautband_rules::kind::Side;
use tautband_rules::safety::facts::{PreviousDose, PreviousSite, UnreadableDose};
use tautband_rules::solution::vasoconstrictor_per_ml;

/// A needle site of another procedure.
pub(super) struct PastSite {
    pub(super) procedure_id: Uuid,
    pub(super) muscle_code: String,
    pub(super) side: Side,
    pub(super) solution_id: Option<SolutionId>,
    pub(super) volume_ml: Decimal,
    pub(super) injected_at: DateTime<Utc>,
}

/// A component of a solution that was used there.
pub(super) struct PastComponent {
    pub(super) solution_id: SolutionId,
    pub(super) solution_ml: Decimal,
    pub(super) drug_code: String,
    pub(super) concentration: Option<Concentration>,
    pub(super) volume_ml: Decimal,
}

/// Earlier places and the doses they received.
pub(super) struct History {
    pub(super) sites: Vec<PreviousSite>,
    pub(super) doses: Vec<PreviousDose>,
    /// Doses that the record does not tell.
    pub(super) unreadable: Vec<UnreadableDose>,
}

impl History {
    /// Joins sites with what was in their syringes.
    pub(super) fn new(
        sites: &[PastSite],
        components: &[PastComponent],
        muscles: &[NeedledMuscle],
        formulary: &Formulary,
    ) -> Self {
        let mut of_solution: BTreeMap<SolutionId, Vec<&PastComponent>> = BTreeMap::new();
        for component in components {
            of_solution
                .entry(component.solution_id)
                .or_default()
                .push(component);
        }
        let mut doses = Vec::new();
        let mut unreadable = Vec::new();
        for site in sites {
            let components = site.solution_id.and_then(|id| of_solution.get(&id));
            for component in components.into_iter().flatten() {
                let others = components.map_or(&[][..], Vec::as_slice);
                match dose(site, component, others, (muscles, formulary)) {
                    Ok(dose) => doses.extend(dose),
                    Err(open) => unreadable.push(open),
                }
            }
        }
        let sites = sites.iter().map(|site| PreviousSite {
            place: place_of(muscles, &site.muscle_code, site.side),
            caution_flags: muscles
                .iter()
                .find(|muscle| muscle.code == site.muscle_code)
                .map(|muscle| muscle.cautions.clone())
                .unwrap_or_default(),
            needled_at: site.injected_at,
        });
        Self {
            sites: sites.collect(),
            doses,
            unreadable,
        }
    }
}

/// The dose of one component; none of a diluent. A dose that is not known is never left out.
fn dose(
    site: &PastSite,
    component: &PastComponent,
    others: &[&PastComponent],
    (muscles, formulary): (&[NeedledMuscle], &Formulary),
) -> Result<Option<PreviousDose>, UnreadableDose> {
    let drug = formulary.find(&component.drug_code);
    let unreadable = || UnreadableDose {
        drug_code: component.drug_code.clone(),
        class: drug.map(|drug| drug.class),
        given_at: site.injected_at,
    };
    let drug = drug.ok_or_else(unreadable)?;
    let Some(concentration) = component.concentration else {
        return if is_diluent(drug) {
            Ok(None)
        } else {
            Err(unreadable())
        };
    };
    let told = amounts(site, component, (drug, concentration));
    let around = epinephrine_around(component, others, (drug, formulary));
    let ((amount, carried), around) = told
        .and_then(|told| Ok((told, around?)))
        .map_err(|_refused: DoseRefused| unreadable())?;
    Ok(Some(PreviousDose {
        session_id: site.procedure_id,
        ingredient: drug.ingredient.clone(),
        class: drug.class,
        amount,
        vasoconstrictor_per_ml: around,
        carried_vasoconstrictor: carried,
        given_at: site.injected_at,
        place: Some(place_of(muscles, &site.muscle_code, site.side)),
    }))
}

const fn is_diluent(drug: &Drug) -> bool {
    matches!(
        drug.class,
        DrugClass::Saline | DrugClass::SterileWater | DrugClass::Biologic
    )
}

/// What the component brought, and the epinephrine that came with its product.
fn amounts(
    site: &PastSite,
    component: &PastComponent,
    (drug, concentration): (&Drug, Concentration),
) -> Result<(Amount, Mass), DoseRefused> {
    let share = Exact::from_decimal(component.volume_ml)?
        .checked_div(Exact::from_decimal(component.solution_ml)?)?;
    let millilitres = Exact::from_decimal(site.volume_ml)?.checked_mul(share)?;
    let carried = match drug.vasoconstrictor {
        Some(carried) => carried.amount_in(millilitres)?.mass()?,
        None => Mass::ZERO,
    };
    Ok((concentration.amount_in(millilitres)?, carried))
}

fn epinephrine_around(
    component: &PastComponent,
    others: &[&PastComponent],
    (drug, formulary): (&Drug, &Formulary),
) -> Result<Mass, DoseRefused> {
    let mixed: Result<Vec<_>, DoseRefused> = others
        .iter()
        .filter_map(|other| Some((other, formulary.find(&other.drug_code)?)))
        .map(|(other, drug)| Ok((drug, other.concentration, VolumeMl::new(other.volume_ml)?)))
        .collect();
    let total = VolumeMl::new(component.solution_ml)?;
    vasoconstrictor_per_ml(drug, &mixed?, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tautband_rules::dose::{AmountUnit, ConcentrationUnit};
    use tautband_rules::shipped::formulary;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn site(volume: &str) -> PastSite {
        PastSite {
            procedure_id: Uuid::nil(),
            muscle_code: "temporalis".to_owned(),
            side: Side::Left,
            solution_id: Some(SolutionId::from(Uuid::nil())),
            volume_ml: decimal(volume),
            injected_at: DateTime::UNIX_EPOCH,
        }
    }

    fn component(drug_code: &str, percent: Option<&str>, volume: &str) -> PastComponent {
        PastComponent {
            solution_id: SolutionId::from(Uuid::nil()),
            solution_ml: decimal("3"),
            drug_code: drug_code.to_owned(),
            concentration: percent.map(|value| {
                Concentration::new(decimal(value), ConcentrationUnit::Percent).unwrap()
            }),
            volume_ml: decimal(volume),
        }
    }

    #[test]
    fn three_sites_of_a_third_each_received_exactly_what_was_drawn() {
        let sites = [site("1"), site("1"), site("1")];
        let components = [
            component("lidocaine", Some("1"), "2"),
            component("saline", None, "1"),
        ];
        let history = History::new(&sites, &components, &[], formulary());
        let sum = history
            .doses
            .iter()
            .map(|dose| dose.amount)
            .reduce(|a, b| a.checked_add(b).unwrap());
        assert_eq!(
            sum,
            Some(Amount::new(decimal("20"), AmountUnit::Milligram).unwrap())
        );
        assert_eq!(history.sites.len(), 3);
    }

    #[test]
    fn epinephrine_is_remembered_as_it_was_mixed() {
        for (components, micrograms) in [
            (vec![component("lidocaine", Some("1"), "3")], "0"),
            (
                vec![component("lidocaine_epinephrine", Some("1"), "3")],
                "10",
            ),
            (
                vec![
                    component("lidocaine", Some("1"), "2.7"),
                    component("epinephrine", Some("0.001"), "0.3"),
                ],
                "1",
            ),
        ] {
            let history = History::new(&[site("1")], &components, &[], formulary());
            let expected = Mass::from_micrograms(Exact::from_decimal(decimal(micrograms)).unwrap());
            assert!(!history.doses.is_empty());
            for dose in &history.doses {
                assert_eq!(dose.vasoconstrictor_per_ml, expected, "{}", dose.ingredient);
            }
        }
    }

    #[test]
    fn a_dose_that_cannot_be_told_is_not_left_out() {
        for (component, class, doses) in [
            (component("no_longer_listed", Some("1"), "3"), Some(None), 0),
            (
                component("lidocaine", None, "3"),
                Some(Some(DrugClass::LocalAnaesthetic)),
                0,
            ),
            (component("saline", None, "3"), None, 0),
            (component("lidocaine", Some("1"), "3"), None, 1),
        ] {
            let history = History::new(&[site("1")], &[component], &[], formulary());
            let found = history.unreadable.first().map(|dose| dose.class);
            assert_eq!((found, history.doses.len()), (class, doses));
        }
    }
}
