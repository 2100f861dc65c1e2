-- How a practice is set up: where, with whom, for what, and when it is open.

CREATE TABLE locations (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    address text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT locations_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT locations_name_unique UNIQUE (practice_id, name),
    CONSTRAINT locations_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT locations_address_length CHECK (char_length(address) BETWEEN 1 AND 500)
);
COMMENT ON TABLE locations IS 'A place where the practice sees patients.';
COMMENT ON COLUMN locations.practice_id IS 'The practice.';
COMMENT ON COLUMN locations.id IS 'UUIDv7.';
COMMENT ON COLUMN locations.name IS 'Name as shown to people.';
COMMENT ON COLUMN locations.time_zone IS 'IANA zone; opening hours are wall-clock time here.';
COMMENT ON COLUMN locations.address IS 'Postal address as one text.';
COMMENT ON COLUMN locations.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN locations.created_at IS 'When it was recorded.';
COMMENT ON COLUMN locations.updated_at IS 'When it last changed.';
CALL control.protect_practice_table('locations');

CREATE TABLE rooms (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    location_id uuid NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    active boolean NOT NULL DEFAULT true,
    CONSTRAINT rooms_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT rooms_name_unique UNIQUE (practice_id, location_id, name),
    CONSTRAINT rooms_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT rooms_name_length CHECK (char_length(name) BETWEEN 1 AND 100)
);
COMMENT ON TABLE rooms IS 'A treatment room; one appointment at a time.';
COMMENT ON COLUMN rooms.practice_id IS 'The practice.';
COMMENT ON COLUMN rooms.id IS 'UUIDv7.';
COMMENT ON COLUMN rooms.location_id IS 'Where the room is.';
COMMENT ON COLUMN rooms.name IS 'Name on the door.';
COMMENT ON COLUMN rooms.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN rooms.created_at IS 'When it was recorded.';
COMMENT ON COLUMN rooms.updated_at IS 'When it last changed.';
COMMENT ON COLUMN rooms.active IS 'Whether anything new is booked in it.';
CALL control.protect_practice_table('rooms');

CREATE TABLE providers (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid,
    name text NOT NULL,
    credentials text,
    npi text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    active boolean NOT NULL DEFAULT true,
    CONSTRAINT providers_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT providers_npi_unique UNIQUE (practice_id, npi),
    CONSTRAINT providers_user_unique UNIQUE (practice_id, user_id),
    CONSTRAINT providers_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT providers_credentials_length CHECK (char_length(credentials) BETWEEN 1 AND 100),
    CONSTRAINT providers_npi_spelling CHECK (npi ~ '^[0-9]{10}$')
);
COMMENT ON TABLE providers IS 'A person who treats patients; the row whose lock orders changes of hours against bookings.';
COMMENT ON COLUMN providers.practice_id IS 'The practice.';
COMMENT ON COLUMN providers.id IS 'UUIDv7.';
COMMENT ON COLUMN providers.user_id IS 'The user who signs in as this provider; no foreign key across to control.';
COMMENT ON COLUMN providers.name IS 'Name as shown to people.';
COMMENT ON COLUMN providers.credentials IS 'Professional credentials such as MD or DO.';
COMMENT ON COLUMN providers.npi IS 'US National Provider Identifier, ten digits with a Luhn check.';
COMMENT ON COLUMN providers.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN providers.created_at IS 'When it was recorded.';
COMMENT ON COLUMN providers.updated_at IS 'When it last changed.';
COMMENT ON COLUMN providers.active IS 'Whether anything new is booked with them.';
CALL control.protect_practice_table('providers');

CREATE TABLE appointment_types (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    duration_minutes integer NOT NULL,
    buffer_before_minutes integer NOT NULL,
    buffer_after_minutes integer NOT NULL,
    needs_room boolean NOT NULL,
    patient_bookable boolean NOT NULL,
    min_lead_minutes integer NOT NULL,
    max_ahead_days integer NOT NULL,
    cancel_cutoff_minutes integer NOT NULL,
    start_every_minutes integer NOT NULL,
    color text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    capacity integer NOT NULL DEFAULT 1,
    min_interval_days integer,
    active boolean NOT NULL DEFAULT true,
    CONSTRAINT appointment_types_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT appointment_types_name_unique UNIQUE (practice_id, name),
    CONSTRAINT appointment_types_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT appointment_types_duration_range CHECK (duration_minutes BETWEEN 5 AND 480),
    CONSTRAINT appointment_types_before_range CHECK (buffer_before_minutes BETWEEN 0 AND 120),
    CONSTRAINT appointment_types_after_range CHECK (buffer_after_minutes BETWEEN 0 AND 120),
    CONSTRAINT appointment_types_lead_range CHECK (min_lead_minutes BETWEEN 0 AND 525600),
    CONSTRAINT appointment_types_ahead_range CHECK (max_ahead_days BETWEEN 1 AND 730),
    CONSTRAINT appointment_types_cutoff_range CHECK (cancel_cutoff_minutes BETWEEN 0 AND 525600),
    CONSTRAINT appointment_types_grid_range CHECK (start_every_minutes BETWEEN 5 AND 480),
    CONSTRAINT appointment_types_color_spelling CHECK (color ~ '^#[0-9a-f]{6}$'),
    CONSTRAINT appointment_types_capacity_range CHECK (capacity BETWEEN 1 AND 50),
    CONSTRAINT appointment_types_interval_range CHECK (min_interval_days BETWEEN 1 AND 365)
);
COMMENT ON TABLE appointment_types IS 'What can be booked, how long it takes and by which rules.';
COMMENT ON COLUMN appointment_types.practice_id IS 'The practice.';
COMMENT ON COLUMN appointment_types.id IS 'UUIDv7.';
COMMENT ON COLUMN appointment_types.name IS 'Name as shown to people.';
COMMENT ON COLUMN appointment_types.duration_minutes IS 'Length of the appointment.';
COMMENT ON COLUMN appointment_types.buffer_before_minutes IS 'Blocks provider and room before the start.';
COMMENT ON COLUMN appointment_types.buffer_after_minutes IS 'Blocks provider and room after the end.';
COMMENT ON COLUMN appointment_types.needs_room IS 'Whether a free room is a condition.';
COMMENT ON COLUMN appointment_types.patient_bookable IS 'Whether patients may book it themselves.';
COMMENT ON COLUMN appointment_types.min_lead_minutes IS 'How long before the start a patient may still book.';
COMMENT ON COLUMN appointment_types.max_ahead_days IS 'How far ahead a patient may book.';
COMMENT ON COLUMN appointment_types.cancel_cutoff_minutes IS 'How long before the start a patient may still cancel or move.';
COMMENT ON COLUMN appointment_types.start_every_minutes IS 'Grid of starts, counted from local midnight.';
COMMENT ON COLUMN appointment_types.color IS 'Colour on the calendar, #rrggbb.';
COMMENT ON COLUMN appointment_types.version IS 'Counts changes; answered as the ETag.';
COMMENT ON COLUMN appointment_types.created_at IS 'When it was recorded.';
COMMENT ON COLUMN appointment_types.updated_at IS 'When it last changed.';
COMMENT ON COLUMN appointment_types.capacity IS 'How many patients share one session; more than one for groups.';
COMMENT ON COLUMN appointment_types.min_interval_days IS 'Fewest days between two appointments of one patient whose types both have an interval; the longer one holds.';
COMMENT ON COLUMN appointment_types.active IS 'Whether anything new of it is booked.';
CALL control.protect_practice_table('appointment_types');

CREATE TABLE availability_templates (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT availability_templates_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT availability_templates_no_overlap EXCLUDE USING gist (practice_id WITH =, provider_id WITH =, location_id WITH =, daterange(valid_from, valid_until, '[]') WITH &&),
    CONSTRAINT availability_templates_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT availability_templates_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT availability_templates_span_order CHECK (valid_until >= valid_from)
);
COMMENT ON TABLE availability_templates IS 'Weekly hours of a provider at a location over a span of dates.';
COMMENT ON COLUMN availability_templates.practice_id IS 'The practice.';
COMMENT ON COLUMN availability_templates.id IS 'UUIDv7.';
COMMENT ON COLUMN availability_templates.provider_id IS 'Whose hours.';
COMMENT ON COLUMN availability_templates.location_id IS 'Where; the hours are wall-clock time there.';
COMMENT ON COLUMN availability_templates.valid_from IS 'First local date they hold.';
COMMENT ON COLUMN availability_templates.valid_until IS 'Last local date they hold; open when empty.';
COMMENT ON COLUMN availability_templates.created_at IS 'When it was recorded.';
COMMENT ON COLUMN availability_templates.updated_at IS 'When it last changed: its last day is moved by the hours that follow.';
CALL control.protect_practice_table('availability_templates');

CREATE TABLE availability_windows (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    template_id uuid NOT NULL,
    weekday text NOT NULL,
    opens_at time without time zone NOT NULL,
    closes_at time without time zone NOT NULL,
    appointment_type_ids uuid[] NOT NULL,
    CONSTRAINT availability_windows_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT availability_windows_template_exists FOREIGN KEY (practice_id, template_id) REFERENCES availability_templates (practice_id, id) ON DELETE CASCADE,
    CONSTRAINT availability_windows_weekday_known CHECK (weekday IN ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'))
);
CREATE INDEX availability_windows_by_template ON availability_windows (practice_id, template_id);
COMMENT ON TABLE availability_windows IS 'One weekly window of a template.';
COMMENT ON COLUMN availability_windows.practice_id IS 'The practice.';
COMMENT ON COLUMN availability_windows.id IS 'UUIDv7.';
COMMENT ON COLUMN availability_windows.template_id IS 'The template.';
COMMENT ON COLUMN availability_windows.weekday IS 'Weekday on which it opens.';
COMMENT ON COLUMN availability_windows.opens_at IS 'Wall-clock opening.';
COMMENT ON COLUMN availability_windows.closes_at IS 'Wall-clock closing; not after the opening means on the next day.';
COMMENT ON COLUMN availability_windows.appointment_type_ids IS 'The only types it is for; empty means all.';
CALL control.protect_practice_table('availability_windows');

CREATE TABLE extra_hours (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    provider_id uuid NOT NULL,
    location_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT extra_hours_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT extra_hours_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT extra_hours_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT extra_hours_order CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '7 days')
);
CREATE INDEX extra_hours_by_provider ON extra_hours (practice_id, provider_id, starts_at);
COMMENT ON TABLE extra_hours IS 'Hours beside the weekly ones, once.';
COMMENT ON COLUMN extra_hours.practice_id IS 'The practice.';
COMMENT ON COLUMN extra_hours.id IS 'UUIDv7.';
COMMENT ON COLUMN extra_hours.provider_id IS 'Whose hours.';
COMMENT ON COLUMN extra_hours.location_id IS 'Where.';
COMMENT ON COLUMN extra_hours.starts_at IS 'Start.';
COMMENT ON COLUMN extra_hours.ends_at IS 'End, not included.';
COMMENT ON COLUMN extra_hours.created_at IS 'When it was recorded.';
CALL control.protect_practice_table('extra_hours');

CREATE TABLE time_off (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    provider_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT time_off_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT time_off_provider_exists FOREIGN KEY (practice_id, provider_id) REFERENCES providers (practice_id, id),
    CONSTRAINT time_off_order CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '400 days'),
    CONSTRAINT time_off_reason_length CHECK (char_length(reason) BETWEEN 1 AND 200)
);
CREATE INDEX time_off_by_provider ON time_off (practice_id, provider_id, ends_at);
COMMENT ON TABLE time_off IS 'When a provider is away, at every location.';
COMMENT ON COLUMN time_off.practice_id IS 'The practice.';
COMMENT ON COLUMN time_off.id IS 'UUIDv7.';
COMMENT ON COLUMN time_off.provider_id IS 'Who is away.';
COMMENT ON COLUMN time_off.starts_at IS 'Start.';
COMMENT ON COLUMN time_off.ends_at IS 'End, not included.';
COMMENT ON COLUMN time_off.reason IS 'Why, for colleagues.';
COMMENT ON COLUMN time_off.created_at IS 'When it was recorded.';
CALL control.protect_practice_table('time_off');

CREATE TABLE closures (
    practice_id uuid NOT NULL,
    id uuid NOT NULL,
    location_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT closures_pkey PRIMARY KEY (practice_id, id),
    CONSTRAINT closures_location_exists FOREIGN KEY (practice_id, location_id) REFERENCES locations (practice_id, id),
    CONSTRAINT closures_order CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '400 days'),
    CONSTRAINT closures_reason_length CHECK (char_length(reason) BETWEEN 1 AND 200)
);
CREATE INDEX closures_by_end ON closures (practice_id, ends_at);
COMMENT ON TABLE closures IS 'When a location, or the whole practice, is closed.';
COMMENT ON COLUMN closures.practice_id IS 'The practice.';
COMMENT ON COLUMN closures.id IS 'UUIDv7.';
COMMENT ON COLUMN closures.location_id IS 'The location; empty for all of them.';
COMMENT ON COLUMN closures.starts_at IS 'Start.';
COMMENT ON COLUMN closures.ends_at IS 'End, not included.';
COMMENT ON COLUMN closures.reason IS 'Why, for everybody.';
COMMENT ON COLUMN closures.created_at IS 'When it was recorded.';
CALL control.protect_practice_table('closures');
