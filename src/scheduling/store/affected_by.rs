//! What an appointment is flagged with where it is shown.

/// The cause of an appointment that is affected and still open, beside a row of `appointments`.
pub(super) const AFFECTED_BY: &str = "(SELECT f.cause FROM affected_appointments f
    WHERE f.practice_id = appointments.practice_id AND f.appointment_id = appointments.id
        AND f.provider_id = appointments.provider_id AND f.location_id = appointments.location_id
        AND f.starts_at = appointments.starts_at AND f.kept_at IS NULL AND f.lifted_at IS NULL
        AND (f.room_id IS NULL OR f.room_id IS NOT DISTINCT FROM appointments.room_id)
        AND (f.appointment_type_id IS NULL OR f.appointment_type_id = appointments.appointment_type_id)
        AND appointments.status IN ('booked', 'confirmed'))";
