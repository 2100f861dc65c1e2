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
GRANT SELECT, INSERT ON appointment_series TO tautband_app;

ALTER TABLE appointments ADD COLUMN series_id uuid;
ALTER TABLE appointments ADD COLUMN occurrence smallint;
ALTER TABLE appointments ADD CONSTRAINT appointments_series_exists FOREIGN KEY (practice_id, series_id) REFERENCES appointment_series (practice_id, id);
ALTER TABLE appointments ADD CONSTRAINT appointments_series_whole CHECK ((series_id IS NULL) = (occurrence IS NULL));
CREATE UNIQUE INDEX appointments_occurrence_once ON appointments (practice_id, series_id, occurrence) WHERE series_id IS NOT NULL;
COMMENT ON COLUMN appointments.series_id IS 'The series it was booked in.';
COMMENT ON COLUMN appointments.occurrence IS 'Which one of the series, from 1.';

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
CREATE INDEX waitlist_entries_by_turn ON waitlist_entries (practice_id, priority, created_at, id);
CREATE INDEX waitlist_entries_waiting_by_turn ON waitlist_entries (practice_id, priority, created_at, id) WHERE status = 'waiting';
CREATE INDEX waitlist_entries_by_patient ON waitlist_entries (practice_id, patient_id, id);
CREATE INDEX waitlist_entries_by_update ON waitlist_entries (practice_id, updated_at, id);
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
GRANT SELECT, INSERT, UPDATE ON waitlist_entries TO tautband_app;

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
CREATE UNIQUE INDEX waitlist_offers_one_open_of_patient ON waitlist_offers (practice_id, patient_id) WHERE status = 'open';
CREATE INDEX waitlist_offers_by_entry ON waitlist_offers (practice_id, entry_id, id);
CREATE INDEX waitlist_offers_open_by_expiry ON waitlist_offers (practice_id, expires_at, id) WHERE status = 'open';
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
GRANT SELECT, INSERT, UPDATE ON waitlist_offers TO tautband_app;

CREATE TABLE openings (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    CONSTRAINT openings_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT openings_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT openings_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT openings_order CHECK (ends_at > starts_at),
    CONSTRAINT openings_once UNIQUE (practice_id, provider_id, location_id, starts_at, ends_at)
);
COMMENT ON TABLE openings IS 'A time that somebody gave up. It is offered to those who wait until it is booked or over.';
COMMENT ON COLUMN openings.practice_id IS 'The practice.';
COMMENT ON COLUMN openings.id IS 'UUIDv7.';
COMMENT ON COLUMN openings.provider_id IS 'Whose time.';
COMMENT ON COLUMN openings.location_id IS 'Where.';
COMMENT ON COLUMN openings.starts_at IS 'Start.';
COMMENT ON COLUMN openings.ends_at IS 'End, not included.';
COMMENT ON COLUMN openings.opened_at IS 'When it was given up.';
CALL control.protect_practice_table('openings');
GRANT SELECT, INSERT, UPDATE, DELETE ON openings TO tautband_app;

CREATE TABLE control.waitlist_calls (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    CONSTRAINT waitlist_calls_pkey PRIMARY KEY (practice_id, id)
);
CREATE INDEX waitlist_calls_by_due ON control.waitlist_calls (due_at, practice_id);
COMMENT ON TABLE control.waitlist_calls IS 'That the waitlist of a practice has to be looked at. Written in the transaction that gives cause, deleted after the work is done, so that nothing is forgotten whenever the service ends.';
COMMENT ON COLUMN control.waitlist_calls.practice_id IS 'The practice; no foreign key, so that writing a call waits for nobody.';
COMMENT ON COLUMN control.waitlist_calls.id IS 'UUIDv7.';
COMMENT ON COLUMN control.waitlist_calls.due_at IS 'Not before.';
GRANT SELECT, INSERT, DELETE ON control.waitlist_calls TO tautband_app;
