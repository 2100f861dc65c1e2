//! Reading the catalogue of therapies.

use crate::platform::access::action;

action!(
    /// Reading the catalogue of therapies.
    ListTherapies, "therapies.list", practice, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);
