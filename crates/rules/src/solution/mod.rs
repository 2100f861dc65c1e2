//! A syringe: what was mixed, in what volumes, and how much of each drug a site receives.
//!
//! The volumes of the components make the volume of the solution, and what was injected and what
//! was wasted make what was drawn, each within a tolerance that is data of the rule set. A refusal
//! about a component names its index in the list, because the clinician has to find it.

mod balance;
mod component;
mod drawn_lot;
mod mixture;
mod vasoconstrictor;

pub use balance::{BalanceRefused, balance};
pub use component::{Component, ComponentRefused};
pub use drawn_lot::{DrawnLot, LotStanding, VialKind};
pub use mixture::{ComponentDose, Solution, SolutionRefused, VolumeTolerances};
pub use vasoconstrictor::vasoconstrictor_per_ml;
