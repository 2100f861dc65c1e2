CREATE TABLE appointments (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    room_id uuid,
    appointment_type_id uuid NOT NULL,
    status text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text,
    override_reason text,
    cancel_reason_code text,
    cancel_note text,
    arrived_at timestamptz,
    roomed_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    cancelled_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT appointments_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT appointments_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT appointments_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT appointments_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT appointments_room_exists FOREIGN KEY (practice_id, room_id) REFERENCES rooms (practice_id, id),
    CONSTRAINT appointments_type_exists FOREIGN KEY (practice_id, appointment_type_id) REFERENCES appointment_types (practice_id, id),
    CONSTRAINT appointments_status_known CHECK (status IN ('booked', 'confirmed', 'arrived', 'roomed', 'in_progress', 'completed', 'cancelled', 'no_show')),
    CONSTRAINT appointments_order CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '8 hours'),
    CONSTRAINT appointments_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT appointments_override_reason_length CHECK (char_length(override_reason) BETWEEN 1 AND 500),
    CONSTRAINT appointments_cancel_reason_code_known CHECK (cancel_reason_code IN ('patient_request', 'provider_unavailable', 'illness', 'weather', 'duplicate', 'no_longer_needed', 'other')),
    CONSTRAINT appointments_cancel_note_length CHECK (char_length(cancel_note) BETWEEN 1 AND 500),
    CONSTRAINT appointments_cancelled_why CHECK ((status = 'cancelled') = (cancel_reason_code IS NOT NULL))
);
CREATE INDEX appointments_by_provider ON appointments (practice_id, provider_id, starts_at, id);
CREATE INDEX appointments_by_patient ON appointments (practice_id, patient_id, starts_at, id);
CREATE INDEX appointments_by_start ON appointments (practice_id, starts_at, id);
CREATE INDEX appointments_by_update ON appointments (practice_id, updated_at, id);
COMMENT ON TABLE appointments IS 'An appointment over its whole life; the same row from booking to completion.';
COMMENT ON COLUMN appointments.practice_id IS 'The practice.';
COMMENT ON COLUMN appointments.id IS 'UUIDv7.';
COMMENT ON COLUMN appointments.patient_id IS 'Who comes.';
COMMENT ON COLUMN appointments.provider_id IS 'Who sees them.';
COMMENT ON COLUMN appointments.location_id IS 'Where.';
COMMENT ON COLUMN appointments.room_id IS 'In which room.';
COMMENT ON COLUMN appointments.appointment_type_id IS 'For what.';
COMMENT ON COLUMN appointments.status IS 'Where it stands.';
COMMENT ON COLUMN appointments.starts_at IS 'Start.';
COMMENT ON COLUMN appointments.ends_at IS 'End, not included.';
COMMENT ON COLUMN appointments.reason IS 'Why the patient comes, as told when booking.';
COMMENT ON COLUMN appointments.override_reason IS 'Why staff booked against a rule.';
COMMENT ON COLUMN appointments.cancel_reason_code IS 'Why it was cancelled.';
COMMENT ON COLUMN appointments.cancel_note IS 'More on that.';
COMMENT ON COLUMN appointments.arrived_at IS 'When the patient was checked in.';
COMMENT ON COLUMN appointments.roomed_at IS 'When the patient was shown to a room.';
COMMENT ON COLUMN appointments.started_at IS 'When the provider began.';
COMMENT ON COLUMN appointments.completed_at IS 'When it was over.';
COMMENT ON COLUMN appointments.cancelled_at IS 'When it was cancelled.';
COMMENT ON COLUMN appointments.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN appointments.created_at IS 'When it was recorded.';
COMMENT ON COLUMN appointments.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('appointments', 'patient_id');
GRANT SELECT, INSERT, UPDATE ON appointments TO tautband_app;

CREATE TABLE holds (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    appointment_type_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    room_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    held_by uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT holds_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT holds_type_exists FOREIGN KEY (practice_id, appointment_type_id) REFERENCES appointment_types (practice_id, id),
    CONSTRAINT holds_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT holds_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT holds_room_exists FOREIGN KEY (practice_id, room_id) REFERENCES rooms (practice_id, id)
);
CREATE INDEX holds_by_holder ON holds (practice_id, held_by, expires_at);
COMMENT ON TABLE holds IS 'A slot kept for a moment while someone decides.';
COMMENT ON COLUMN holds.practice_id IS 'The practice.';
COMMENT ON COLUMN holds.id IS 'UUIDv7.';
COMMENT ON COLUMN holds.appointment_type_id IS 'For what.';
COMMENT ON COLUMN holds.provider_id IS 'With whom.';
COMMENT ON COLUMN holds.location_id IS 'Where.';
COMMENT ON COLUMN holds.room_id IS 'The room it keeps.';
COMMENT ON COLUMN holds.starts_at IS 'Start.';
COMMENT ON COLUMN holds.ends_at IS 'End, not included.';
COMMENT ON COLUMN holds.held_by IS 'The user who holds it; nobody else can book with it.';
COMMENT ON COLUMN holds.expires_at IS 'When it ends by itself.';
COMMENT ON COLUMN holds.created_at IS 'When it was recorded.';
CALL control.protect_practice_table('holds');
GRANT SELECT, INSERT, UPDATE, DELETE ON holds TO tautband_app;

CREATE TABLE resource_bookings (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    resource_id uuid NOT NULL,
    resource_kind text NOT NULL,
    appointment_id uuid,
    hold_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    expires_at timestamptz,
    CONSTRAINT resource_bookings_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT resource_bookings_resource_kind_known CHECK (resource_kind IN ('provider', 'room', 'patient')),
    CONSTRAINT resource_bookings_order CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '12 hours'),
    CONSTRAINT resource_bookings_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
    CONSTRAINT resource_bookings_hold_exists FOREIGN KEY (practice_id, hold_id) REFERENCES holds (practice_id, id) ON DELETE CASCADE,
    CONSTRAINT resource_bookings_one_cause CHECK ((appointment_id IS NULL) <> (hold_id IS NULL)),
    CONSTRAINT resource_bookings_holds_expire CHECK ((hold_id IS NULL) = (expires_at IS NULL)),
    CONSTRAINT resource_bookings_no_overlap EXCLUDE USING gist (practice_id WITH =, resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
);
CREATE INDEX resource_bookings_by_resource ON resource_bookings (practice_id, resource_id, starts_at);
CREATE INDEX resource_bookings_by_appointment ON resource_bookings (practice_id, appointment_id) WHERE appointment_id IS NOT NULL;
CREATE INDEX resource_bookings_by_hold ON resource_bookings (practice_id, hold_id) WHERE hold_id IS NOT NULL;
COMMENT ON TABLE resource_bookings IS 'What is taken: one row for each provider, room and patient of a booking or hold. The constraint on it is the proof that nothing is booked twice.';
COMMENT ON COLUMN resource_bookings.practice_id IS 'The practice.';
COMMENT ON COLUMN resource_bookings.id IS 'UUIDv7.';
COMMENT ON COLUMN resource_bookings.resource_id IS 'The provider, room or patient.';
COMMENT ON COLUMN resource_bookings.resource_kind IS 'Which of them.';
COMMENT ON COLUMN resource_bookings.appointment_id IS 'The appointment it is for.';
COMMENT ON COLUMN resource_bookings.hold_id IS 'The hold it is for.';
COMMENT ON COLUMN resource_bookings.starts_at IS 'Start, buffer included for provider and room.';
COMMENT ON COLUMN resource_bookings.ends_at IS 'End, buffer included, not part of it.';
COMMENT ON COLUMN resource_bookings.expires_at IS 'When a hold ends; empty for appointments.';
CALL control.protect_practice_table('resource_bookings');
GRANT SELECT, INSERT, DELETE ON resource_bookings TO tautband_app;

CREATE TABLE appointment_changes (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    appointment_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    change text NOT NULL,
    status text NOT NULL,
    starts_at timestamptz NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    room_id uuid,
    reason text,
    version bigint NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT appointment_changes_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT appointment_changes_version_unique UNIQUE (practice_id, appointment_id, version),
    CONSTRAINT appointment_changes_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
    CONSTRAINT appointment_changes_status_known CHECK (status IN ('booked', 'confirmed', 'arrived', 'roomed', 'in_progress', 'completed', 'cancelled', 'no_show')),
    CONSTRAINT appointment_changes_change_known CHECK (change IN ('book', 'confirm', 'check_in', 'room', 'start', 'complete', 'cancel', 'no_show', 'reschedule', 'undo'))
);
COMMENT ON TABLE appointment_changes IS 'What happened to an appointment, in order: who, when, from what to what, and why.';
COMMENT ON COLUMN appointment_changes.practice_id IS 'The practice.';
COMMENT ON COLUMN appointment_changes.id IS 'UUIDv7.';
COMMENT ON COLUMN appointment_changes.appointment_id IS 'The appointment.';
COMMENT ON COLUMN appointment_changes.patient_id IS 'Whose it is.';
COMMENT ON COLUMN appointment_changes.change IS 'What was done.';
COMMENT ON COLUMN appointment_changes.status IS 'Status afterwards.';
COMMENT ON COLUMN appointment_changes.starts_at IS 'Start afterwards.';
COMMENT ON COLUMN appointment_changes.provider_id IS 'Provider afterwards.';
COMMENT ON COLUMN appointment_changes.location_id IS 'Location afterwards.';
COMMENT ON COLUMN appointment_changes.room_id IS 'Room afterwards.';
COMMENT ON COLUMN appointment_changes.reason IS 'Why.';
COMMENT ON COLUMN appointment_changes.version IS 'Version of the appointment afterwards; what orders the history.';
COMMENT ON COLUMN appointment_changes.changed_by IS 'The user who did it.';
COMMENT ON COLUMN appointment_changes.changed_at IS 'When.';
CALL control.protect_patient_table('appointment_changes', 'patient_id');
GRANT SELECT, INSERT ON appointment_changes TO tautband_app;
