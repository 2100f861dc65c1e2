//! What was given and needled before, as the rules look at it.
//!
//! A dose is worked out from what was injected: the volume at the site, times what one component makes
//! of its solution. It stays an exact fraction, so that a day's doses add up to what was drawn.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::syringe::SolutionId;
use crate::outside_doses::OutsideDose;
use tautband_rules::dose::{Amount, Concentration, DoseRefused, Mass, VolumeMl};
use tautband_rules::exact::Exact;
use tautband_rules::formulary::Formulary;
use tautband_rules::kind::Side;
use tautband_rules::safety::facts::{Place, PreviousDose, PreviousSite};
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
}

impl History {
    /// Joins sites with what was in their syringes.
    pub(super) fn new(
        sites: &[PastSite],
        components: &[PastComponent],
        formulary: &Formulary,
    ) -> Result<Self, DoseRefused> {
        let mut of_solution: BTreeMap<SolutionId, Vec<&PastComponent>> = BTreeMap::new();
        for component in components {
            of_solution
                .entry(component.solution_id)
                .or_default()
                .push(component);
        }
        let mut doses = Vec::new();
        for site in sites {
            let components = site.solution_id.and_then(|id| of_solution.get(&id));
            for component in components.into_iter().flatten() {
                let others = components.map_or(&[][..], Vec::as_slice);
                doses.extend(dose(site, component, others, formulary)?);
            }
        }
        let sites = sites.iter().map(|site| PreviousSite {
            place: place(site),
            needled_at: site.injected_at,
        });
        Ok(Self {
            sites: sites.collect(),
            doses,
        })
    }
}

/// What was given elsewhere, as far back as a rule looks.
pub(super) struct Told<'a> {
    pub(super) doses: &'a [OutsideDose],
    pub(super) since: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

impl History {
    /// Adds what was given elsewhere. Nobody said on which side, so a muscle that is named counts on both.
    pub(super) fn with_told(
        mut self,
        told: &Told<'_>,
        formulary: &Formulary,
    ) -> Result<Self, DoseRefused> {
        for dose in told.doses {
            let given_at = dose.given_by_then(told.now);
            let Some(drug) = formulary.find(&dose.drug_code) else {
                continue;
            };
            if given_at < told.since {
                continue;
            }
            let places = |code: &String| {
                [Side::Left, Side::Right].map(|side| Place {
                    muscle_code: code.clone(),
                    side,
                })
            };
            let places = dose.muscle_code.as_ref().map(places);
            self.sites
                .extend(places.iter().flatten().map(|place| PreviousSite {
                    place: place.clone(),
                    needled_at: given_at,
                }));
            self.doses.push(PreviousDose {
                session_id: dose.id.uuid(),
                ingredient: drug.ingredient.clone(),
                class: drug.class,
                amount: Amount::new(dose.amount, dose.unit)?,
                // Nobody said what it was mixed with.
                vasoconstrictor_per_ml: Mass::ZERO,
                given_at,
                place: None,
            });
        }
        Ok(self)
    }
}

fn place(site: &PastSite) -> Place {
    Place {
        muscle_code: site.muscle_code.clone(),
        side: site.side,
    }
}

/// The dose of one component; none of a diluent or of a drug that is no longer known.
fn dose(
    site: &PastSite,
    component: &PastComponent,
    others: &[&PastComponent],
    formulary: &Formulary,
) -> Result<Option<PreviousDose>, DoseRefused> {
    let drug = formulary.find(&component.drug_code);
    let Some((drug, concentration)) = drug.zip(component.concentration) else {
        return Ok(None);
    };
    let share = Exact::from_decimal(component.volume_ml)?
        .checked_div(Exact::from_decimal(component.solution_ml)?)?;
    let millilitres = Exact::from_decimal(site.volume_ml)?.checked_mul(share)?;
    let mixed: Result<Vec<_>, DoseRefused> = others
        .iter()
        .filter_map(|other| Some((other, formulary.find(&other.drug_code)?)))
        .map(|(other, drug)| Ok((drug, other.concentration, VolumeMl::new(other.volume_ml)?)))
        .collect();
    let total = VolumeMl::new(component.solution_ml)?;
    Ok(Some(PreviousDose {
        session_id: site.procedure_id,
        ingredient: drug.ingredient.clone(),
        class: drug.class,
        amount: concentration.amount_in(millilitres)?,
        vasoconstrictor_per_ml: vasoconstrictor_per_ml(drug, &mixed?, total)?,
        given_at: site.injected_at,
        place: Some(place(site)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tautband_rules::dose::{Amount, AmountUnit, ConcentrationUnit, Mass};
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
        let history = History::new(&sites, &components, formulary()).unwrap();
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
            let history = History::new(&[site("1")], &components, formulary()).unwrap();
            let expected = Mass::from_micrograms(Exact::from_decimal(decimal(micrograms)).unwrap());
            assert!(!history.doses.is_empty());
            for dose in &history.doses {
                assert_eq!(dose.vasoconstrictor_per_ml, expected, "{}", dose.ingredient);
            }
        }
    }
}
