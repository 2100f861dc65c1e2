"""Reasons not to inject: every row of the checklist, allergies and medicines."""

from datetime import date, timedelta
from fractions import Fraction

from doses import body_mass_index, classes, drug_of, listed
from names import has, is_asked_back
from shipped import RULES
from sites import is_over_both_lungs
from times import instant

STATUS = {"absolute": "block", "relative": "warn", "inform": "ok"}
STRICTNESS = ["ok", "warn", "indeterminate", "block"]
RISKY_MEDICINES = [word for group in RULES["medication_groups"] for word in group["words"]]
KNOWN_MEDICINES = RISKY_MEDICINES + RULES["known_medicines"]["words"]
RISKY_ALLERGENS = [word for group in RULES["allergy_groups"] if not group.get("is_irrelevant") for word in group["words"]]
KNOWN_ALLERGENS = [word for group in RULES["allergy_groups"] for word in group["words"]]


def components(case):
    return [drug_of(part) for parts in case["plan"]["solutions"] for part in parts]


def is_about(row, case):
    """Whether what the row applies to is in the plan."""
    drugs, sites, target = components(case), case["plan"]["sites"], row["applies_to"]
    if target in ("any", "preservative"):
        return True
    if target in ("amide", "ester"):
        return any(drug.get("group") == target for drug in drugs)
    if target == "local_anaesthetic_with_vasoconstrictor":
        return any(drug.get("vasoconstrictor") or drug["class"] == "vasoconstrictor" for drug in drugs)
    if target == "both_lung_sides":
        return is_over_both_lungs(case)
    if target in ("site", "head_site", "lung_site"):
        return bool(sites_of(row, case))
    return target in classes(case)


def sites_of(row, case):
    def concerns(site):
        if row["applies_to"] == "head_site":
            return site["region"] == "head"
        if row["applies_to"] in ("lung_site", "both_lung_sides"):
            return any(flag.startswith(RULES["site"]["lung_flag_prefix"]) for flag in site["flags"])
        return True
    return [site for site in case["plan"]["sites"] if concerns(site)]


def is_narrowed_to(row, case):
    only, patient = row.get("only_if", {}), case["patient"]
    if only.get("sex", patient["sex"]) != patient["sex"]:
        return False
    if not only.get("age_from", 0) <= patient["age"] <= only.get("age_to", 999):
        return False
    if set(only.get("unless_answers", [])) & set(patient["answers"]):
        return False
    if only.get("skin_preparations") and (case["plan"]["skin"] or "unknown") not in only["skin_preparations"]:
        return False
    preservatives = only.get("preservatives")
    return not preservatives or any(drug["usual_preservative"] in preservatives for drug in components(case))


def group_has(group, allergy):
    return any(has(allergy, word) for word in group["words"])


def has_code(medicine, prefixes):
    code = "".join((medicine["atc"] or "").split()).upper()
    return any(code.startswith(prefix) for prefix in prefixes)


def acts(medicine, row, case):
    """Whether a medicine of the row is taken, or was taken so lately that it still acts."""
    trigger = row["trigger"]
    wanted = trigger.get("medication_classes", [])
    groups = [group for group in RULES["medication_groups"] if group["class"] in wanted]
    is_one = medicine["class"] in wanted or has_code(medicine, trigger.get("atc_prefixes", []))
    if not is_one and not any(has(medicine["name"], word) for group in groups for word in group["words"]):
        return False
    days = []
    for group in groups:
        own = [
            row["days"] for row in group.get("wash_outs", [])
            if has_code(medicine, row["atc_prefixes"]) or any(has(medicine["name"], word) for word in row["words"])
        ]
        days += [max(own)] if own else [group["wash_out_days"]] if "wash_out_days" in group else []
    if days and medicine["last_taken_at"]:
        return instant(case["now"]) - instant(medicine["last_taken_at"]) <= timedelta(days=max(days))
    return medicine["active"]


def is_beyond(bound, value):
    value = Fraction(value)
    return (
        ("above" in bound and value > Fraction(bound["above"]))
        or ("at_least" in bound and value >= Fraction(bound["at_least"]))
        or ("below" in bound and value < Fraction(bound["below"]))
    )


def laboratory(row, case):
    """Whether the last values of their kind lie beyond a bound: those that count, and those too old."""
    today = instant(case["now"]).date()
    ages = {row["code"]: row["days"] for row in RULES["laboratory_ages"]}
    current = outdated = False
    for bound in row["trigger"].get("laboratory", []):
        own = [value for value in case["patient"]["laboratory"] if value["code"] == bound["code"]]
        last = max((value["taken_on"] for value in own), default=None)
        for value in own:
            if value["taken_on"] != last or not is_beyond(bound, value["value"]):
                continue
            age = (today - date.fromisoformat(last)).days
            if 0 <= age <= ages[bound["code"]]:
                current = True
            else:
                outdated = True
    return current, outdated


def is_set_off(row, case):
    trigger, patient = row["trigger"], case["patient"]
    groups = [group for group in RULES["allergy_groups"] if group["code"] in trigger.get("allergies", [])]
    index = body_mass_index(patient)
    kg = Fraction(patient["weight"]["kg"]) if patient["weight"] else None
    heat = Fraction(patient["temperature"]) if patient["temperature"] else None
    return any([
        any(listed(code, trigger.get("conditions", [])) for code in patient["conditions"]),
        any(listed(code, trigger.get("active_conditions", [])) for code in patient["active_conditions"]),
        any(group_has(group, allergy) for group in groups for allergy in patient["allergies"]),
        any(listed(code, group.get("condition_prefixes", [])) for group in groups for code in patient["conditions"]),
        any(acts(medicine, row, case) for medicine in patient["medications"]),
        set(trigger.get("answers", [])) & set(patient["answers"]),
        patient["pregnancy"] in trigger.get("pregnancy", []),
        trigger.get("is_breastfeeding") and patient["breastfeeding"],
        heat is not None and "temperature_at_least" in trigger and heat >= Fraction(trigger["temperature_at_least"]),
        kg is not None and "weight_kg_below" in trigger and kg < Fraction(trigger["weight_kg_below"]),
        "age_above" in trigger and patient["age"] > trigger["age_above"],
        "age_below" in trigger and patient["age"] < trigger["age_below"],
        index is not None and "body_mass_index_at_least" in trigger and index >= Fraction(trigger["body_mass_index_at_least"]),
        index is not None and "body_mass_index_below" in trigger and index < Fraction(trigger["body_mass_index_below"]),
        any(set(site["findings"]) & set(trigger.get("site_findings", [])) for site in sites_of(row, case)),
    ])


def checklist(case, checks):
    for row in RULES["contraindications"]:
        if not is_narrowed_to(row, case) or not is_about(row, case):
            continue
        current, outdated = laboratory(row, case)
        if current or is_set_off(row, case):
            status = STATUS[row["severity"]]
        elif outdated:
            status = "indeterminate" if row["severity"] == "absolute" else STATUS[row["severity"]]
        else:
            continue
        known = checks.get(row["code"], "ok")
        checks[row["code"]] = max(known, status, key=STRICTNESS.index)


def is_allergic_to(allergy, drug):
    return has(allergy, drug["ingredient"]) or has(allergy, drug["name"]) or any(
        group["code"] == drug["ingredient"] and group_has(group, allergy) for group in RULES["allergy_groups"]
    )


def allergies(case, checks):
    drugs = components(case)
    for allergy in case["patient"]["allergies"]:
        if any(is_allergic_to(allergy, drug) for drug in drugs):
            checks["allergy_planned_drug"] = "block"
        elif is_asked_back(allergy, RISKY_ALLERGENS, KNOWN_ALLERGENS):
            checks["allergy_misspelt"] = "indeterminate"
        elif not any(group_has(group, allergy) for group in RULES["allergy_groups"]):
            checks["allergy_unrecognised"] = "warn"


def medicines(case, checks):
    for medicine in case["patient"]["medications"]:
        if not medicine["active"] or medicine["class"] or medicine["atc"]:
            continue
        if is_asked_back(medicine["name"], RISKY_MEDICINES, KNOWN_MEDICINES):
            checks["medication_misspelt"] = "indeterminate"
        elif not any(has(medicine["name"], word) for word in KNOWN_MEDICINES):
            checks["medication_unrecognised"] = "ok"
