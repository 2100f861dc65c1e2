// @generated automatically by Diesel CLI.

diesel::table! {
    adverse_event_entries (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        adverse_event_id -> Uuid,
        patient_id -> Uuid,
        kind -> Text,
        grade -> Int2,
        outcome -> Text,
        note -> Nullable<Text>,
        entered_by -> Uuid,
        entered_at -> Timestamptz,
    }
}

diesel::table! {
    adverse_events (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        procedure_id -> Uuid,
        patient_id -> Uuid,
        injection_id -> Nullable<Uuid>,
        lot_id -> Nullable<Uuid>,
        event_code -> Text,
        description -> Nullable<Text>,
        grade -> Int2,
        causality -> Text,
        is_serious -> Bool,
        serious_reason -> Nullable<Text>,
        onset_at -> Timestamptz,
        detected_at -> Timestamptz,
        action_taken -> Nullable<Text>,
        outcome -> Text,
        resolved_at -> Nullable<Timestamptz>,
        review_due_by -> Nullable<Timestamptz>,
        reviewed_by -> Nullable<Uuid>,
        reviewed_at -> Nullable<Timestamptz>,
        reported_by -> Uuid,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    affected_appointments (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        appointment_id -> Uuid,
        patient_id -> Uuid,
        cause -> Text,
        provider_id -> Uuid,
        location_id -> Uuid,
        starts_at -> Timestamptz,
        room_id -> Nullable<Uuid>,
        appointment_type_id -> Nullable<Uuid>,
        noted_at -> Timestamptz,
        noted_by -> Uuid,
        kept_at -> Nullable<Timestamptz>,
        kept_by -> Nullable<Uuid>,
        kept_reason -> Nullable<Text>,
        lifted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    allergies (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        substance -> Text,
        allergen_class -> Nullable<Text>,
        reaction -> Nullable<Text>,
        severity -> Text,
        ended_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    appointment_changes (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        appointment_id -> Uuid,
        patient_id -> Uuid,
        change -> Text,
        status -> Text,
        starts_at -> Timestamptz,
        provider_id -> Uuid,
        location_id -> Uuid,
        room_id -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        version -> Int8,
        changed_by -> Uuid,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    appointment_series (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        appointment_type_id -> Uuid,
        provider_id -> Uuid,
        location_id -> Uuid,
        first_starts_at -> Timestamptz,
        occurrence_count -> Int2,
        every_weeks -> Int2,
        slack_days -> Int2,
        created_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    appointment_types (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        name -> Text,
        duration_minutes -> Int4,
        buffer_before_minutes -> Int4,
        buffer_after_minutes -> Int4,
        needs_room -> Bool,
        patient_bookable -> Bool,
        min_lead_minutes -> Int4,
        max_ahead_days -> Int4,
        cancel_cutoff_minutes -> Int4,
        start_every_minutes -> Int4,
        color -> Text,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        capacity -> Int4,
        min_interval_days -> Nullable<Int4>,
        active -> Bool,
    }
}

diesel::table! {
    appointments (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        provider_id -> Uuid,
        location_id -> Uuid,
        room_id -> Nullable<Uuid>,
        appointment_type_id -> Uuid,
        status -> Text,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        reason -> Nullable<Text>,
        override_reason -> Nullable<Text>,
        cancel_reason_code -> Nullable<Text>,
        cancel_note -> Nullable<Text>,
        arrived_at -> Nullable<Timestamptz>,
        roomed_at -> Nullable<Timestamptz>,
        started_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        cancelled_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        series_id -> Nullable<Uuid>,
        occurrence -> Nullable<Int2>,
        cancelled_late -> Bool,
        undoable_steps -> Int2,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    assessments (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        instrument -> Text,
        taken_on -> Date,
        answers -> Nullable<Array<Nullable<Int2>>>,
        score -> Numeric,
        band -> Nullable<Text>,
        scale_id -> Text,
        entered_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_checkpoints (practice_id, size) {
        practice_id -> Uuid,
        size -> Int8,
        edge -> Bytea,
        recorded_until -> Timestamptz,
        note -> Text,
    }
}

diesel::table! {
    audit_events (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        at -> Timestamptz,
        recorded_at -> Timestamptz,
        actor_user_id -> Uuid,
        actor_role -> Text,
        session_id -> Uuid,
        on_behalf_of -> Nullable<Uuid>,
        request_id -> Text,
        action -> Text,
        outcome -> Text,
        resource_type -> Text,
        resource_ids -> Array<Nullable<Uuid>>,
        patient_ids -> Array<Nullable<Uuid>>,
        patient_periods -> Array<Nullable<Int8>>,
    }
}

diesel::table! {
    audit_leaves (practice_id, position) {
        practice_id -> Uuid,
        position -> Int8,
        event_id -> Uuid,
        leaf_hash -> Bytea,
    }
}

diesel::table! {
    availability_templates (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        provider_id -> Uuid,
        location_id -> Uuid,
        valid_from -> Date,
        valid_until -> Nullable<Date>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    availability_windows (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        template_id -> Uuid,
        weekday -> Text,
        opens_at -> Time,
        closes_at -> Time,
        appointment_type_ids -> Array<Nullable<Uuid>>,
    }
}

diesel::table! {
    closures (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        location_id -> Nullable<Uuid>,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        reason -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    conditions (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        code -> Text,
        text -> Nullable<Text>,
        onset_on -> Nullable<Date>,
        resolved_on -> Nullable<Date>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    diary_entries (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        entry_date -> Date,
        headache -> Bool,
        migraine -> Bool,
        features -> Array<Nullable<Text>>,
        peak_pain_nrs -> Nullable<Int2>,
        duration_minutes -> Nullable<Int4>,
        medications -> Jsonb,
        triggers -> Array<Nullable<Text>>,
        sleep_hours -> Nullable<Numeric>,
        stress_nrs -> Nullable<Int2>,
        note -> Nullable<Text>,
        import_source -> Nullable<Text>,
        imported_by -> Nullable<Uuid>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    extra_hours (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        provider_id -> Uuid,
        location_id -> Uuid,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    follow_up_attempts (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        follow_up_id -> Uuid,
        result -> Text,
        attempted_by -> Uuid,
        attempted_at -> Timestamptz,
    }
}

diesel::table! {
    follow_up_protocols (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        procedure_kind -> Text,
        name -> Text,
        steps -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    follow_ups (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        kind -> Text,
        reason -> Text,
        due_from -> Timestamptz,
        due_by -> Timestamptz,
        procedure_id -> Nullable<Uuid>,
        protocol_id -> Nullable<Uuid>,
        protocol_step -> Nullable<Text>,
        appointment_id -> Nullable<Uuid>,
        raised_by -> Nullable<Uuid>,
        urgent -> Bool,
        status -> Text,
        outcome -> Nullable<Text>,
        adverse_symptoms -> Array<Nullable<Text>>,
        relief_percent -> Nullable<Int2>,
        next_step -> Nullable<Text>,
        cancel_reason -> Nullable<Text>,
        closed_at -> Nullable<Timestamptz>,
        closed_by -> Nullable<Uuid>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        symptoms_asked -> Nullable<Array<Nullable<Text>>>,
        attempt_count -> Int2,
        last_attempt_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    holds (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        appointment_type_id -> Uuid,
        provider_id -> Uuid,
        location_id -> Uuid,
        room_id -> Nullable<Uuid>,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        held_by -> Uuid,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_records (practice_id, user_id, operation, key) {
        practice_id -> Uuid,
        user_id -> Uuid,
        operation -> Text,
        key -> Text,
        fingerprint -> Bytea,
        status -> Int2,
        version -> Nullable<Int8>,
        location -> Nullable<Text>,
        body -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    injection_drafts (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        procedure_id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        position -> Int2,
        point_id -> Nullable<Uuid>,
        muscle_code -> Text,
        side -> Text,
        view -> Text,
        x -> Numeric,
        y -> Numeric,
        volume_ml -> Numeric,
        needle_gauge -> Nullable<Int2>,
        needle_length_mm -> Nullable<Int2>,
        approach -> Nullable<Text>,
        source -> Text,
        source_solution_id -> Nullable<Uuid>,
        status -> Text,
        injection_id -> Nullable<Uuid>,
        settled_by -> Nullable<Uuid>,
        settled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        is_open -> Nullable<Bool>,
    }
}

diesel::table! {
    injections (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        procedure_id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        point_id -> Nullable<Uuid>,
        muscle_code -> Text,
        side -> Text,
        view -> Text,
        x -> Numeric,
        y -> Numeric,
        chart_version -> Int2,
        solution_id -> Nullable<Uuid>,
        volume_ml -> Numeric,
        needle_gauge -> Int2,
        needle_length_mm -> Int2,
        approach -> Text,
        passes -> Nullable<Int2>,
        aspirated -> Bool,
        twitch_elicited -> Bool,
        pain_nrs_before -> Nullable<Int2>,
        pain_nrs_after -> Nullable<Int2>,
        injected_at -> Timestamptz,
        created_at -> Timestamptz,
        caution_acknowledged -> Nullable<Bool>,
        site_findings -> Nullable<Array<Nullable<Text>>>,
        voided_at -> Nullable<Timestamptz>,
        voided_by -> Nullable<Uuid>,
        void_reason -> Nullable<Text>,
        is_open -> Nullable<Bool>,
    }
}

diesel::table! {
    late_discharges (practice_id, procedure_id) {
        practice_id -> Uuid,
        procedure_id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        aftercare_given -> Bool,
        note -> Nullable<Text>,
        early_reason -> Nullable<Text>,
        discharged_by -> Uuid,
        discharged_at -> Timestamptz,
    }
}

diesel::table! {
    late_observations (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        procedure_id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        heart_rate_bpm -> Nullable<Int2>,
        systolic_mmhg -> Nullable<Int2>,
        diastolic_mmhg -> Nullable<Int2>,
        spo2_percent -> Nullable<Int2>,
        symptoms -> Array<Nullable<Text>>,
        note -> Nullable<Text>,
        observed_by -> Uuid,
        observed_at -> Timestamptz,
    }
}

diesel::table! {
    locations (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        name -> Text,
        time_zone -> Text,
        address -> Nullable<Text>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    lot_corrections (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        lot_id -> Uuid,
        field -> Text,
        old_value -> Nullable<Text>,
        new_value -> Nullable<Text>,
        reason -> Text,
        corrected_by -> Uuid,
        corrected_at -> Timestamptz,
    }
}

diesel::table! {
    lots (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        drug_code -> Text,
        lot_number -> Text,
        expires_on -> Date,
        vial_type -> Text,
        location_id -> Uuid,
        status -> Text,
        received_ml -> Numeric,
        remaining_ml -> Numeric,
        status_reason -> Nullable<Text>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        maker_number -> Text,
        strength -> Nullable<Numeric>,
        strength_unit -> Nullable<Text>,
        units_per_vial -> Nullable<Numeric>,
        manufacturer -> Nullable<Text>,
        ndc -> Nullable<Text>,
        barcode -> Nullable<Text>,
        received_units -> Nullable<Numeric>,
        remaining_units -> Nullable<Numeric>,
    }
}

diesel::table! {
    medications (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        name -> Text,
        medication_class -> Nullable<Text>,
        dose -> Nullable<Text>,
        last_taken_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        atc_code -> Nullable<Text>,
    }
}

diesel::table! {
    muscle_mappings (system, muscle_code) {
        system -> Text,
        muscle_code -> Text,
        code -> Text,
    }
}

diesel::table! {
    muscles (code) {
        code -> Text,
        parent_code -> Nullable<Text>,
        kind -> Text,
        latin -> Text,
        name -> Text,
        region -> Text,
        paired -> Bool,
        nerve -> Text,
        referral -> Text,
        needle -> Text,
        cautions -> Array<Nullable<Text>>,
        fma -> Nullable<Text>,
        uberon -> Nullable<Text>,
        ta98 -> Nullable<Text>,
        broader_ids -> Array<Nullable<Text>>,
        chart_view -> Text,
        chart_x -> Numeric,
        chart_y -> Numeric,
        catalogue_version -> Text,
        added_by_practice_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    note_templates (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        name -> Text,
        chief_complaint -> Nullable<Text>,
        subjective -> Nullable<Text>,
        objective -> Nullable<Text>,
        assessment -> Nullable<Text>,
        plan -> Nullable<Text>,
        archived_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    openings (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        provider_id -> Uuid,
        location_id -> Uuid,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        opened_at -> Timestamptz,
        appointment_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    outside_doses (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        drug_code -> Text,
        amount -> Numeric,
        unit -> Text,
        given_on -> Date,
        given_on_precision -> Text,
        muscle_code -> Nullable<Text>,
        given_by -> Nullable<Text>,
        told_by -> Text,
        recorded_by -> Uuid,
        created_at -> Timestamptz,
        voided_at -> Nullable<Timestamptz>,
        voided_by -> Nullable<Uuid>,
        void_reason -> Nullable<Text>,
    }
}

diesel::table! {
    palpations (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        point_id -> Uuid,
        muscle_code -> Text,
        side -> Text,
        view -> Text,
        x -> Numeric,
        y -> Numeric,
        chart_version -> Int2,
        taut_band -> Text,
        hypersensitive_spot -> Text,
        referred_pain -> Text,
        pain_recognised -> Text,
        local_twitch -> Text,
        jump_sign -> Text,
        palpable_nodule -> Text,
        tenderness_grade -> Int2,
        pressure_threshold_kpa -> Nullable<Numeric>,
        pain_nrs -> Nullable<Int2>,
        referred_zones -> Array<Nullable<Text>>,
        depth_mm -> Nullable<Int2>,
        note -> Nullable<Text>,
        classification -> Text,
        activity -> Text,
        course -> Text,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        range_of_motion_restricted -> Nullable<Text>,
        autonomic_signs -> Nullable<Text>,
        referred_qualities -> Nullable<Array<Nullable<Text>>>,
        taut_band_diameter_mm -> Nullable<Numeric>,
        classification_reason -> Nullable<Text>,
        placement_reason -> Nullable<Text>,
        patient_position -> Nullable<Text>,
        examined_by -> Nullable<Uuid>,
        voided_at -> Nullable<Timestamptz>,
        voided_by -> Nullable<Uuid>,
        void_reason -> Nullable<Text>,
        is_open -> Nullable<Bool>,
        palpated_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    patient_alerts (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        banner -> Text,
        severity -> Text,
        detail -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    patient_consents (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        subject -> Text,
        decision -> Text,
        decided_at -> Timestamptz,
        decided_by -> Text,
        method -> Text,
        text_version -> Text,
        recorded_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    patient_contacts (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        name -> Text,
        relation -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        is_emergency_contact -> Bool,
        note -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        phone_digits -> Nullable<Text>,
    }
}

diesel::table! {
    patient_merges (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        duplicate_id -> Uuid,
        merged_at -> Timestamptz,
        merged_by -> Uuid,
        undone_at -> Nullable<Timestamptz>,
        undone_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    patient_name_words (practice_id, word) {
        practice_id -> Uuid,
        word -> Text,
    }
}

diesel::table! {
    patients (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        record_number -> Text,
        given_name -> Text,
        family_name -> Text,
        search_name -> Text,
        birth_date -> Date,
        sex_at_birth -> Nullable<Text>,
        phone -> Nullable<Text>,
        phone_digits -> Nullable<Text>,
        email -> Nullable<Text>,
        address -> Nullable<Text>,
        preferred_language -> Nullable<Text>,
        weight_kg -> Nullable<Numeric>,
        weight_measured_at -> Nullable<Timestamptz>,
        archived_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        merged_into_id -> Nullable<Uuid>,
        person_id -> Uuid,
        awaited_reviews -> Int4,
        last_needled_at -> Nullable<Timestamptz>,
        former_name -> Nullable<Text>,
        preferred_name -> Nullable<Text>,
        pronouns -> Nullable<Text>,
        birth_date_estimated -> Bool,
        needs_interpreter -> Bool,
        insurance -> Nullable<Text>,
        died_on -> Nullable<Date>,
        died_on_precision -> Nullable<Text>,
        phone_last_four -> Nullable<Text>,
        email_key -> Nullable<Text>,
    }
}

diesel::table! {
    procedure_observations (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        procedure_id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        heart_rate_bpm -> Nullable<Int2>,
        systolic_mmhg -> Nullable<Int2>,
        diastolic_mmhg -> Nullable<Int2>,
        spo2_percent -> Nullable<Int2>,
        symptoms -> Array<Nullable<Text>>,
        note -> Nullable<Text>,
        observed_by -> Uuid,
        observed_at -> Timestamptz,
        is_open -> Nullable<Bool>,
    }
}

diesel::table! {
    procedures (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        provider_id -> Uuid,
        kind -> Text,
        status -> Text,
        indication_codes -> Array<Nullable<Text>>,
        template_code -> Nullable<Text>,
        consent_given_by -> Nullable<Text>,
        consent_method -> Nullable<Text>,
        consent_text_version -> Nullable<Text>,
        consent_at -> Nullable<Timestamptz>,
        time_out_patient -> Nullable<Bool>,
        time_out_procedure -> Nullable<Bool>,
        time_out_site -> Nullable<Bool>,
        time_out_allergies -> Nullable<Bool>,
        time_out_anticoagulants -> Nullable<Bool>,
        time_out_by -> Nullable<Uuid>,
        time_out_at -> Nullable<Timestamptz>,
        started_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        safety -> Nullable<Jsonb>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        checklist -> Nullable<Jsonb>,
        checklist_by -> Nullable<Uuid>,
        checklist_at -> Nullable<Timestamptz>,
        patient_position -> Nullable<Text>,
        skin_preparation -> Nullable<Text>,
        guidance -> Nullable<Text>,
        discharged_at -> Nullable<Timestamptz>,
        discharged_by -> Nullable<Uuid>,
        aftercare_given -> Nullable<Bool>,
        discharge_note -> Nullable<Text>,
        early_discharge_reason -> Nullable<Text>,
        stopped_at -> Nullable<Timestamptz>,
        stopped_by -> Nullable<Uuid>,
        stop_reason -> Nullable<Text>,
        voided_at -> Nullable<Timestamptz>,
        voided_by -> Nullable<Uuid>,
        void_reason -> Nullable<Text>,
        is_open -> Nullable<Bool>,
    }
}

diesel::table! {
    providers (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        name -> Text,
        credentials -> Nullable<Text>,
        npi -> Nullable<Text>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        active -> Bool,
    }
}

diesel::table! {
    resource_bookings (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        resource_id -> Uuid,
        resource_kind -> Text,
        appointment_id -> Nullable<Uuid>,
        hold_id -> Nullable<Uuid>,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        session_id -> Uuid,
        place -> Nullable<Int2>,
        location_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    rooms (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        location_id -> Uuid,
        name -> Text,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        active -> Bool,
    }
}

diesel::table! {
    rule_sets (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        version -> Text,
        source -> Text,
        review_state -> Text,
        reviewed_by -> Nullable<Uuid>,
        reviewed_on -> Nullable<Date>,
        content -> Jsonb,
        published_by -> Uuid,
        published_at -> Timestamptz,
        confirmed_by -> Nullable<Uuid>,
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    safety_overrides (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        procedure_id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        check_code -> Text,
        check_status -> Text,
        actual -> Nullable<Numeric>,
        reason -> Nullable<Text>,
        overridden_by -> Uuid,
        overridden_at -> Timestamptz,
        exact_actual -> Nullable<Text>,
        is_open -> Nullable<Bool>,
    }
}

diesel::table! {
    solution_components (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        solution_id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        position -> Int2,
        drug_code -> Text,
        concentration -> Nullable<Numeric>,
        concentration_unit -> Nullable<Text>,
        volume_ml -> Numeric,
        lot_id -> Uuid,
        vial_id -> Nullable<Uuid>,
        is_open -> Nullable<Bool>,
        differs_from_last_draw -> Nullable<Bool>,
    }
}

diesel::table! {
    solution_wastes (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        solution_id -> Uuid,
        procedure_id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        volume_ml -> Numeric,
        reason -> Nullable<Text>,
        witnessed_by -> Uuid,
        recorded_by -> Uuid,
        recorded_at -> Timestamptz,
        is_open -> Nullable<Bool>,
    }
}

diesel::table! {
    solutions (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        procedure_id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        label -> Text,
        volume_ml -> Numeric,
        prepared_at -> Timestamptz,
        prepared_by -> Uuid,
        created_at -> Timestamptz,
        beyond_use_at -> Nullable<Timestamptz>,
        voided_at -> Nullable<Timestamptz>,
        voided_by -> Nullable<Uuid>,
        void_reason -> Nullable<Text>,
        is_open -> Nullable<Bool>,
    }
}

diesel::table! {
    stock_movements (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        lot_id -> Uuid,
        change_ml -> Numeric,
        cause -> Text,
        procedure_id -> Nullable<Uuid>,
        note -> Nullable<Text>,
        moved_by -> Uuid,
        moved_at -> Timestamptz,
        change_units -> Nullable<Numeric>,
    }
}

diesel::table! {
    time_off (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        provider_id -> Uuid,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        reason -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    treatment_plan_versions (practice_id, plan_id, version) {
        practice_id -> Uuid,
        plan_id -> Uuid,
        version -> Int8,
        patient_id -> Uuid,
        status -> Text,
        content -> Jsonb,
        written_by -> Uuid,
        written_at -> Timestamptz,
    }
}

diesel::table! {
    treatment_plans (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        status -> Text,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    trigger_points (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        muscle_code -> Text,
        side -> Text,
        view -> Text,
        x -> Numeric,
        y -> Numeric,
        chart_version -> Int2,
        first_visit_id -> Uuid,
        created_at -> Timestamptz,
        is_open -> Nullable<Bool>,
    }
}

diesel::table! {
    vials (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        lot_id -> Uuid,
        drug_code -> Text,
        vial_type -> Text,
        patient_id -> Nullable<Uuid>,
        procedure_id -> Nullable<Uuid>,
        opened_at -> Timestamptz,
        opened_by -> Uuid,
        discarded_at -> Nullable<Timestamptz>,
        discarded_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    visit_addenda (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        text -> Text,
        written_by -> Uuid,
        written_at -> Timestamptz,
    }
}

diesel::table! {
    visit_hand_overs (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        visit_id -> Uuid,
        patient_id -> Uuid,
        from_provider_id -> Uuid,
        to_provider_id -> Uuid,
        reason -> Text,
        handed_over_by -> Uuid,
        handed_over_at -> Timestamptz,
        is_open -> Nullable<Bool>,
    }
}

diesel::table! {
    visits (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        provider_id -> Uuid,
        location_id -> Uuid,
        appointment_id -> Nullable<Uuid>,
        started_at -> Timestamptz,
        chief_complaint -> Nullable<Text>,
        subjective -> Nullable<Text>,
        objective -> Nullable<Text>,
        assessment -> Nullable<Text>,
        plan -> Nullable<Text>,
        diagnoses -> Jsonb,
        weight_kg -> Nullable<Numeric>,
        height_cm -> Nullable<Numeric>,
        systolic_mmhg -> Nullable<Int4>,
        diastolic_mmhg -> Nullable<Int4>,
        heart_rate_bpm -> Nullable<Int4>,
        spo2_percent -> Nullable<Int4>,
        temperature_c -> Nullable<Numeric>,
        vitals_at -> Nullable<Timestamptz>,
        signed_at -> Nullable<Timestamptz>,
        signed_by -> Nullable<Uuid>,
        content_sha256 -> Nullable<Bytea>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        tenderness_scores -> Nullable<Array<Nullable<Int2>>>,
        changes_at_version -> Int8,
        late_entry_reason -> Nullable<Text>,
        discarded_at -> Nullable<Timestamptz>,
        discarded_by -> Nullable<Uuid>,
        discard_reason -> Nullable<Text>,
        retracted_at -> Nullable<Timestamptz>,
        retracted_by -> Nullable<Uuid>,
        retraction_reason -> Nullable<Text>,
        belongs_to_patient_id -> Nullable<Uuid>,
        retraction_sha256 -> Nullable<Bytea>,
        content_format -> Int2,
        content_signature -> Nullable<Bytea>,
        retraction_signature -> Nullable<Bytea>,
        is_open -> Bool,
    }
}

diesel::table! {
    waitlist_entries (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        patient_id -> Uuid,
        appointment_type_id -> Uuid,
        provider_ids -> Array<Nullable<Uuid>>,
        location_ids -> Array<Nullable<Uuid>>,
        earliest -> Timestamptz,
        latest -> Timestamptz,
        weekdays -> Array<Nullable<Text>>,
        day_parts -> Array<Nullable<Text>>,
        priority -> Int2,
        status -> Text,
        appointment_id -> Nullable<Uuid>,
        created_by -> Uuid,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    waitlist_offers (practice_id, id) {
        practice_id -> Uuid,
        id -> Uuid,
        entry_id -> Uuid,
        patient_id -> Uuid,
        provider_id -> Uuid,
        location_id -> Uuid,
        room_id -> Nullable<Uuid>,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        status -> Text,
        offered_at -> Timestamptz,
        expires_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        closed_by -> Nullable<Uuid>,
    }
}

diesel::joinable!(injection_drafts -> muscles (muscle_code));
diesel::joinable!(injections -> muscles (muscle_code));
diesel::joinable!(muscle_mappings -> muscles (muscle_code));
diesel::joinable!(outside_doses -> muscles (muscle_code));
diesel::joinable!(palpations -> muscles (muscle_code));
diesel::joinable!(trigger_points -> muscles (muscle_code));

diesel::allow_tables_to_appear_in_same_query!(
    adverse_event_entries,
    adverse_events,
    affected_appointments,
    allergies,
    appointment_changes,
    appointment_series,
    appointment_types,
    appointments,
    assessments,
    audit_checkpoints,
    audit_events,
    audit_leaves,
    availability_templates,
    availability_windows,
    closures,
    conditions,
    diary_entries,
    extra_hours,
    follow_up_attempts,
    follow_up_protocols,
    follow_ups,
    holds,
    idempotency_records,
    injection_drafts,
    injections,
    late_discharges,
    late_observations,
    locations,
    lot_corrections,
    lots,
    medications,
    muscle_mappings,
    muscles,
    note_templates,
    openings,
    outside_doses,
    palpations,
    patient_alerts,
    patient_consents,
    patient_contacts,
    patient_merges,
    patient_name_words,
    patients,
    procedure_observations,
    procedures,
    providers,
    resource_bookings,
    rooms,
    rule_sets,
    safety_overrides,
    solution_components,
    solution_wastes,
    solutions,
    stock_movements,
    time_off,
    treatment_plan_versions,
    treatment_plans,
    trigger_points,
    vials,
    visit_addenda,
    visit_hand_overs,
    visits,
    waitlist_entries,
    waitlist_offers,
);
