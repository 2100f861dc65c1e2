//! Answers questions about doses, reasons against and codes, one line of JSON each: what
//! `tests/oracle/compare` holds against an implementation that is not this one.
//!
//! A line is a case of `tests/oracle/cases.py`. The answer names each check with its status, or the codes.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{BufRead, Write};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use serde_with::{DisplayFromStr, serde_as};
use uuid::Uuid;

use tautband_rules::coding::drugs::{BilledDrug, WasteModifier, drug_lines};
use tautband_rules::coding::muscles::{BothSides, CodedSite, CountedAs, code_procedure};
use tautband_rules::dose::{Amount, AmountUnit, Concentration, ConcentrationUnit, Mass, VolumeMl};
use tautband_rules::exact::Exact;
use tautband_rules::expiry::ExpiryDate;
use tautband_rules::formulary::DrugClass;
use tautband_rules::kind::{ProcedureKind, Side, SkinPreparation};
use tautband_rules::safety::facts::{
    Allergy, Consent, LaboratoryValue, Measured, Medication, MedicationClass, PatientFacts, Place,
    PlannedNeedle, PlannedProcedure, PlannedSite, Pregnancy, PreviousDose, PreviousSite, Sex,
    UnreadableDose,
};
use tautband_rules::safety::{assess, concentration};
use tautband_rules::shipped::{coding, formulary, shipped_rules};
use tautband_rules::solution::{Component, DrawnLot, LotStanding, Solution, VialKind};

type Answer<T> = Result<T, Box<dyn Error>>;

#[derive(Deserialize)]
struct SafetyCase {
    now: DateTime<Utc>,
    patient: Patient,
    doses: Vec<Dose>,
    unreadable: Vec<Unreadable>,
    sites_before: Vec<SiteBefore>,
    plan: Plan,
}

#[serde_as]
#[derive(Deserialize)]
struct Weight {
    #[serde_as(as = "DisplayFromStr")]
    kg: Decimal,
    at: DateTime<Utc>,
}

#[serde_as]
#[derive(Deserialize)]
struct Patient {
    age: u16,
    sex: Sex,
    weight: Option<Weight>,
    earlier_weight: Option<Weight>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    height_cm: Option<Decimal>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    temperature: Option<Decimal>,
    pregnancy: Pregnancy,
    breastfeeding: bool,
    allergies: Vec<String>,
    medications: Vec<Medicine>,
    conditions: Vec<String>,
    active_conditions: Vec<String>,
    laboratory: Vec<Laboratory>,
    answers: BTreeSet<String>,
    consent: Consent,
}

#[derive(Deserialize)]
struct Medicine {
    name: String,
    class: Option<MedicationClass>,
    atc: Option<String>,
    last_taken_at: Option<DateTime<Utc>>,
    active: bool,
}

#[serde_as]
#[derive(Deserialize)]
struct Laboratory {
    code: String,
    #[serde_as(as = "DisplayFromStr")]
    value: Decimal,
    taken_on: NaiveDate,
}

#[derive(Deserialize, Clone)]
struct Spot {
    muscle: String,
    counted_as: String,
    group: Option<String>,
    side: Side,
}

#[serde_as]
#[derive(Deserialize)]
struct Dose {
    session: u64,
    ingredient: String,
    class: DrugClass,
    #[serde_as(as = "DisplayFromStr")]
    amount: Decimal,
    unit: AmountUnit,
    #[serde_as(as = "DisplayFromStr")]
    epinephrine_per_ml_mcg: Decimal,
    #[serde_as(as = "DisplayFromStr")]
    carried_mcg: Decimal,
    given_at: DateTime<Utc>,
    place: Option<Spot>,
}

#[derive(Deserialize)]
struct Unreadable {
    drug: String,
    class: Option<DrugClass>,
    given_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct SiteBefore {
    place: Spot,
    flags: Vec<String>,
    at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Plan {
    kind: ProcedureKind,
    indications: Vec<String>,
    skin: Option<SkinPreparation>,
    solutions: Vec<Vec<Part>>,
    sites: Vec<Site>,
}

#[serde_as]
#[derive(Deserialize)]
struct Part {
    drug: String,
    #[serde_as(as = "Option<DisplayFromStr>")]
    value: Option<Decimal>,
    unit: Option<ConcentrationUnit>,
    #[serde_as(as = "DisplayFromStr")]
    ml: Decimal,
}

#[serde_as]
#[derive(Deserialize)]
struct Site {
    place: Spot,
    region: String,
    flags: Vec<String>,
    acknowledged: bool,
    findings: BTreeSet<String>,
    #[serde_as(as = "DisplayFromStr")]
    ml: Decimal,
    solution: Option<usize>,
    needle: Option<Needle>,
}

#[derive(Deserialize)]
struct Needle {
    length_mm: u16,
    longest_usual_mm: Option<u16>,
    aspirated: bool,
}

#[derive(Deserialize)]
struct ProcedureCase {
    kind: ProcedureKind,
    both_sides: BothSides,
    on: NaiveDate,
    sites: Vec<CodedCase>,
}

#[derive(Deserialize)]
struct CodedCase {
    muscle: String,
    part_of: Option<String>,
    members: Option<Vec<String>>,
    side: Side,
    dry: bool,
}

#[serde_as]
#[derive(Deserialize)]
struct DrugCase {
    drug: String,
    unit: AmountUnit,
    #[serde_as(as = "DisplayFromStr")]
    given: Decimal,
    #[serde_as(as = "DisplayFromStr")]
    given_ml: Decimal,
    #[serde_as(as = "DisplayFromStr")]
    wasted: Decimal,
    #[serde_as(as = "DisplayFromStr")]
    wasted_ml: Decimal,
    single: bool,
    on: NaiveDate,
}

fn main() -> Answer<()> {
    let mut answers = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let answer = match asked.get("ask").and_then(Value::as_str) {
            Some("safety") => safety(serde_json::from_value(asked)?)?,
            Some("procedure") => procedure(serde_json::from_value(asked)?),
            Some("drug") => drug(&serde_json::from_value(asked)?)?,
            other => return Err(format!("nobody answers {other:?}").into()),
        };
        writeln!(answers, "{answer}")?;
    }
    Ok(())
}

fn safety(case: SafetyCase) -> Answer<Value> {
    let planned = planned(case.plan)?;
    let facts = PatientFacts {
        previous_doses: case.doses.into_iter().map(dose).collect::<Answer<_>>()?,
        unreadable_doses: case.unreadable.into_iter().map(unreadable).collect(),
        previous_sites: case.sites_before.into_iter().map(site_before).collect(),
        ..patient(case.patient, case.now)
    };
    let assessment = assess(&facts, &planned, shipped_rules());
    let unusual = concentration::check(&planned, &formulary().version);
    let checks: BTreeMap<&str, &str> = assessment
        .checks
        .iter()
        .chain(&unusual)
        .map(|check| (check.code.as_str(), check.status.as_str()))
        .collect();
    Ok(json!({ "checks": checks, "observation_minutes": assessment.observation_minutes }))
}

fn patient(known: Patient, now: DateTime<Utc>) -> PatientFacts {
    let weight = |weight: Weight| Measured {
        value: weight.kg,
        measured_at: weight.at,
    };
    PatientFacts {
        assessed_at: now,
        age_years: known.age,
        sex: known.sex,
        weight_kg: known.weight.map(weight),
        earlier_weight_kg: known.earlier_weight.map(weight),
        height_cm: known.height_cm,
        temperature_celsius: known.temperature,
        pregnancy: known.pregnancy,
        is_breastfeeding: known.breastfeeding,
        allergies: known.allergies.into_iter().map(allergy).collect(),
        medications: known.medications.into_iter().map(medication).collect(),
        conditions: known.conditions,
        active_conditions: known.active_conditions,
        laboratory: known.laboratory.into_iter().map(laboratory).collect(),
        answers: known.answers,
        previous_doses: Vec::new(),
        unreadable_doses: Vec::new(),
        previous_sites: Vec::new(),
        consent: known.consent,
        origins: BTreeMap::new(),
    }
}

const fn allergy(substance: String) -> Allergy {
    Allergy {
        substance,
        class: None,
    }
}

fn medication(known: Medicine) -> Medication {
    Medication {
        name: known.name,
        class: known.class,
        atc_code: known.atc,
        last_taken_at: known.last_taken_at,
        is_active: known.active,
    }
}

fn laboratory(known: Laboratory) -> LaboratoryValue {
    LaboratoryValue {
        code: known.code,
        value: known.value,
        taken_on: known.taken_on,
    }
}

fn place(spot: Spot) -> Place {
    Place {
        muscle_code: spot.muscle,
        side: spot.side,
        counted_as: spot.counted_as,
        group: spot.group,
    }
}

fn micrograms(value: Decimal) -> Answer<Mass> {
    Ok(Mass::from_micrograms(Exact::from_decimal(value)?))
}

fn dose(given: Dose) -> Answer<PreviousDose> {
    Ok(PreviousDose {
        session_id: Uuid::from_u128(given.session.into()),
        ingredient: given.ingredient,
        class: given.class,
        amount: Amount::new(given.amount, given.unit)?,
        vasoconstrictor_per_ml: micrograms(given.epinephrine_per_ml_mcg)?,
        carried_vasoconstrictor: micrograms(given.carried_mcg)?,
        given_at: given.given_at,
        place: given.place.map(place),
    })
}

fn unreadable(given: Unreadable) -> UnreadableDose {
    UnreadableDose {
        drug_code: given.drug,
        class: given.class,
        given_at: given.given_at,
    }
}

fn site_before(site: SiteBefore) -> PreviousSite {
    PreviousSite {
        place: place(site.place),
        caution_flags: site.flags,
        needled_at: site.at,
    }
}

fn planned(plan: Plan) -> Answer<PlannedProcedure> {
    Ok(PlannedProcedure {
        kind: plan.kind,
        indications: plan.indications,
        skin_preparation: plan.skin,
        solutions: plan
            .solutions
            .iter()
            .map(|parts| solution(parts))
            .collect::<Answer<_>>()?,
        sites: plan.sites.into_iter().map(site).collect::<Answer<_>>()?,
    })
}

fn solution(parts: &[Part]) -> Answer<Solution> {
    let components = parts.iter().map(component).collect::<Answer<Vec<_>>>()?;
    let total = VolumeMl::sum(components.iter().map(|part| part.volume))?;
    let tolerances = shipped_rules().tolerances();
    Ok(Solution::mix(
        "syringe".to_owned(),
        total,
        components,
        None,
        tolerances,
    )?)
}

fn component(part: &Part) -> Answer<Component> {
    let drug = formulary()
        .find(&part.drug)
        .ok_or("a drug that is not listed")?;
    let concentration = part.value.zip(part.unit);
    Ok(Component {
        drug: drug.clone(),
        concentration: concentration
            .map(|(value, unit)| Concentration::new(value, unit))
            .transpose()?,
        volume: VolumeMl::new(part.ml)?,
        lot: Some(DrawnLot {
            number: format!("lot of {}", part.drug),
            standing: LotStanding::Available,
            expiry: ExpiryDate::on(NaiveDate::MAX),
            remaining: VolumeMl::new(Decimal::from(1_000_000))?,
            vial: VialKind::Single,
            opened_at: None,
            was_used_for_another_patient: false,
            is_elsewhere: false,
            differs_from_last_draw: false,
            strength: None,
            preservative: None,
        }),
    })
}

fn site(site: Site) -> Answer<PlannedSite> {
    Ok(PlannedSite {
        place: place(site.place),
        region: site.region,
        caution_flags: site.flags,
        is_caution_acknowledged: site.acknowledged,
        site_findings: site.findings,
        volume: VolumeMl::new(site.ml)?,
        solution_index: site.solution,
        needle: site.needle.map(|needle| PlannedNeedle {
            length_mm: needle.length_mm,
            longest_usual_mm: needle.longest_usual_mm,
            is_aspirated: needle.aspirated,
        }),
    })
}

fn procedure(case: ProcedureCase) -> Value {
    let site = |site: CodedCase| CodedSite {
        counted_as: match (site.part_of, site.members) {
            (Some(whole), _) => CountedAs::PartOf(whole),
            (None, Some(members)) => CountedAs::Group(members),
            (None, None) => CountedAs::Muscle,
        },
        muscle_code: site.muscle,
        side: site.side,
        is_dry: site.dry,
    };
    let sites: Vec<CodedSite> = case.sites.into_iter().map(site).collect();
    let coded = code_procedure(case.kind, &sites, case.on, case.both_sides, coding());
    json!({ "code": coded.code, "muscle_count": coded.muscle_count })
}

fn drug(case: &DrugCase) -> Answer<Value> {
    let billed = BilledDrug {
        drug_code: case.drug.clone(),
        given: Amount::new(case.given, case.unit)?,
        given_volume: VolumeMl::new(case.given_ml)?,
        wasted: Amount::new(case.wasted, case.unit)?,
        wasted_volume: VolumeMl::new(case.wasted_ml)?,
        vial: if case.single {
            VialKind::Single
        } else {
            VialKind::Multi
        },
    };
    let lines: Vec<Value> = drug_lines(&billed, case.on, coding())?
        .into_iter()
        .map(|line| {
            let units = u64::try_from(line.units).unwrap_or(u64::MAX);
            json!([line.code, units, line.modifier.map(WasteModifier::as_str)])
        })
        .collect();
    Ok(json!({ "lines": lines }))
}
