//! The screens for the people of a clinic: pages that the service itself writes.
//!
//! * The console is a client of the service, in the same program. Every page asks the routes below
//!   `/api/v1` as the user who is signed in ([`api`]), so that permits, reach, audit, validation and
//!   versions are those of the routes and cannot differ. It has no query and no rule of its own.
//! * Every act is a link or a form and works without a script. Scripts make it faster.
//! * A form that changes something carries the version that was shown. Who saves later is told, and
//!   keeps what was typed. A form that creates something carries a key, so that a double click
//!   creates one thing.
//! * Nothing about a person stands in an address. A search is therefore a form that is posted.
//! * The browser is told to take scripts and styles from here alone, and none that stand in a page.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value that is asked for a member it lacks answers null"
)]
#![expect(
    clippy::disallowed_types,
    reason = "a segment goes on, encoded, to a route, which answers 404 for what is no id"
)]

mod address;
mod affected;
mod api;
mod appointment;
mod assets;
mod audit;
mod body;
mod booking;
mod checks;
mod context;
mod day_board;
mod facts;
mod fields;
mod form;
mod frame;
mod home;
mod inject;
mod my_care;
mod needles;
mod outcomes;
mod page;
mod palpate;
mod people;
mod person;
mod points;
mod practice;
mod practice_parts;
mod procedure;
mod procedure_seen;
mod records;
mod session;
mod set_up;
mod sign_in;
mod stock;
mod texts;
mod time;
mod visit;
mod visit_seen;
mod work_lists;

use actix_web::middleware::from_fn;
use actix_web::web;

pub(crate) use api::Api;
pub(crate) use home::go_home;
pub use sign_in::DemoSignIns;

/// Adds the pages.
pub(crate) fn configure(services: &mut web::ServiceConfig) {
    services.service(
        web::scope("/console")
            .wrap(from_fn(session::refuse_other_origins))
            .configure(assets::configure)
            .configure(sign_in::configure)
            .configure(home::configure)
            .configure(day_board::configure)
            .configure(appointment::configure)
            .configure(booking::configure)
            .configure(people::configure)
            .configure(outcomes::configure)
            .configure(person::configure)
            .configure(facts::configure)
            .configure(work_lists::configure)
            .configure(my_care::configure)
            .configure(records::configure)
            .configure(affected::configure)
            .configure(body::configure)
            .configure(visit::configure)
            .configure(palpate::configure)
            .configure(procedure::configure)
            .configure(inject::configure)
            .configure(stock::configure)
            .configure(practice::configure)
            .configure(audit::configure)
            .default_service(web::to(home::nothing_here)),
    );
}
