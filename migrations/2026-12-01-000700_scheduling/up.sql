-- Appointments and what they occupy. A row of resource_bookings is one resource (provider, room or
-- patient) for one span, and an exclusion constraint keeps two sessions off the same resource.

CREATE TABLE appointment_series (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    appointment_type_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    first_starts_at timestamptz NOT NULL,
    occurrence_count smallint NOT NULL,
    every_weeks smallint NOT NULL,
    slack_days smallint NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT appointment_series_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT appointment_series_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT appointment_series_type_exists FOREIGN KEY (practice_id, appointment_type_id) REFERENCES appointment_types (practice_id, id),
    CONSTRAINT appointment_series_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT appointment_series_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT appointment_series_count_range CHECK (occurrence_count BETWEEN 1 AND 52),
    CONSTRAINT appointment_series_every_weeks_range CHECK (every_weeks BETWEEN 1 AND 26),
    CONSTRAINT appointment_series_slack_below_half_step CHECK (slack_days >= 0 AND slack_days * 2 < every_weeks * 7)
);
CREATE INDEX appointment_series_by_patient ON appointment_series (practice_id, patient_id, id);
COMMENT ON TABLE appointment_series IS 'Appointments booked together: so many, every so many weeks, at the same local time. What it says is how it was asked for and never changes; its appointments do.';
COMMENT ON COLUMN appointment_series.practice_id IS 'The practice.';
COMMENT ON COLUMN appointment_series.id IS 'UUIDv7.';
COMMENT ON COLUMN appointment_series.patient_id IS 'Who comes.';
COMMENT ON COLUMN appointment_series.appointment_type_id IS 'For what.';
COMMENT ON COLUMN appointment_series.provider_id IS 'Who was to see them.';
COMMENT ON COLUMN appointment_series.location_id IS 'Where; its zone is the one whose local time is kept.';
COMMENT ON COLUMN appointment_series.first_starts_at IS 'Start that was asked for the first of them.';
COMMENT ON COLUMN appointment_series.occurrence_count IS 'How many were booked.';
COMMENT ON COLUMN appointment_series.every_weeks IS 'Weeks of the calendar from one to the next.';
COMMENT ON COLUMN appointment_series.slack_days IS 'How many days one of them may lie beside its day when that day does not fit.';
COMMENT ON COLUMN appointment_series.created_by IS 'The user who booked them.';
COMMENT ON COLUMN appointment_series.created_at IS 'When it was recorded.';
CALL control.protect_patient_table('appointment_series', 'patient_id');

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
    series_id uuid,
    occurrence smallint,
    cancelled_late boolean NOT NULL DEFAULT false,
    undoable_steps smallint NOT NULL DEFAULT 0,
    note text,
    CONSTRAINT appointments_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT appointments_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT appointments_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT appointments_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT appointments_room_exists FOREIGN KEY (practice_id, room_id) REFERENCES rooms (practice_id, id),
    CONSTRAINT appointments_type_exists FOREIGN KEY (practice_id, appointment_type_id) REFERENCES appointment_types (practice_id, id),
    CONSTRAINT appointments_series_exists FOREIGN KEY (practice_id, series_id) REFERENCES appointment_series (practice_id, id),
    CONSTRAINT appointments_status_known CHECK (status IN ('booked', 'confirmed', 'arrived', 'roomed', 'in_progress', 'completed', 'cancelled', 'no_show')),
    CONSTRAINT appointments_order CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '8 hours'),
    CONSTRAINT appointments_note_length CHECK (char_length(note) BETWEEN 1 AND 1000),
    CONSTRAINT appointments_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT appointments_override_reason_length CHECK (char_length(override_reason) BETWEEN 1 AND 500),
    CONSTRAINT appointments_cancel_reason_code_known CHECK (cancel_reason_code IN ('patient_request', 'provider_unavailable', 'illness', 'weather', 'duplicate', 'no_longer_needed', 'other')),
    CONSTRAINT appointments_cancel_note_length CHECK (char_length(cancel_note) BETWEEN 1 AND 500),
    CONSTRAINT appointments_cancelled_why CHECK ((status = 'cancelled') = (cancel_reason_code IS NOT NULL)),
    CONSTRAINT appointments_series_whole CHECK ((series_id IS NULL) = (occurrence IS NULL)),
    CONSTRAINT appointments_late_is_cancelled CHECK (NOT cancelled_late OR status = 'cancelled'),
    CONSTRAINT appointments_undoable_steps_range CHECK (undoable_steps >= 0)
);
CREATE INDEX appointments_by_provider ON appointments (practice_id, provider_id, starts_at, id);
CREATE INDEX appointments_by_start ON appointments (practice_id, starts_at, id);
CREATE UNIQUE INDEX appointments_occurrence_once ON appointments (practice_id, series_id, occurrence) WHERE (series_id IS NOT NULL);
CREATE INDEX appointments_by_patient ON appointments (practice_id, patient_id, starts_at, id) INCLUDE (status, location_id, appointment_type_id);
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
COMMENT ON COLUMN appointments.series_id IS 'The series it was booked in.';
COMMENT ON COLUMN appointments.occurrence IS 'Which one of the series, from 1.';
COMMENT ON COLUMN appointments.cancelled_late IS 'Whether the patient cancelled after the cut-off of the type, as it was then.';
COMMENT ON COLUMN appointments.note IS 'What staff note for each other; never shown to patients.';
COMMENT ON COLUMN appointments.undoable_steps IS 'How many steps since the booking can be taken back, one after the other.';
CALL control.protect_patient_table('appointments', 'patient_id');

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
    CONSTRAINT appointment_changes_change_known CHECK (change IN ('book', 'confirm', 'check_in', 'room', 'start', 'complete', 'cancel', 'no_show', 'reschedule', 'undo', 'change_reason', 'change_room', 'swap', 'change_type', 'replace_patient', 'change_note'))
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
COMMENT ON COLUMN appointment_changes.reason IS 'Why. Where it was changed why the patient comes, what had been told until then.';
COMMENT ON COLUMN appointment_changes.version IS 'Version of the appointment afterwards; what orders the history.';
COMMENT ON COLUMN appointment_changes.changed_by IS 'The user who did it.';
COMMENT ON COLUMN appointment_changes.changed_at IS 'When.';
CALL control.protect_patient_table('appointment_changes', 'patient_id');

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
    session_id uuid NOT NULL DEFAULT gen_random_uuid(),
    place smallint,
    location_id uuid,
    CONSTRAINT resource_bookings_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT resource_bookings_no_overlap EXCLUDE USING gist ( practice_id WITH =, resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&, session_id WITH <>),
    CONSTRAINT resource_bookings_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
    CONSTRAINT resource_bookings_hold_exists FOREIGN KEY (practice_id, hold_id) REFERENCES holds (practice_id, id) ON DELETE CASCADE,
    CONSTRAINT resource_bookings_resource_kind_known CHECK (resource_kind IN ('provider', 'room', 'patient')),
    CONSTRAINT resource_bookings_order CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '12 hours'),
    CONSTRAINT resource_bookings_one_cause CHECK ((appointment_id IS NULL) <> (hold_id IS NULL)),
    CONSTRAINT resource_bookings_holds_expire CHECK ((hold_id IS NULL) = (expires_at IS NULL)),
    CONSTRAINT resource_bookings_place_range CHECK (place BETWEEN 1 AND 50),
    CONSTRAINT resource_bookings_rooms_are_somewhere CHECK ((resource_kind = 'room') = (location_id IS NOT NULL))
);
CREATE INDEX resource_bookings_by_appointment ON resource_bookings (practice_id, appointment_id) WHERE (appointment_id IS NOT NULL);
CREATE INDEX resource_bookings_by_hold ON resource_bookings (practice_id, hold_id) WHERE (hold_id IS NOT NULL);
CREATE UNIQUE INDEX resource_bookings_place_once ON resource_bookings (practice_id, resource_id, session_id, place) WHERE (place IS NOT NULL);
CREATE INDEX resource_bookings_by_person ON resource_bookings (practice_id, resource_id, starts_at) INCLUDE (ends_at, expires_at, appointment_id, session_id, place) WHERE (location_id IS NULL);
CREATE INDEX resource_bookings_by_location ON resource_bookings (practice_id, location_id, starts_at) INCLUDE (resource_id, ends_at, expires_at, appointment_id) WHERE (location_id IS NOT NULL);
CREATE INDEX resource_bookings_held ON resource_bookings (practice_id, starts_at) INCLUDE (resource_id, ends_at, hold_id) WHERE (hold_id IS NOT NULL);
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
COMMENT ON COLUMN resource_bookings.session_id IS 'What is held then: bookings of one resource overlap only within one session.';
COMMENT ON COLUMN resource_bookings.place IS 'The place in a session of several; empty for a session of one.';
COMMENT ON COLUMN resource_bookings.location_id IS 'Of a room: where it is.';
CALL control.protect_practice_table('resource_bookings');

CREATE TABLE waitlist_entries (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    patient_id uuid NOT NULL,
    appointment_type_id uuid NOT NULL,
    provider_ids uuid[] NOT NULL,
    location_ids uuid[] NOT NULL,
    earliest timestamptz NOT NULL,
    latest timestamptz NOT NULL,
    weekdays text[] NOT NULL,
    day_parts text[] NOT NULL,
    priority smallint NOT NULL,
    status text NOT NULL,
    appointment_id uuid,
    created_by uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT waitlist_entries_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT waitlist_entries_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT waitlist_entries_type_exists FOREIGN KEY (practice_id, appointment_type_id) REFERENCES appointment_types (practice_id, id),
    CONSTRAINT waitlist_entries_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
    CONSTRAINT waitlist_entries_order CHECK (latest > earliest),
    CONSTRAINT waitlist_entries_weekdays_known CHECK (weekdays <@ ARRAY['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
    CONSTRAINT waitlist_entries_day_parts_known CHECK (day_parts <@ ARRAY['morning', 'afternoon', 'evening']),
    CONSTRAINT waitlist_entries_priority_range CHECK (priority BETWEEN 1 AND 9),
    CONSTRAINT waitlist_entries_status_known CHECK (status IN ('waiting', 'offered', 'booked', 'withdrawn', 'expired')),
    CONSTRAINT waitlist_entries_booked_whole CHECK ((status = 'booked') = (appointment_id IS NOT NULL))
);
CREATE INDEX waitlist_entries_waiting_by_turn ON waitlist_entries (practice_id, priority, created_at, id) WHERE (status = 'waiting');
CREATE INDEX waitlist_entries_by_patient ON waitlist_entries (practice_id, patient_id, id);
CREATE UNIQUE INDEX waitlist_entries_one_live_of_type ON waitlist_entries (practice_id, patient_id, appointment_type_id) WHERE (status = ANY (ARRAY['waiting', 'offered']));
COMMENT ON TABLE waitlist_entries IS 'Somebody who waits for a time to become free. The row is the place in the queue: it keeps priority and waiting time until the entry is booked, withdrawn or over.';
COMMENT ON COLUMN waitlist_entries.practice_id IS 'The practice.';
COMMENT ON COLUMN waitlist_entries.id IS 'UUIDv7.';
COMMENT ON COLUMN waitlist_entries.patient_id IS 'Who waits.';
COMMENT ON COLUMN waitlist_entries.appointment_type_id IS 'For what.';
COMMENT ON COLUMN waitlist_entries.provider_ids IS 'With one of them; with anybody when empty.';
COMMENT ON COLUMN waitlist_entries.location_ids IS 'At one of them; anywhere when empty.';
COMMENT ON COLUMN waitlist_entries.earliest IS 'First start that will do.';
COMMENT ON COLUMN waitlist_entries.latest IS 'Last start that will do.';
COMMENT ON COLUMN waitlist_entries.weekdays IS 'On one of these local days; on any when empty.';
COMMENT ON COLUMN waitlist_entries.day_parts IS 'In one of these parts of the local day; in any when empty.';
COMMENT ON COLUMN waitlist_entries.priority IS 'From 1, the most urgent, to 9, as in iCalendar.';
COMMENT ON COLUMN waitlist_entries.status IS 'Where it stands.';
COMMENT ON COLUMN waitlist_entries.appointment_id IS 'The appointment that came of it.';
COMMENT ON COLUMN waitlist_entries.created_by IS 'The user who recorded it.';
COMMENT ON COLUMN waitlist_entries.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN waitlist_entries.created_at IS 'Since when they wait.';
COMMENT ON COLUMN waitlist_entries.updated_at IS 'When it last changed.';
CALL control.protect_patient_table('waitlist_entries', 'patient_id');

CREATE TABLE openings (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    appointment_id uuid,
    CONSTRAINT openings_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT openings_once UNIQUE (practice_id, provider_id, location_id, starts_at, ends_at),
    CONSTRAINT openings_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT openings_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT openings_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
    CONSTRAINT openings_order CHECK (ends_at > starts_at)
);
COMMENT ON TABLE openings IS 'A time that somebody gave up. It is offered to those who wait until it is booked or over.';
COMMENT ON COLUMN openings.practice_id IS 'The practice.';
COMMENT ON COLUMN openings.id IS 'UUIDv7.';
COMMENT ON COLUMN openings.provider_id IS 'Whose time.';
COMMENT ON COLUMN openings.location_id IS 'Where.';
COMMENT ON COLUMN openings.starts_at IS 'Start.';
COMMENT ON COLUMN openings.ends_at IS 'End, not included.';
COMMENT ON COLUMN openings.opened_at IS 'When it was given up.';
COMMENT ON COLUMN openings.appointment_id IS 'The appointment that gave it up, where one did.';
CALL control.protect_practice_table('openings');

CREATE TABLE waitlist_offers (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    entry_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    room_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    status text NOT NULL,
    offered_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by uuid,
    CONSTRAINT waitlist_offers_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT waitlist_offers_entry_exists FOREIGN KEY (practice_id, entry_id) REFERENCES waitlist_entries (practice_id, id),
    CONSTRAINT waitlist_offers_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT waitlist_offers_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT waitlist_offers_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT waitlist_offers_room_exists FOREIGN KEY (practice_id, room_id) REFERENCES rooms (practice_id, id),
    CONSTRAINT waitlist_offers_order CHECK (ends_at > starts_at AND expires_at > offered_at),
    CONSTRAINT waitlist_offers_status_known CHECK (status IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
    CONSTRAINT waitlist_offers_closed_whole CHECK ((status = 'open') = (closed_at IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL))
);
CREATE UNIQUE INDEX waitlist_offers_one_open_of_patient ON waitlist_offers (practice_id, patient_id) WHERE (status = 'open');
CREATE INDEX waitlist_offers_by_entry ON waitlist_offers (practice_id, entry_id, id);
CREATE INDEX waitlist_offers_open_by_expiry ON waitlist_offers (practice_id, expires_at, id) WHERE (status = 'open');
CREATE INDEX waitlist_offers_by_provider_time ON waitlist_offers (practice_id, provider_id, starts_at);
COMMENT ON TABLE waitlist_offers IS 'A time that was offered to somebody who waits. While it is open a hold of the same id keeps it, and a patient has one open offer at most.';
COMMENT ON COLUMN waitlist_offers.practice_id IS 'The practice.';
COMMENT ON COLUMN waitlist_offers.id IS 'UUIDv7; also the id of the hold.';
COMMENT ON COLUMN waitlist_offers.entry_id IS 'Whose turn it was.';
COMMENT ON COLUMN waitlist_offers.patient_id IS 'Who waits.';
COMMENT ON COLUMN waitlist_offers.provider_id IS 'With whom.';
COMMENT ON COLUMN waitlist_offers.location_id IS 'Where.';
COMMENT ON COLUMN waitlist_offers.room_id IS 'The room that is kept.';
COMMENT ON COLUMN waitlist_offers.starts_at IS 'Start.';
COMMENT ON COLUMN waitlist_offers.ends_at IS 'End, not included.';
COMMENT ON COLUMN waitlist_offers.status IS 'What came of it.';
COMMENT ON COLUMN waitlist_offers.offered_at IS 'When it was made.';
COMMENT ON COLUMN waitlist_offers.expires_at IS 'When it ends by itself.';
COMMENT ON COLUMN waitlist_offers.closed_at IS 'When it was answered or ended.';
COMMENT ON COLUMN waitlist_offers.closed_by IS 'The user who answered it; the nil UUID for the service itself.';
CALL control.protect_patient_table('waitlist_offers', 'patient_id');

CREATE TABLE affected_appointments (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    appointment_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    cause text NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    room_id uuid,
    appointment_type_id uuid,
    noted_at timestamptz NOT NULL,
    noted_by uuid NOT NULL,
    kept_at timestamptz,
    kept_by uuid,
    kept_reason text,
    lifted_at timestamptz,
    CONSTRAINT affected_appointments_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT affected_appointments_once UNIQUE (practice_id, appointment_id, provider_id, location_id, starts_at),
    CONSTRAINT affected_appointments_appointment_exists FOREIGN KEY (practice_id, appointment_id) REFERENCES appointments (practice_id, id),
    CONSTRAINT affected_appointments_patient_exists FOREIGN KEY (practice_id, patient_id) REFERENCES patients (practice_id, id),
    CONSTRAINT affected_appointments_cause_known CHECK (cause IN ('closure', 'time_off', 'hours', 'room', 'time_zone', 'appointment_type', 'provider')),
    CONSTRAINT affected_appointments_kept_whole CHECK ((kept_at IS NULL) = (kept_by IS NULL) AND (kept_at IS NULL) = (kept_reason IS NULL)),
    CONSTRAINT affected_appointments_kept_reason_length CHECK (char_length(kept_reason) BETWEEN 1 AND 500)
);
CREATE INDEX affected_appointments_by_start ON affected_appointments (practice_id, starts_at, id);
COMMENT ON TABLE affected_appointments IS 'An appointment that a closure, time off, changed hours, a room, a type, a zone or a leaver has left standing where it cannot take place, and where it stood then.';
COMMENT ON COLUMN affected_appointments.practice_id IS 'The practice.';
COMMENT ON COLUMN affected_appointments.id IS 'UUIDv7.';
COMMENT ON COLUMN affected_appointments.appointment_id IS 'The appointment.';
COMMENT ON COLUMN affected_appointments.patient_id IS 'Whose it was then.';
COMMENT ON COLUMN affected_appointments.cause IS 'What left it standing.';
COMMENT ON COLUMN affected_appointments.provider_id IS 'With whom it was then.';
COMMENT ON COLUMN affected_appointments.location_id IS 'Where it was then.';
COMMENT ON COLUMN affected_appointments.starts_at IS 'When it started then.';
COMMENT ON COLUMN affected_appointments.room_id IS 'The room, where the room is the cause.';
COMMENT ON COLUMN affected_appointments.appointment_type_id IS 'The type, where the type is the cause.';
COMMENT ON COLUMN affected_appointments.noted_at IS 'When it was affected.';
COMMENT ON COLUMN affected_appointments.noted_by IS 'The user whose change affected it.';
COMMENT ON COLUMN affected_appointments.kept_at IS 'When staff decided to keep it as it is.';
COMMENT ON COLUMN affected_appointments.kept_by IS 'Who decided that.';
COMMENT ON COLUMN affected_appointments.kept_reason IS 'Why.';
COMMENT ON COLUMN affected_appointments.lifted_at IS 'When the cause was taken back.';
CALL control.protect_patient_table('affected_appointments', 'patient_id');
