//! Looking at series.

use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::{May, action};
use crate::platform::database::{OpenTransaction, Stored, Transaction};
use crate::platform::page::Window;

use super::appointment::SeriesId;
use super::appointment_view::AppointmentView;
use super::read::{ReadError, touch_views};
use super::series::Series;
use super::store;

action!(
    /// Reading a series and its appointments, and listing those of a patient.
    ReadSeries, "appointments.read_series", appointments,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// A series with its appointments in order.
#[derive(Debug, Clone)]
pub(super) struct SeriesView {
    pub(super) series: Series,
    pub(super) appointments: Vec<AppointmentView>,
}

/// A series as it is shown.
pub(super) async fn read_series(
    transaction: &Transaction<'_, impl May<ReadSeries>>,
    id: SeriesId,
) -> Result<SeriesView, ReadError> {
    let view = view_series(transaction, id).await?;
    touch_views(transaction, &view.appointments);
    Ok(view)
}

/// Reads a series that was just written; the audit trail already has the write.
pub(super) async fn view_series(
    transaction: &OpenTransaction<'_>,
    id: SeriesId,
) -> Result<SeriesView, ReadError> {
    let series = store::find_series(transaction, id).await?;
    Ok(SeriesView {
        series: series.ok_or(ReadError::NotFound)?,
        appointments: store::of_series(transaction, id).await?,
    })
}

/// The series of a patient, in the order in which they were booked.
pub(super) async fn list_series(
    transaction: &Transaction<'_, impl May<ReadSeries>>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> Stored<Vec<Series>> {
    let found = store::list_series(transaction, patient_id, window).await?;
    let touched = found
        .iter()
        .map(|series| (series.id.uuid(), series.patient_id.uuid()));
    transaction.touch_all("appointment_series", touched);
    Ok(found)
}
