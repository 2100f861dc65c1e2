//! The drugs that the planned sites add up to, exact, with what they came from.

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::facts::{PlannedProcedure, PlannedSite};
use crate::dose::Amount;
use crate::exact::NotExact;
use crate::formulary::DrugClass;
use crate::solution::{Component, Solution, SolutionRefused};

/// What one component brings to one site.
#[derive(Debug, Clone, Copy)]
pub(super) struct GivenDose<'plan> {
    pub(super) site: &'plan PlannedSite,
    pub(super) solution: &'plan Solution,
    pub(super) component: &'plan Component,
    pub(super) amount: Amount,
}

/// Every dose at every site; a site without a known solution adds nothing here.
pub(super) fn given_doses(
    planned: &PlannedProcedure,
) -> Result<Vec<GivenDose<'_>>, SolutionRefused> {
    let mut given = Vec::new();
    for site in &planned.sites {
        let solution = site
            .solution_index
            .and_then(|index| planned.solutions.get(index));
        let Some(solution) = solution else { continue };
        for dose in solution.doses_in(site.volume)? {
            let Some(component) = solution.components().get(dose.component_index) else {
                continue;
            };
            given.push(GivenDose {
                site,
                solution,
                component,
                amount: dose.amount,
            });
        }
    }
    Ok(given)
}

/// Every component of the planned solutions, injected yet or not.
pub(super) fn components(planned: &PlannedProcedure) -> impl Iterator<Item = &Component> {
    planned.solutions.iter().flat_map(Solution::components)
}

/// Whether a drug of this class is in any planned solution.
pub(super) fn has_class(planned: &PlannedProcedure, class: DrugClass) -> bool {
    components(planned).any(|component| component.drug.class == class)
}

/// The start of a window of hours that ends now; the start belongs to it.
pub(super) fn hours_before(now: DateTime<Utc>, hours: u32) -> Result<DateTime<Utc>, NotExact> {
    now.checked_sub_signed(TimeDelta::hours(i64::from(hours)))
        .ok_or(NotExact)
}

/// The same wall-clock time some days earlier.
pub(super) fn days_before(now: DateTime<Utc>, days: u32) -> Result<DateTime<Utc>, NotExact> {
    now.checked_sub_signed(TimeDelta::days(i64::from(days)))
        .ok_or(NotExact)
}

/// The same day some calendar months earlier.
pub(super) fn months_before(now: DateTime<Utc>, months: u32) -> Result<DateTime<Utc>, NotExact> {
    now.checked_sub_months(Months::new(months)).ok_or(NotExact)
}
