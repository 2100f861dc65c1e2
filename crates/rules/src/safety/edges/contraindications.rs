//! Every row of the checklist, at the value before its bound and at its bound, against every drug.
//!
//! A row says what is known of the patient, which check it raises, and what it comes out as for a
//! dry needle, lidocaine, procaine, lidocaine with epinephrine, triamcinolone, cyanocobalamin and
//! toxin: `B`lock, `W`arn, `?` for an open question, `o`k with a notice, or `.` for nothing.

use chrono::TimeDelta;

use super::super::facts::{Medication, MedicationClass, Pregnancy, Sex};
use super::super::sample::{
    NOW, allergy, at, dry, facts, laboratory_value, measured, medication, named, plan, site,
};
use super::super::verdict::CheckStatus::{Block, Indeterminate, Ok, Warn};
use super::{PatientFacts, PlannedProcedure, Table};
use crate::kind::SkinPreparation;
use crate::sample::decimal;

const SYRINGES: [&str; 7] = [
    "",
    "lidocaine 1 percent 1",
    "procaine 1 percent 1",
    "lidocaine_epinephrine 1 percent 1",
    "triamcinolone_acetonide 10 mg_per_ml 1",
    "cyanocobalamin 1000 mcg_per_ml 1",
    "onabotulinumtoxin_a 50 units_per_ml 2",
];

const ROWS: [(&str, &str, &str); 247] = [
    // Allergies, in words and as codes.
    ("allergy lidocaine", "allergy_la_amide", ".B.B..."),
    ("allergy Bupivacaine (hives)", "allergy_la_amide", ".B.B..."),
    ("allergy procaine", "allergy_la_amide", "......."),
    ("allergy procaine", "allergy_la_ester", "..B...."),
    ("allergy tetracaine", "allergy_la_ester", "..B...."),
    ("allergy lidocaine", "allergy_la_ester", "......."),
    ("allergy local anaesthetic", "allergy_la_amide", ".B.B..."),
    ("allergy local anaesthetic", "allergy_la_ester", "..B...."),
    ("condition Z88.4", "allergy_la_amide", ".B.B..."),
    ("condition Z88.4", "allergy_la_ester", "..B...."),
    ("condition Z88.3", "allergy_la_amide", "......."),
    ("allergy paraben", "allergy_preservative", ".WW...."),
    ("allergy benzyl alcohol", "allergy_preservative", ".WW.BB."),
    ("allergy sulfite", "allergy_preservative", ".WWB..."),
    ("allergy benzalkonium", "allergy_preservative", ".WW...."),
    ("allergy pollen", "allergy_preservative", "......."),
    ("allergy pollen", "allergy_unrecognised", "......."),
    ("allergy zorblax", "allergy_unrecognised", "WWWWWWW"),
    ("allergy penicillin", "allergy_unrecognised", "......."),
    ("allergy bupivicaine", "allergy_misspelt", "???????"),
    ("allergy bupivicaine", "allergy_unrecognised", "......."),
    ("allergy Kenalog", "allergy_planned_drug", "....B.."),
    ("allergy Kenalog", "allergy_unrecognised", "......."),
    ("allergy cortisone", "allergy_corticosteroid", "....B.."),
    ("allergy adrenaline", "allergy_epinephrine", "...B..."),
    ("allergy cobalt", "allergy_cobalamin_cobalt", ".....B."),
    ("allergy vitamin B12", "allergy_cobalamin_cobalt", ".....B."),
    ("allergy vitamin C", "allergy_cobalamin_cobalt", "......."),
    (
        "allergy botulinum toxin",
        "allergy_botulinum_toxin",
        "......B",
    ),
    ("allergy albumin", "allergy_botulinum_toxin", "......B"),
    ("allergy latex", "allergy_latex", "WWWWWWW"),
    ("condition Z91.040", "allergy_latex", "WWWWWWW"),
    ("condition Z91.04", "allergy_latex", "......."),
    ("allergy chlorhexidine", "allergy_antiseptic", "......."),
    (
        "cleaned unknown chlorhexidine",
        "allergy_antiseptic",
        "WWWWWWW",
    ),
    (
        "cleaned chlorhexidine_alcohol chlorhexidine",
        "allergy_antiseptic",
        "BBBBBBB",
    ),
    (
        "cleaned povidone_iodine chlorhexidine",
        "allergy_antiseptic",
        ".......",
    ),
    (
        "cleaned povidone_iodine betadine",
        "allergy_antiseptic",
        "BBBBBBB",
    ),
    ("cleaned alcohol betadine", "allergy_antiseptic", "......."),
    ("allergy povidone iodine", "allergy_antiseptic", "......."),
    ("allergy triamcinolone", "allergy_planned_drug", "....B.."),
    ("allergy cyanocobalamin", "allergy_planned_drug", ".....B."),
    ("condition H47.22", "leber_optic_neuropathy", ".....W."),
    (
        "answer leber_optic_neuropathy",
        "leber_optic_neuropathy",
        ".....W.",
    ),
    ("condition H47.21", "leber_optic_neuropathy", "......."),
    // Infection and what is no muscle.
    ("temperature 37.999999", "infection_systemic", "......."),
    ("temperature 38", "infection_systemic", "BBBBBBB"),
    ("temperature 38.000001", "infection_systemic", "BBBBBBB"),
    ("active A40.0", "infection_systemic", "BBBBBBB"),
    ("active A41.9", "infection_systemic", "BBBBBBB"),
    ("active R50.9", "infection_systemic", "BBBBBBB"),
    ("active R65.20", "infection_systemic", "BBBBBBB"),
    ("active R65.10", "infection_systemic", "......."),
    ("active A42.0", "infection_systemic", "......."),
    ("condition A41.9", "infection_systemic", "......."),
    ("answer active_infection", "infection_systemic", "BBBBBBB"),
    ("answer red_flag", "non_myofascial_suspected", "BBBBBBB"),
    (
        "answer malignancy_suspected",
        "non_myofascial_suspected",
        "BBBBBBB",
    ),
    (
        "answer needle_phobia",
        "non_myofascial_suspected",
        ".......",
    ),
    ("finding infection_local", "infection_local", "BBBBBBB"),
    ("finding acute_trauma", "acute_trauma_at_muscle", "BBBBBBB"),
    (
        "finding implant_or_shunt",
        "implant_or_shunt_under_site",
        "BBBBBBB",
    ),
    ("finding unsafe_site", "unsafe_site", "BBBBBBB"),
    ("finding acute_trauma", "infection_local", "......."),
    ("finding skull_defect", "skull_defect_at_site", "......."),
    (
        "finding skull_defect head",
        "skull_defect_at_site",
        "BBBBBBB",
    ),
    ("answer skull_defect", "skull_defect_at_site", "......."),
    (
        "answer skull_defect head",
        "skull_defect_at_site",
        "BBBBBBB",
    ),
    // Bleeding.
    ("condition D65", "bleeding_disorder", "BBBBBBB"),
    ("cleared D65", "bleeding_disorder", "WWWWWWW"),
    ("condition D66", "bleeding_disorder", "BBBBBBB"),
    ("cleared D66", "bleeding_disorder", "WWWWWWW"),
    ("condition D67", "bleeding_disorder", "BBBBBBB"),
    ("cleared D67", "bleeding_disorder", "WWWWWWW"),
    ("condition D68.0", "bleeding_disorder", "BBBBBBB"),
    ("cleared D68.0", "bleeding_disorder", "WWWWWWW"),
    ("condition D69.6", "bleeding_disorder", "BBBBBBB"),
    ("cleared D69.6", "bleeding_disorder", "WWWWWWW"),
    ("condition D64.9", "bleeding_disorder", "......."),
    ("condition D70.9", "bleeding_disorder", "......."),
    (
        "laboratory platelets 49.999999",
        "bleeding_disorder",
        "BBBBBBB",
    ),
    ("laboratory platelets 50", "bleeding_disorder", "WWWWWWW"),
    (
        "laboratory platelets 99.999999",
        "bleeding_disorder",
        "WWWWWWW",
    ),
    ("laboratory platelets 100", "bleeding_disorder", "......."),
    ("laboratory inr 3", "anticoagulant_inr", "......."),
    ("laboratory inr 3.000001", "anticoagulant_inr", "WWWWWWW"),
    ("laboratory inr 4.5", "anticoagulant_inr", "WWWWWWW"),
    ("laboratory inr 4.500001", "anticoagulant_inr", "BBBBBBB"),
    ("laboratory hba1c 99", "anticoagulant_inr", "......."),
    ("medication anticoagulant", "anticoagulant", "WWWWWWW"),
    ("medication antiplatelet", "anticoagulant", "......."),
    ("ended anticoagulant", "anticoagulant", "......."),
    ("atc B01AA03", "anticoagulant", "WWWWWWW"),
    ("atc B01AB05", "anticoagulant", "WWWWWWW"),
    ("atc B01AE07", "anticoagulant", "WWWWWWW"),
    ("atc B01AF01", "anticoagulant", "WWWWWWW"),
    ("atc B01AC04", "anticoagulant", "......."),
    ("atc B01AX05", "anticoagulant", "WWWWWWW"),
    ("called Warfarin 5 mg", "anticoagulant", "WWWWWWW"),
    ("called Eliquis", "anticoagulant", "WWWWWWW"),
    ("called Aspirin", "anticoagulant", "......."),
    ("called Aspirin", "antiplatelet", "WWWWWWW"),
    ("called ASA", "antiplatelet", "WWWWWWW"),
    ("called Asacol", "antiplatelet", "......."),
    ("called Warfarin", "medication_unrecognised", "......."),
    ("called Zorblaxin", "medication_unrecognised", "ooooooo"),
    ("condition Z79.01", "anticoagulant", "WWWWWWW"),
    ("condition Z79.02", "anticoagulant", "......."),
    ("condition Z79.02", "antiplatelet", "WWWWWWW"),
    ("medication antiplatelet", "antiplatelet", "WWWWWWW"),
    ("taken antiplatelet 0", "antiplatelet", "WWWWWWW"),
    ("taken antiplatelet 604799", "antiplatelet", "WWWWWWW"),
    ("taken antiplatelet 604800", "antiplatelet", "WWWWWWW"),
    ("taken antiplatelet 604801", "antiplatelet", "......."),
    ("stopped Warfarin 3600", "anticoagulant", "WWWWWWW"),
    ("stopped Warfarin 432000", "anticoagulant", "WWWWWWW"),
    ("stopped Warfarin 432001", "anticoagulant", "......."),
    ("stopped Eliquis 259200", "anticoagulant", "WWWWWWW"),
    ("stopped Eliquis 259201", "anticoagulant", "......."),
    ("stopped Marcumar 864000", "anticoagulant", "WWWWWWW"),
    ("stopped Aspirin 432000", "antiplatelet", "WWWWWWW"),
    ("stopped Prasugrel 864000", "antiplatelet", "WWWWWWW"),
    ("stopped Prasugrel 864001", "antiplatelet", "......."),
    ("stopped Nardil 1209600", "epinephrine_risk", "...W..."),
    ("stopped Nardil 1209601", "epinephrine_risk", "......."),
    ("atc b01aa03", "anticoagulant", "WWWWWWW"),
    ("atc B01 AA 03", "anticoagulant", "WWWWWWW"),
    ("called Wafarin", "medication_misspelt", "???????"),
    ("called Wafarin", "medication_unrecognised", "......."),
    ("called Sumatriptan", "medication_unrecognised", "......."),
    ("atc B01AC06", "antiplatelet", "WWWWWWW"),
    ("atc N02BA01", "antiplatelet", "WWWWWWW"),
    ("atc N02BA51", "antiplatelet", "WWWWWWW"),
    ("atc N02BE01", "antiplatelet", "......."),
    ("atc N02BE01", "medication_unrecognised", "......."),
    // Pregnancy.
    ("pregnant", "pregnancy", "WWWWWWW"),
    ("pregnant", "pregnancy_steroid_toxin", "....W.B"),
    ("active Z33.1", "pregnancy", "WWWWWWW"),
    ("active Z33.1", "pregnancy_steroid_toxin", "....W.B"),
    ("condition Z33.1", "pregnancy", "......."),
    ("active Z34.02", "pregnancy", "WWWWWWW"),
    ("active Z34.02", "pregnancy_steroid_toxin", "....W.B"),
    ("active Z3A.20", "pregnancy", "WWWWWWW"),
    ("active Z3A.20", "pregnancy_steroid_toxin", "....W.B"),
    ("active O26.90", "pregnancy", "WWWWWWW"),
    ("active O26.90", "pregnancy_steroid_toxin", "....W.B"),
    ("active Z32.02", "pregnancy", "......."),
    ("active Z35", "pregnancy", "......."),
    ("condition O26.90", "pregnancy", "......."),
    ("maybe female 11", "pregnancy_unknown", "......."),
    ("maybe female 12", "pregnancy_unknown", "WWWWWWW"),
    ("maybe female 55", "pregnancy_unknown", "WWWWWWW"),
    ("maybe female 56", "pregnancy_unknown", "......."),
    ("maybe male 30", "pregnancy_unknown", "......."),
    ("maybe unknown 11", "pregnancy_unknown", "......."),
    ("maybe unknown 30", "pregnancy_unknown", "WWWWWWW"),
    ("maybe unknown 56", "pregnancy_unknown", "......."),
    ("pregnant", "pregnancy_unknown", "......."),
    ("breastfeeding", "breastfeeding", ".oooo.o"),
    ("pregnant", "breastfeeding", "......."),
    // Who faints, and who fears.
    ("condition F40.231", "needle_phobia", "WWWWWWW"),
    ("condition F40.230", "needle_phobia", "......."),
    ("answer needle_phobia", "needle_phobia", "WWWWWWW"),
    ("answer prior_vasovagal", "prior_vasovagal", "WWWWWWW"),
    // Steroids.
    ("condition E10.65", "diabetes_uncontrolled", "....W.."),
    ("condition E11.65", "diabetes_uncontrolled", "....W.."),
    ("condition E13.65", "diabetes_uncontrolled", "....W.."),
    ("condition E11.9", "diabetes_uncontrolled", "......."),
    (
        "laboratory hba1c 7.999999",
        "diabetes_uncontrolled",
        ".......",
    ),
    ("laboratory hba1c 8", "diabetes_uncontrolled", "....W.."),
    ("laboratory glucose 250", "diabetes_uncontrolled", "......."),
    (
        "laboratory glucose 250.000001",
        "diabetes_uncontrolled",
        "....W..",
    ),
    ("condition E08.9", "diabetes_glucose", "....W.."),
    ("condition E11.9", "diabetes_glucose", "....W.."),
    ("condition E14.9", "diabetes_glucose", "......."),
    (
        "medication systemic_corticosteroid",
        "systemic_steroid_use",
        "....W..",
    ),
    ("atc H02AB07", "systemic_steroid_use", "....W.."),
    ("atc H02AA02", "systemic_steroid_use", "......."),
    ("condition Z79.52", "systemic_steroid_use", "....W.."),
    ("condition E27.1", "adrenal_suppression", "....W.."),
    ("condition E27.3", "adrenal_suppression", "....W.."),
    ("condition E27.40", "adrenal_suppression", "....W.."),
    ("condition E27.2", "adrenal_suppression", "....W.."),
    ("condition E27.0", "adrenal_suppression", "......."),
    (
        "medication immunosuppressant",
        "immunosuppressed",
        "WWWWWWW",
    ),
    ("atc L04AX03", "immunosuppressed", "WWWWWWW"),
    ("condition D80.0", "immunosuppressed", "WWWWWWW"),
    ("condition D84.9", "immunosuppressed", "WWWWWWW"),
    ("condition D86.9", "immunosuppressed", "......."),
    ("condition Z79.60", "immunosuppressed", "WWWWWWW"),
    // Local anaesthetics.
    ("age 70", "la_dose_risk", "......."),
    ("age 71", "la_dose_risk", ".WWW..."),
    ("weight 40", "la_dose_risk", "......."),
    ("weight 39.999999", "la_dose_risk", ".WWW..."),
    ("pregnant", "la_dose_risk", ".WWW..."),
    ("condition I44.2", "la_dose_risk", ".WWW..."),
    ("condition K74.60", "la_dose_risk", ".WWW..."),
    ("condition I46.9", "la_dose_risk", ".WWW..."),
    ("condition K70.30", "la_dose_risk", ".WWW..."),
    ("condition K71.10", "la_dose_risk", ".WWW..."),
    ("condition K76.6", "la_dose_risk", ".WWW..."),
    ("condition I42.0", "la_dose_risk", ".WWW..."),
    ("condition I48.91", "la_dose_risk", ".WWW..."),
    ("condition I10", "la_dose_risk", "......."),
    ("condition K80.20", "la_dose_risk", "......."),
    ("age 18", "child_dose", "......."),
    ("age 17", "child_dose", ".BBBBBB"),
    ("age 6", "child_dose", ".BBBBBB"),
    ("condition I25.10", "epinephrine_risk", "...W..."),
    ("condition I48.91", "epinephrine_risk", "...W..."),
    ("condition E05.90", "epinephrine_risk", "...W..."),
    ("condition I23.0", "epinephrine_risk", "...W..."),
    ("condition I30.0", "epinephrine_risk", "......."),
    ("medication maoi", "epinephrine_risk", "...W..."),
    ("medication tca", "epinephrine_risk", "...W..."),
    ("atc N06AA09", "epinephrine_risk", "...W..."),
    ("atc N06AB06", "epinephrine_risk", "......."),
    ("called Amitriptyline", "epinephrine_risk", "...W..."),
    ("called Nardil", "epinephrine_risk", "...W..."),
    ("atc N04BD01", "epinephrine_risk", "...W..."),
    ("condition D55.0", "methaemoglobinaemia_risk", ".WWW..."),
    ("condition D74.9", "methaemoglobinaemia_risk", ".WWW..."),
    (
        "medication methaemoglobin_inducer",
        "methaemoglobinaemia_risk",
        ".WWW...",
    ),
    ("called dapsone", "methaemoglobinaemia_risk", ".WWW..."),
    ("atc J04BA02", "methaemoglobinaemia_risk", ".WWW..."),
    ("condition D55.1", "methaemoglobinaemia_risk", "......."),
    (
        "condition T88.3XXA",
        "malignant_hyperthermia_history",
        ".ooo...",
    ),
    (
        "answer malignant_hyperthermia",
        "malignant_hyperthermia_history",
        ".ooo...",
    ),
    ("condition G70.00", "neuromuscular_disorder", ".WWW..B"),
    ("condition G73.1", "neuromuscular_disorder", ".WWW..B"),
    ("condition G12.21", "neuromuscular_disorder", ".WWW..B"),
    ("condition G70.1", "neuromuscular_disorder", ".WWW..B"),
    ("condition G71.11", "neuromuscular_disorder", ".WWW..B"),
    ("condition G12.0", "neuromuscular_disorder", ".WWW..B"),
    ("condition G61.81", "neuromuscular_disorder", ".WWW..B"),
    ("condition G62.9", "neuromuscular_disorder", "......W"),
    ("condition G58.9", "neuromuscular_disorder", "......."),
    ("cleared G70.00", "neuromuscular_disorder", ".WWW..W"),
    // The body, and what is no indication. 170 cm and 101.15 kg make exactly 35.
    ("weight 101.15 170", "obesity_landmarks_unclear", "WWWWWWW"),
    (
        "weight 101.149999 170",
        "obesity_landmarks_unclear",
        ".......",
    ),
    (
        "answer landmarks_unclear",
        "obesity_landmarks_unclear",
        "WWWWWWW",
    ),
    ("condition M79.7", "fibromyalgia_widespread", "WWWWWWW"),
    ("condition M79.12", "fibromyalgia_widespread", "......."),
    ("condition E03.9", "endocrinopathy_diffuse_tp", "WWWWWWW"),
    (
        "answer untreated_endocrinopathy",
        "endocrinopathy_diffuse_tp",
        "WWWWWWW",
    ),
    ("condition G44.41", "medication_overuse", "ooooooo"),
    ("answer medication_overuse", "medication_overuse", "ooooooo"),
];

/// Writes what the text says into the patient and the plan.
fn set(text: &str, patient: &mut PatientFacts, planned: &mut PlannedProcedure) {
    let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
    let words: Vec<&str> = rest.split_whitespace().collect();
    if let [.., "head"] = words[..] {
        "head".clone_into(&mut planned.sites[0].region);
    }
    let class = |word: &str| MedicationClass::parse(word).unwrap();
    match kind {
        "allergy" => patient.allergies.push(allergy(rest)),
        "condition" => patient.conditions.push(rest.to_owned()),
        "active" => {
            patient.conditions.push(rest.to_owned());
            patient.active_conditions.push(rest.to_owned());
        }
        "temperature" => patient.temperature_celsius = Some(decimal(rest)),
        "answer" => {
            patient.answers.insert(words[0].to_owned());
        }
        "finding" => {
            planned.sites[0].site_findings.insert(words[0].to_owned());
        }
        "laboratory" => patient
            .laboratory
            .push(laboratory_value(words[0], words[1])),
        "medication" => patient.medications.push(medication(class(rest), None)),
        "ended" => patient.medications.push(Medication {
            is_active: false,
            ..medication(class(rest), None)
        }),
        "taken" => {
            let ago = TimeDelta::seconds(words[1].parse().unwrap());
            patient.medications.push(Medication {
                last_taken_at: Some(at(NOW) - ago),
                ..medication(class(words[0]), None)
            });
        }
        "atc" => patient.medications.push(Medication {
            atc_code: Some(rest.to_owned()),
            ..named("any")
        }),
        "cleared" => {
            patient.conditions.push(rest.to_owned());
            patient.answers.extend(
                ["bleeding", "neuromuscular"].map(|what| format!("{what}_cleared_by_specialist")),
            );
        }
        "cleaned" => {
            planned.skin_preparation = SkinPreparation::parse(words[0]);
            patient.allergies.push(allergy(words[1]));
        }
        "stopped" => patient.medications.push(Medication {
            is_active: false,
            last_taken_at: Some(at(NOW) - TimeDelta::seconds(words[1].parse().unwrap())),
            ..named(words[0])
        }),
        "called" => patient.medications.push(named(rest)),
        "pregnant" => patient.pregnancy = Pregnancy::Pregnant,
        "maybe" => {
            patient.pregnancy = Pregnancy::Unknown;
            patient.sex = Sex::parse(words[0]).unwrap();
            patient.age_years = words[1].parse().unwrap();
        }
        "breastfeeding" => patient.is_breastfeeding = true,
        "age" => patient.age_years = rest.parse().unwrap(),
        "weight" => {
            patient.weight_kg = Some(measured(words[0], NOW));
            patient.height_cm = words.get(1).copied().map(decimal);
        }
        _ => panic!("what is {text}?"),
    }
}

#[test]
fn every_row_speaks_for_its_drugs_and_from_its_bound_on() {
    let mut table = Table::default();
    for (text, code, comes_out) in ROWS {
        for (syringe, expected) in SYRINGES.into_iter().zip(comes_out.chars()) {
            let mut patient = facts();
            let mut planned = if syringe.is_empty() {
                dry(vec![site("temporalis left", "0", None)])
            } else {
                plan(&[syringe])
            };
            set(text, &mut patient, &mut planned);
            let expected = match expected {
                'B' => Some(Block),
                'W' => Some(Warn),
                'o' => Some(Ok),
                '?' => Some(Indeterminate),
                _ => None,
            };
            table.expect((&patient, &planned), code, expected, &|| {
                format!("{text} with {syringe:?}")
            });
        }
    }
    assert_eq!(table.cases, 247 * 7);
}
