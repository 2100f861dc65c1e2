//! The rows of the demo, as the tables want them.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::platform::decimal::ExactDecimal;

macro_rules! rows {
    ($($table:ident: $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {
        $(
            #[derive(Debug, Clone, PartialEq, Eq, Insertable)]
            #[diesel(table_name = crate::schema::$table)]
            pub(super) struct $name {
                pub(super) practice_id: Uuid,
                $(pub(super) $field: $type,)*
            }
        )*

        /// Everything that is loaded, table by table.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub(super) struct Rows {
            $(pub(super) $table: Vec<$name>,)*
            pub(super) signatures: Vec<Signature>,
        }
    };
}

/// That a visit is to be signed, once everything under it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) visit_id: Uuid,
    pub(super) signed_at: DateTime<Utc>,
    pub(super) signed_by: Uuid,
}

type Instant = DateTime<Utc>;
type Word = &'static str;

rows! {
    locations: LocationRow {
        id: Uuid, name: Word, time_zone: Word, address: Word, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    rooms: RoomRow {
        id: Uuid, location_id: Uuid, name: Word, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    providers: ProviderRow {
        id: Uuid, user_id: Option<Uuid>, name: Word, credentials: Word, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    appointment_types: TypeRow {
        id: Uuid, name: Word, duration_minutes: i32, buffer_before_minutes: i32,
        buffer_after_minutes: i32, needs_room: bool, patient_bookable: bool,
        min_lead_minutes: i32, max_ahead_days: i32, cancel_cutoff_minutes: i32,
        start_every_minutes: i32, color: Word, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    availability_templates: TemplateRow {
        id: Uuid, provider_id: Uuid, location_id: Uuid, valid_from: NaiveDate, created_at: Instant,
        updated_at: Instant,
    }
    availability_windows: WindowRow {
        id: Uuid, template_id: Uuid, weekday: Word, opens_at: NaiveTime, closes_at: NaiveTime,
        appointment_type_ids: Vec<Uuid>,
    }
    patients: PatientRow {
        id: Uuid, record_number: String, given_name: String, family_name: String,
        search_name: String, birth_date: NaiveDate, sex_at_birth: Word, phone: String,
        phone_digits: String, email: String, address: String, preferred_language: Word,
        weight_kg: Option<ExactDecimal>, weight_measured_at: Option<Instant>, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    allergies: AllergyRow {
        id: Uuid, patient_id: Uuid, substance: Word, allergen_class: Option<Word>,
        reaction: Option<Word>, severity: Word, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    medications: MedicationRow {
        id: Uuid, patient_id: Uuid, name: Word, medication_class: Option<Word>,
        dose: Option<Word>, last_taken_at: Option<Instant>, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    conditions: ConditionRow {
        id: Uuid, patient_id: Uuid, code: Word, text: Word, onset_on: Option<NaiveDate>,
        version: i64, created_at: Instant, updated_at: Instant,
    }
    appointments: AppointmentRow {
        id: Uuid, patient_id: Uuid, provider_id: Uuid, location_id: Uuid, room_id: Option<Uuid>,
        appointment_type_id: Uuid, status: Word, starts_at: Instant, ends_at: Instant,
        reason: Option<Word>, cancel_reason_code: Option<Word>, arrived_at: Option<Instant>,
        roomed_at: Option<Instant>, started_at: Option<Instant>, completed_at: Option<Instant>,
        cancelled_at: Option<Instant>, undoable_steps: i16, version: i64, created_at: Instant,
        updated_at: Instant,
    }
    resource_bookings: BookingRow {
        id: Uuid, resource_id: Uuid, resource_kind: Word, appointment_id: Option<Uuid>,
        starts_at: Instant, ends_at: Instant, location_id: Option<Uuid>,
    }
    appointment_changes: ChangeRow {
        id: Uuid, appointment_id: Uuid, patient_id: Uuid, change: Word, status: Word,
        starts_at: Instant, provider_id: Uuid, location_id: Uuid, room_id: Option<Uuid>,
        reason: Option<Word>, version: i64, changed_by: Uuid, changed_at: Instant,
    }
    lots: LotRow {
        id: Uuid, drug_code: Word, lot_number: String, expires_on: NaiveDate, vial_type: Word,
        location_id: Uuid, status: Word, received_ml: ExactDecimal, remaining_ml: ExactDecimal,
        status_reason: Option<Word>, version: i64, created_at: Instant, updated_at: Instant,
    }
    stock_movements: MovementRow {
        id: Uuid, lot_id: Uuid, change_ml: ExactDecimal, cause: Word, procedure_id: Option<Uuid>,
        note: Option<Word>, moved_by: Uuid, moved_at: Instant,
    }
    visits: VisitRow {
        id: Uuid, patient_id: Uuid, provider_id: Uuid, location_id: Uuid,
        appointment_id: Option<Uuid>, started_at: Instant, chief_complaint: Option<Word>,
        subjective: Option<String>, objective: Option<String>, assessment: Option<String>,
        plan: Option<String>, diagnoses: serde_json::Value, weight_kg: Option<ExactDecimal>,
        systolic_mmhg: Option<i32>, diastolic_mmhg: Option<i32>, heart_rate_bpm: Option<i32>,
        vitals_at: Option<Instant>, version: i64, created_at: Instant, updated_at: Instant,
    }
    trigger_points: PointRow {
        id: Uuid, patient_id: Uuid, muscle_code: Word, side: Word, view: Word, x: ExactDecimal,
        y: ExactDecimal, chart_version: i16, first_visit_id: Uuid, created_at: Instant,
    }
    palpations: PalpationRow {
        id: Uuid, visit_id: Uuid, patient_id: Uuid, point_id: Uuid, muscle_code: Word, side: Word,
        view: Word, x: ExactDecimal, y: ExactDecimal, chart_version: i16, taut_band: Word,
        hypersensitive_spot: Word, referred_pain: Word, pain_recognised: Word, local_twitch: Word,
        jump_sign: Word, palpable_nodule: Word, tenderness_grade: i16,
        pressure_threshold_kpa: Option<ExactDecimal>, pain_nrs: Option<i16>,
        referred_zones: Vec<Word>, depth_mm: Option<i16>, classification: Word, activity: Word,
        course: Word, version: i64, created_at: Instant, updated_at: Instant,
    }
    procedures: ProcedureRow {
        id: Uuid, visit_id: Uuid, patient_id: Uuid, provider_id: Uuid, kind: Word, status: Word,
        indication_codes: Vec<Word>, template_code: Option<Word>,
        consent_given_by: Option<String>, consent_method: Option<Word>,
        consent_text_version: Option<Word>, consent_at: Option<Instant>,
        time_out_patient: Option<bool>, time_out_procedure: Option<bool>,
        time_out_site: Option<bool>, time_out_allergies: Option<bool>,
        time_out_anticoagulants: Option<bool>, time_out_by: Option<Uuid>,
        time_out_at: Option<Instant>, started_at: Option<Instant>, completed_at: Option<Instant>,
        safety: Option<serde_json::Value>, version: i64, created_at: Instant, updated_at: Instant,
    }
    solutions: SolutionRow {
        id: Uuid, procedure_id: Uuid, visit_id: Uuid, patient_id: Uuid, label: Word,
        volume_ml: ExactDecimal, prepared_at: Instant, prepared_by: Uuid, created_at: Instant,
    }
    solution_components: ComponentRow {
        id: Uuid, solution_id: Uuid, visit_id: Uuid, patient_id: Uuid, position: i16,
        drug_code: Word, concentration: ExactDecimal, concentration_unit: Word,
        volume_ml: ExactDecimal, lot_id: Uuid,
    }
    injections: InjectionRow {
        id: Uuid, procedure_id: Uuid, visit_id: Uuid, patient_id: Uuid, point_id: Option<Uuid>,
        muscle_code: Word, side: Word, view: Word, x: ExactDecimal, y: ExactDecimal,
        chart_version: i16, solution_id: Option<Uuid>, volume_ml: ExactDecimal,
        needle_gauge: i16, needle_length_mm: i16, approach: Word, passes: Option<i16>,
        aspirated: bool, twitch_elicited: bool, pain_nrs_before: Option<i16>,
        pain_nrs_after: Option<i16>, injected_at: Instant, created_at: Instant,
    }
    follow_ups: FollowUpRow {
        id: Uuid, patient_id: Uuid, kind: Word, reason: String, due_from: Instant, due_by: Instant,
        procedure_id: Option<Uuid>, protocol_step: Option<Word>, appointment_id: Option<Uuid>,
        urgent: bool, status: Word, attempt_count: i16, last_attempt_at: Option<Instant>,
        outcome: Option<String>, symptoms_asked: Option<Vec<Word>>, adverse_symptoms: Vec<Word>,
        relief_percent: Option<i16>, next_step: Option<Word>, cancel_reason: Option<Word>,
        closed_at: Option<Instant>, closed_by: Option<Uuid>, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    follow_up_attempts: AttemptRow {
        id: Uuid, patient_id: Uuid, follow_up_id: Uuid, result: Word, attempted_by: Uuid,
        attempted_at: Instant,
    }
    diary_entries: DiaryRow {
        id: Uuid, patient_id: Uuid, entry_date: NaiveDate, headache: bool, migraine: bool,
        features: Vec<Word>, peak_pain_nrs: Option<i16>, duration_minutes: Option<i32>,
        medications: serde_json::Value, triggers: Vec<Word>, sleep_hours: Option<ExactDecimal>,
        stress_nrs: Option<i16>, version: i64, created_at: Instant, updated_at: Instant,
    }
    assessments: AssessmentRow {
        id: Uuid, patient_id: Uuid, instrument: Word, taken_on: NaiveDate, score: ExactDecimal,
        band: Option<Word>, scale_id: Word, entered_by: Uuid, created_at: Instant,
    }
    treatment_plans: PlanRow {
        id: Uuid, patient_id: Uuid, status: Word, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    treatment_plan_versions: PlanVersionRow {
        plan_id: Uuid, version: i64, patient_id: Uuid, status: Word, content: serde_json::Value,
        written_by: Uuid, written_at: Instant,
    }
}
