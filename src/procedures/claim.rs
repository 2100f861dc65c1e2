//! The codes of a procedure, and what a payer would ask.
//!
//! Codes follow from what is recorded. A payer's answer informs and stops nothing. Relief after the
//! session before is worked out from the pain found at its points since, conservative care is read from
//! the treatment plan and the diary. What the record does not show (whether the duration fits the drug)
//! is answered as missing documentation, never guessed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

use crate::findings::{self, Muscle, MuscleKind, PointId};
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::local_time::local_date;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::stock::{Lot, LotId, lots_with_ids};

use super::measured_relief::{PainBefore, PainFound, measured_relief};
use super::procedure::{Procedure, ProcedureId};
use super::read::{ReadProcedure, ReadProcedureError, read_procedure};
use super::store::{self, DaySite, EarlierSession, FindingsRow};
use super::syringe::Syringe;
use tautband_rules::coding::conservative_care::{ConservativeCare, PlanOfDay};
use tautband_rules::coding::drugs::{BilledDrug, DrugLine, drug_lines};
use tautband_rules::coding::muscles::{
    BothSides, CodedSite, CountedAs, ProcedureCoding, code_procedure,
};
use tautband_rules::coding::payer::{
    Circumstance, MeasuredRelief, PayerCheck, PayerRules, PayerSession, PriorSession, TreatedPlace,
    check_payer, missing_documentation,
};
use tautband_rules::dose::{Amount, VolumeMl};
use tautband_rules::exact::Exact;
use tautband_rules::formulary::DrugClass;
use tautband_rules::kind::ProcedureKind;
use tautband_rules::shipped::{coding, formulary};
use tautband_rules::solution::VialKind;

action!(
    /// Reading the codes of a procedure.
    ReadCoding, "procedures.coding", record, [Provider, Assistant]
);

impl May<ReadProcedure> for ReadCoding {}

/// No payer looks back further.
const LOOK_BACK: Months = Months::new(13);

/// What would go on a claim.
pub(super) struct Claim {
    pub(super) procedure: ProcedureCoding,
    pub(super) drugs: Vec<DrugLine>,
    pub(super) icd10: Vec<String>,
    pub(super) payer_code: String,
    pub(super) payer_checks: Vec<PayerCheck>,
    pub(super) missing_documentation: Vec<String>,
    pub(super) table_version: String,
}

/// Why there are no codes to read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadCodingError {
    #[error(transparent)]
    Read(#[from] ReadProcedureError),
    #[error("no such payer")]
    UnknownPayer,
    #[error("the payer has no rules for this kind of procedure")]
    OtherKind,
    #[error("what is recorded does not fit together")]
    Inconsistent,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReadCodingError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::Read(error) => error.problem(),
            Self::UnknownPayer => Problem::field("#/query/payer", "names no payer rules here"),
            Self::OtherKind => Problem::field(
                "#/query/payer",
                "has no rules for this kind of procedure; leave it out to ask the usual ones",
            ),
            Self::Inconsistent => Problem::new(&problem::INTERNAL),
            Self::Database(error) => error.into(),
        }
    }
}

/// The codes of a procedure as it is recorded now.
pub(super) async fn read_coding(
    transaction: &Transaction<'_, ReadCoding>,
    id: ProcedureId,
    payer: Option<&str>,
) -> Result<Claim, ReadCodingError> {
    let named = named_payer(payer)?;
    let procedure = read_procedure(transaction, id).await?;
    let rules = named
        .or_else(|| coding().usual_payer(procedure.kind))
        .filter(|rules| rules.kinds.contains(&procedure.kind))
        .ok_or(ReadCodingError::OtherKind)?;
    let at = procedure.ended_at().unwrap_or_else(|| transaction.now());
    let since = at
        .checked_sub_months(LOOK_BACK)
        .unwrap_or(DateTime::UNIX_EPOCH);
    let codes: Vec<&str> = procedure
        .injections
        .iter()
        .map(|site| site.place.muscle_code.as_str())
        .collect();
    let lot_ids: Vec<LotId> = procedure.drawn_from_lots().into_keys().collect();
    let (zone, lots, muscles, mut earlier, findings, day) = pipelined!(
        store::zone_of_visit(transaction, procedure.visit_id),
        lots_with_ids(transaction, &lot_ids),
        findings::muscles(transaction, &codes),
        store::earlier_sessions(transaction, &procedure, since),
        store::findings_of_points(transaction, procedure.visit_id),
        store::sites_around(transaction, &procedure, at),
    )?;
    let on = local_date(zone, at);
    let around = around_day(transaction, &procedure, (zone, on), day).await?;
    let drugs = drug_claims(&procedure, &lots, on).ok_or(ReadCodingError::Inconsistent)?;
    let coded = code_of_day(&procedure, &around, on);
    let mut session = session(&procedure, &muscles, &findings, on);
    session.drugs.clone_from(&drugs);
    around.care_beside(&mut session);
    earlier.retain(|row| local_date(zone, row.ended_at) != on);
    let mut prior = prior_sessions(&earlier, |at| local_date(zone, at));
    if let Some(asked) = rules.relief_percent
        && let Some(last) = prior.iter_mut().max_by_key(|session| session.on)
    {
        last.relief = relief_after(transaction, &earlier, (asked, at), |at| {
            local_date(zone, at)
        })
        .await?;
    }
    let mut payer_checks = check_payer(rules, &session, &prior);
    payer_checks.push(coding().indications.check(&procedure.indication_codes));
    Ok(Claim {
        procedure: coded,
        drugs,
        icd10: procedure.indication_codes,
        payer_code: rules.code.clone(),
        missing_documentation: missing_documentation(&payer_checks),
        payer_checks,
        table_version: coding().version.clone(),
    })
}

/// The rules of the payer that was named.
fn named_payer(code: Option<&str>) -> Result<Option<&'static PayerRules>, ReadCodingError> {
    let rules = |code| coding().payer(code).ok_or(ReadCodingError::UnknownPayer);
    code.map(rules).transpose()
}

/// What belongs to the day of a procedure.
struct AroundDay {
    /// The needle sites of the person in all procedures of the day, the earliest first.
    sites: Vec<DaySite>,
    /// The members of the groups among their muscles.
    members: BTreeMap<String, Vec<String>>,
    care: ConservativeCare,
}

impl AroundDay {
    /// Writes what the plan and the diary show into what a payer looks at.
    fn care_beside(&self, session: &mut PayerSession) {
        session.conservative_care_days = self.care.days;
        if self.care.is_ongoing {
            let ongoing = Circumstance::OngoingProgramme;
            session.circumstances.insert(ongoing);
        }
    }
}

async fn around_day(
    transaction: &Transaction<'_, ReadCoding>,
    procedure: &Procedure,
    (zone, on): (Tz, NaiveDate),
    mut sites: Vec<DaySite>,
) -> Result<AroundDay, DatabaseError> {
    sites.retain(|site| local_date(zone, site.injected_at) == on);
    let codes: Vec<&str> = sites.iter().map(|site| site.muscle_code.as_str()).collect();
    let (members, plans, diary) = pipelined!(
        store::group_members(transaction, &codes),
        store::plans_of(transaction, procedure.patient_id),
        store::last_diary_day(transaction, procedure.patient_id, on),
    )?;
    let plans: Vec<PlanOfDay> = plans
        .into_iter()
        .map(|(at, status, content)| store::plan_of_day(local_date(zone, at), &status, content))
        .collect();
    Ok(AroundDay {
        care: coding().conservative_therapies.shown(&plans, diary, on),
        sites,
        members,
    })
}

/// The one code of the day: over everything that was needled in it, and given with the first procedure.
fn code_of_day(procedure: &Procedure, around: &AroundDay, on: NaiveDate) -> ProcedureCoding {
    let (day, members) = (&around.sites, &around.members);
    let sites: Vec<CodedSite> = day.iter().map(|site| coded_site(site, members)).collect();
    let mut coded = code_procedure(procedure.kind, &sites, on, BothSides::Once, coding());
    let first = day.first().map(|site| site.procedure_id);
    if let Some(first) = first.filter(|first| *first != procedure.id) {
        let has_own = day.iter().any(|site| site.procedure_id == procedure.id);
        coded.code = None;
        if has_own {
            coded.notices.push(format!(
                "The needles of a day are coded once: those of this one with procedure {first}."
            ));
        }
    } else if day.iter().any(|site| site.procedure_id != procedure.id) {
        let notice = "The code stands for all procedures of this day.";
        coded.notices.push(notice.to_owned());
    }
    coded
}

fn coded_site(site: &DaySite, members: &BTreeMap<String, Vec<String>>) -> CodedSite {
    let counted_as = match (site.muscle_kind, &site.parent_code) {
        (MuscleKind::Part, Some(whole)) => CountedAs::PartOf(whole.clone()),
        (MuscleKind::Group, _) => {
            CountedAs::Group(members.get(&site.muscle_code).cloned().unwrap_or_default())
        }
        _ => CountedAs::Muscle,
    };
    CodedSite {
        muscle_code: site.muscle_code.clone(),
        counted_as,
        side: site.side.0,
        is_dry: site.solution_id.is_none(),
    }
}

/// Claim lines of every drug, by drug and kind of vial; `None` when a dose cannot be calculated.
fn drug_claims(procedure: &Procedure, lots: &[Lot], on: NaiveDate) -> Option<Vec<DrugLine>> {
    let mut billed: BTreeMap<(String, bool), BilledDrug> = BTreeMap::new();
    for syringe in &procedure.syringes {
        let injected = procedure.injected_ml(syringe.id);
        for drug in billed_of(syringe, injected, lots)? {
            let key = (drug.drug_code.clone(), drug.vial == VialKind::Multi);
            match billed.remove(&key) {
                None => billed.insert(key, drug),
                Some(before) => billed.insert(key, add(&before, &drug)?),
            };
        }
    }
    let lines: Option<Vec<Vec<DrugLine>>> = billed
        .values()
        .filter(|drug| !drug.given_volume.is_zero())
        .map(|drug| drug_lines(drug, on, coding()).ok())
        .collect();
    Some(lines?.into_iter().flatten().collect())
}

fn billed_of(syringe: &Syringe, injected_ml: Decimal, lots: &[Lot]) -> Option<Vec<BilledDrug>> {
    let whole = Exact::from_decimal(syringe.volume_ml).ok()?;
    let given_share = Exact::from_decimal(injected_ml)
        .ok()?
        .checked_div(whole)
        .ok()?;
    let left_share = Exact::from_decimal(syringe.volume_ml - injected_ml)
        .ok()?
        .checked_div(whole)
        .ok()?;
    let mut billed = Vec::new();
    for component in &syringe.components {
        let Some(concentration) = component.concentration else {
            continue;
        };
        let volume = Exact::from_decimal(component.volume_ml).ok()?;
        let amount = |share: Exact| -> Option<Amount> {
            concentration
                .amount_in(volume.checked_mul(share).ok()?)
                .ok()
        };
        let shown = |share: Exact| -> Option<VolumeMl> {
            VolumeMl::new(volume.checked_mul(share).ok()?.rounded(6)?).ok()
        };
        let lot = lots.iter().find(|lot| lot.id == component.lot_id)?;
        billed.push(BilledDrug {
            drug_code: component.drug_code.clone(),
            given: amount(given_share)?,
            given_volume: shown(given_share)?,
            wasted: amount(left_share)?,
            wasted_volume: shown(left_share)?,
            vial: lot.vial_type.into(),
        });
    }
    Some(billed)
}

fn add(left: &BilledDrug, right: &BilledDrug) -> Option<BilledDrug> {
    Some(BilledDrug {
        drug_code: left.drug_code.clone(),
        given: left.given.checked_add(right.given).ok()?,
        given_volume: left.given_volume.checked_add(right.given_volume).ok()?,
        wasted: left.wasted.checked_add(right.wasted).ok()?,
        wasted_volume: left.wasted_volume.checked_add(right.wasted_volume).ok()?,
        vial: left.vial,
    })
}

fn session(
    procedure: &Procedure,
    muscles: &[Muscle],
    findings: &[FindingsRow],
    on: NaiveDate,
) -> PayerSession {
    let place = |injection: &super::injection::Injection| {
        let code = &injection.place.muscle_code;
        let muscle = muscles.iter().find(|muscle| muscle.code == *code)?;
        Some(TreatedPlace {
            muscle_code: code.clone(),
            counted_as: whole(muscle.kind, muscle.parent_code.as_ref(), code),
            side: injection.place.side,
            region: muscle.anatomy.home.region.as_str().to_owned(),
        })
    };
    let places: BTreeSet<TreatedPlace> = procedure.injections.iter().filter_map(place).collect();
    let found = |injection: &super::injection::Injection| {
        let point_id = injection.place.point_id?;
        findings
            .iter()
            .find(|row| row.point_id == point_id)
            .map(FindingsRow::count)
    };
    let fewest = procedure
        .injections
        .iter()
        .map(|site| found(site).unwrap_or(0))
        .min();
    let is_biologic = |code: &str| {
        formulary()
            .find(code)
            .is_some_and(|drug| drug.class == DrugClass::Biologic)
    };
    let mut components = procedure
        .syringes
        .iter()
        .flat_map(|syringe| &syringe.components);
    let has_biologic = components.any(|component| is_biologic(&component.drug_code));
    PayerSession {
        on,
        kind: procedure.kind,
        indications: procedure.indication_codes.clone(),
        places: places.into_iter().collect(),
        drugs: Vec::new(),
        findings: fewest.unwrap_or(0),
        conservative_care_days: None,
        circumstances: if has_biologic {
            BTreeSet::from([Circumstance::BiologicInjectate])
        } else {
            BTreeSet::new()
        },
        missing_record_elements: missing_elements(procedure),
    }
}

/// The whole muscle for a part, else the muscle itself.
fn whole(kind: MuscleKind, parent: Option<&String>, code: &str) -> String {
    let whole = parent.filter(|_| kind == MuscleKind::Part);
    whole.cloned().unwrap_or_else(|| code.to_owned())
}

/// What the record of a session has to name and does not.
fn missing_elements(procedure: &Procedure) -> Vec<String> {
    let is_wet = procedure.kind != ProcedureKind::DryNeedling;
    let has_relief = procedure
        .injections
        .iter()
        .any(|site| site.needle.pain_nrs_before.is_some() && site.needle.pain_nrs_after.is_some());
    let elements = [
        (procedure.indication_codes.is_empty(), "a diagnosis code"),
        (
            procedure.injections.is_empty(),
            "the places that were needled",
        ),
        (
            is_wet && procedure.syringes.is_empty(),
            "the drug and its amount",
        ),
        (!has_relief, "the immediate relief: pain before and after"),
        (
            procedure.ended_at().is_none(),
            "the completion of the procedure",
        ),
    ];
    let missing = elements.into_iter().filter(|(is_missing, _)| *is_missing);
    missing.map(|(_, name)| name.to_owned()).collect()
}

/// The relief after the latest of the earlier sessions, from what was found at its points since.
async fn relief_after(
    transaction: &Transaction<'_, ReadCoding>,
    earlier: &[EarlierSession],
    (asked_percent, until): (Decimal, DateTime<Utc>),
    day: impl Fn(DateTime<Utc>) -> NaiveDate,
) -> Result<MeasuredRelief, DatabaseError> {
    let Some(ended_at) = earlier.iter().map(|row| row.ended_at).max() else {
        return Ok(MeasuredRelief::default());
    };
    let before: Vec<PainBefore> = earlier
        .iter()
        .filter(|row| row.ended_at == ended_at)
        .filter_map(|row| {
            Some(PainBefore {
                point_id: row.point_id?,
                pain_nrs: row.pain_nrs_before?,
            })
        })
        .collect();
    let points: Vec<PointId> = before.iter().map(|pain| pain.point_id).collect();
    let found = store::pains_found(transaction, &points, (ended_at, until)).await?;
    let found: Vec<PainFound> = found
        .into_iter()
        .map(|(point_id, pain_nrs, at)| PainFound {
            point_id,
            pain_nrs,
            on: day(at),
        })
        .collect();
    let session_on = day(ended_at);
    Ok(measured_relief(session_on, &before, &found, asked_percent))
}

/// The days before on which something was treated; several procedures of a day are one session.
fn prior_sessions(
    earlier: &[EarlierSession],
    day: impl Fn(DateTime<Utc>) -> NaiveDate,
) -> Vec<PriorSession> {
    let mut sessions: BTreeMap<NaiveDate, PriorSession> = BTreeMap::new();
    for row in earlier {
        let on = day(row.ended_at);
        let session = sessions.entry(on).or_insert_with(|| PriorSession {
            on,
            places: Vec::new(),
            relief: MeasuredRelief::default(),
        });
        session.places.push(TreatedPlace {
            muscle_code: row.muscle_code.clone(),
            counted_as: whole(row.muscle_kind, row.parent_code.as_ref(), &row.muscle_code),
            side: row.side.0,
            region: row.region.clone(),
        });
    }
    sessions.into_values().collect()
}
