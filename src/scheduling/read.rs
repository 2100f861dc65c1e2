//! Reads appointments: one, many, and the history of one.

use crate::platform::access::{May, Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::practice::ProviderId;

use super::appointment::AppointmentId;
use super::appointment_view::{AppointmentView, ListFilter, ListKey};
use super::store::{self, HistoryLine};

action!(
    /// Reading an appointment and its history.
    Read, "appointments.read", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Listing appointments; patients see their own.
    List, "appointments.list", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// A patient's own appointments.
    ListOwn, "appointments.list_own", appointments, [Patient]
);

/// Why an appointment was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("no such appointment")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReadError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// Reads an appointment.
pub(super) async fn read(
    transaction: &Transaction<'_, impl May<Read>>,
    id: AppointmentId,
) -> Result<AppointmentView, ReadError> {
    let view = view(transaction, id).await?;
    transaction.touch("appointment", id, view.appointment.patient_id);
    Ok(view)
}

/// Reads an appointment that was just written; the audit trail already has the write.
pub(super) async fn view(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Result<AppointmentView, ReadError> {
    store::view(transaction, id)
        .await?
        .ok_or(ReadError::NotFound)
}

/// Lists appointments by their start. Providers who name neither provider, location nor patient get
/// their own.
pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: ListFilter,
    window: &Window<ListKey>,
) -> Stored<Vec<AppointmentView>> {
    let mut filter = filter;
    if filter.location_id.is_none() && filter.patient_id.is_none() && filter.series_id.is_none() {
        filter.provider_id = filter.provider_id.or_else(|| own_provider(transaction));
    }
    let views = store::list(transaction, &filter, window).await?;
    touch_views(transaction, &views);
    Ok(views)
}

/// The provider whose own appointments the caller sees by default.
pub(crate) fn own_provider(transaction: &OpenTransaction<'_>) -> Option<ProviderId> {
    let principal = transaction.principal();
    let is_provider = principal.role == Role::Provider;
    principal
        .provider_id
        .filter(|_| is_provider)
        .map(ProviderId::from)
}

/// Notes in the audit trail which appointments are shown.
pub(super) fn touch_views(transaction: &OpenTransaction<'_>, views: &[AppointmentView]) {
    let records = views.iter().map(|view| {
        let appointment = &view.appointment;
        (appointment.id.uuid(), appointment.patient_id.uuid())
    });
    transaction.touch_all("appointment", records);
}

/// Reads the history of an appointment, in order.
pub(super) async fn history(
    transaction: &Transaction<'_, impl May<Read>>,
    id: AppointmentId,
    window: &Window<i64>,
) -> Result<Vec<HistoryLine>, ReadError> {
    let appointment = store::find(transaction, id)
        .await?
        .ok_or(ReadError::NotFound)?;
    transaction.touch("appointment", id, appointment.patient_id);
    let page = (window.after.unwrap_or(0), window.probe());
    Ok(store::history(transaction, id, page).await?)
}
