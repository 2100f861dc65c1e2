"""Doses against their windows and maxima, in exact fractions."""

from datetime import timedelta
from fractions import Fraction

from shipped import FORMULARY, RULES, figure, micrograms_per_ml
from times import instant, months_earlier

DILUENTS = {"saline", "sterile_water", "biologic"}


def drug_of(part):
    return FORMULARY[part["drug"]]


def given(case):
    """Each site with each component of its solution: amount in micrograms or units, and epinephrine around it."""
    for site in case["plan"]["sites"]:
        if site["solution"] is None or site["solution"] >= len(case["plan"]["solutions"]):
            continue
        parts = case["plan"]["solutions"][site["solution"]]
        whole = sum(Fraction(part["ml"]) for part in parts)
        for part in parts:
            drug = drug_of(part)
            if drug["class"] in DILUENTS:
                continue
            share = Fraction(part["ml"]) / whole
            amount = Fraction(site["ml"]) * share * micrograms_per_ml(part["value"], part["unit"])
            yield site, drug, amount, epinephrine_around(drug, parts, whole)


def epinephrine_in(parts):
    total = Fraction(0)
    for part in parts:
        drug = drug_of(part)
        if drug["class"] == "vasoconstrictor":
            total += Fraction(part["ml"]) * micrograms_per_ml(part["value"], part["unit"])
        elif drug.get("vasoconstrictor"):
            carried = drug["vasoconstrictor"]
            total += Fraction(part["ml"]) * micrograms_per_ml(carried["value"], carried["unit"])
    return total


def epinephrine_around(drug, parts, whole):
    """Micrograms a millilitre; a drug that came without has some only where it was added on purpose."""
    added = any(drug_of(part)["class"] == "vasoconstrictor" for part in parts)
    return epinephrine_in(parts) / whole if added or drug.get("vasoconstrictor") else Fraction(0)


def earlier(case, kind, hours):
    """Doses of a class in a window of hours that ends now; its first instant belongs to it."""
    start = instant(case["now"]) - timedelta(hours=int(hours))
    return [dose for dose in case["doses"] if dose["class"] == kind and instant(dose["given_at"]) >= start]


def micrograms(dose):
    return Fraction(dose["amount"]) * {"mg": 1000, "mcg": 1, "units": 1}[dose["unit"]]


def classes(case):
    return {drug_of(part)["class"] for parts in case["plan"]["solutions"] for part in parts}


def listed(code, listed_codes):
    """An ICD-10-CM code under a listed one, or with its category in a listed range."""
    code = code.replace(".", "").strip().upper()
    for row in listed_codes:
        first, _, last = row.replace(".", "").partition("-")
        if (first <= code[:3] <= last and len(code) >= 3) if last else code.startswith(first):
            return True
    return False


def body_mass_index(patient):
    if patient["weight"] is None or patient["height_cm"] is None:
        return None
    height = Fraction(patient["height_cm"]) / 100
    return Fraction(patient["weight"]["kg"]) / (height * height)


def dosing_weight(case):
    """The weight to dose by and whether it is the ideal one; None where there is no usable weight."""
    patient, now = case["patient"], instant(case["now"])
    if patient["weight"] is None:
        return None
    kg, at = Fraction(patient["weight"]["kg"]), instant(patient["weight"]["at"])
    if kg <= 0 or at > now or at < now - timedelta(days=int(figure("weight", "stale_after_days"))):
        return None
    is_adult = patient["age"] >= figure("weight", "adult_from_years")
    if is_adult and not figure("weight", "adult_minimum_kg") <= kg <= figure("weight", "adult_maximum_kg"):
        return None
    before = patient["earlier_weight"]
    if before is not None:
        is_lately = instant(before["at"]) >= at - timedelta(days=int(figure("weight", "change_days")))
        change = abs(kg - Fraction(before["kg"]))
        if is_lately and change > Fraction(before["kg"]) * figure("weight", "change_fraction"):
            return None
    index = body_mass_index(patient)
    if index is None or index <= figure("weight", "ideal_weight_above_bmi"):
        return kg, False
    bases = {sex: figure("weight", f"ideal_base_kg_{sex}") for sex in ("male", "female")}
    base = bases.get(patient["sex"], min(bases.values()))
    over = Fraction(patient["height_cm"]) - figure("weight", "ideal_base_height_cm")
    ideal = base + figure("weight", "ideal_kg_per_step") * over / figure("weight", "ideal_step_cm")
    return (min(ideal, kg), True) if ideal > 0 else None


def is_at_risk(patient):
    rules = RULES["local_anaesthetic"]["reduction"]
    light = patient["weight"] is not None and Fraction(patient["weight"]["kg"]) < Fraction(rules["below_weight_kg"]["value"])
    return (
        patient["age"] > Fraction(rules["above_age_years"]["value"])
        or light
        or (rules["applies_in_pregnancy"] and patient["pregnancy"] == "pregnant")
        or any(listed(code, rules["conditions"]) for code in patient["conditions"])
    )


def local_anaesthetic(case, checks):
    """The share of the maximum; None where it cannot be told."""
    if "local_anaesthetic" not in classes(case):
        return Fraction(0)
    code, rules = "local_anaesthetic_dose", RULES["local_anaesthetic"]
    enough = figure("local_anaesthetic", "minimum_vasoconstrictor_mcg_per_ml")
    amounts = {}
    for _, drug, amount, around in given(case):
        if drug["class"] == "local_anaesthetic":
            key = drug["ingredient"], around >= enough
            amounts[key] = amounts.get(key, 0) + amount
    for dose in earlier(case, "local_anaesthetic", figure("local_anaesthetic", "window_hours")):
        key = dose["ingredient"], Fraction(dose["epinephrine_per_ml_mcg"]) >= enough
        amounts[key] = amounts.get(key, 0) + micrograms(dose)
    weight = dosing_weight(case)
    limits = {row["ingredient"]: row for row in rules["limits"]}
    if weight is None or any(ingredient not in limits for ingredient, _ in amounts):
        checks[code] = "indeterminate"
        return None
    kg, is_ideal = weight
    share = Fraction(0)
    for (ingredient, with_epinephrine), amount in amounts.items():
        row = limits[ingredient]
        ceiling = row["with_vasoconstrictor"] if with_epinephrine and row.get("with_vasoconstrictor") else row["plain"]
        most = min(Fraction(ceiling["milligrams_per_kg"]) * kg, Fraction(ceiling["absolute_milligrams"]))
        if is_at_risk(case["patient"]):
            most *= Fraction(rules["reduction"]["factor"]["value"])
        share += amount / 1000 / most
    block, warn = figure("local_anaesthetic", "block_fraction"), figure("local_anaesthetic", "warn_fraction")
    checks[code] = "block" if share > block else "warn" if share >= warn else "ok"
    if is_ideal:
        checks["ideal_body_weight"] = "ok"
    ingredients = {ingredient for ingredient, _ in amounts}
    for row in rules["mixture_notice"]:
        if len(ingredients) > 1 and row["ingredient"] in ingredients:
            checks[f"{row['ingredient']}_mixture"] = "warn"
    return share


def corticosteroid(case, checks):
    if "corticosteroid" not in classes(case):
        return
    rules, now = RULES["corticosteroid"], instant(case["now"])
    strength = {row["ingredient"]: Fraction(row["equivalent_milligrams"]) for row in rules["equivalents"]}
    reference = strength[rules["reference_ingredient"]]
    planned = [(site, drug, amount) for site, drug, amount, _ in given(case) if drug["class"] == "corticosteroid"]
    total = sum((amount / 1000 * reference / strength[drug["ingredient"]] for _, drug, amount in planned), Fraction(0))
    for dose in earlier(case, "corticosteroid", figure("corticosteroid", "session_hours")):
        total += micrograms(dose) / 1000 * reference / strength[dose["ingredient"]]
    block, warn = figure("corticosteroid", "session_block_milligrams"), figure("corticosteroid", "session_warn_milligrams")
    checks["corticosteroid_dose"] = "block" if total > block else "warn" if total > warn else "ok"
    exposures = [dose for dose in case["doses"] if dose["class"] == "corticosteroid"]
    free = now - timedelta(days=int(figure("corticosteroid", "interval_days")))
    if any(instant(dose["given_at"]) > free for dose in exposures):
        checks["steroid_limit_reached"] = "warn"
    year = months_earlier(now, int(figure("corticosteroid", "same_place_months")))
    for site, _, _ in planned:
        sessions = {
            dose["session"] for dose in exposures
            if dose["place"] and instant(dose["given_at"]) > year and is_same_place(dose["place"], site["place"])
        }
        if len(sessions) + 1 > figure("corticosteroid", "same_place_sessions"):
            checks["steroid_same_place"] = "warn"
    if any(site["region"] in rules["visible_regions"] for site, _, _ in planned):
        checks["steroid_visible_region"] = "warn"
    for parts in case["plan"]["solutions"]:
        drugs = [drug_of(part) for part in parts]
        has_paraben = any(drug["usual_preservative"].startswith("methylparaben") for drug in drugs)
        if has_paraben and any(drug["class"] == "corticosteroid" for drug in drugs):
            checks["paraben_with_steroid"] = "warn"


def is_same_place(one, other):
    """A part stands for its whole muscle, a group for each of its members; the sides are apart."""
    return one["side"] == other["side"] and (
        one["counted_as"] == other["counted_as"]
        or one["group"] == other["muscle"]
        or other["group"] == one["muscle"]
    )


def vitamin_b12(case, checks):
    if "vitamin_b12" not in classes(case):
        return
    session = sum((amount for _, drug, amount, _ in given(case) if drug["class"] == "vitamin_b12"), Fraction(0))
    day = session + sum(micrograms(dose) for dose in earlier(case, "vitamin_b12", figure("vitamin_b12", "day_hours")))
    checks["vitamin_b12_dose"] = "warn" if session > figure("vitamin_b12", "session_warn_micrograms") else "ok"
    if day > session:
        checks["vitamin_b12_day"] = "warn" if day > figure("vitamin_b12", "day_warn_micrograms") else "ok"
    if 0 < session < figure("vitamin_b12", "usual_minimum_micrograms"):
        checks["vitamin_b12_low"] = "ok"
    for parts in case["plan"]["solutions"]:
        for part in parts:
            is_slip = part["unit"] == "mg_per_ml" and Fraction(part["value"]) >= figure("vitamin_b12", "suspicious_milligrams")
            if drug_of(part)["class"] == "vitamin_b12" and is_slip:
                checks["vitamin_b12_unit"] = "warn"


def epinephrine(case, checks):
    total = Fraction(0)
    for site in case["plan"]["sites"]:
        if site["solution"] is not None and site["solution"] < len(case["plan"]["solutions"]):
            parts = case["plan"]["solutions"][site["solution"]]
            total += Fraction(site["ml"]) * epinephrine_in(parts) / sum(Fraction(part["ml"]) for part in parts)
    if total == 0:
        return
    start = instant(case["now"]) - timedelta(hours=int(figure("epinephrine", "window_hours")))
    for dose in case["doses"]:
        if instant(dose["given_at"]) >= start:
            total += Fraction(dose["carried_mcg"])
            total += micrograms(dose) if dose["class"] == "vasoconstrictor" else 0
    rules = RULES["epinephrine"]
    is_ill = any(listed(code, rules["at_risk_conditions"]) for code in case["patient"]["conditions"])
    most = figure("epinephrine", "at_risk_block_micrograms" if is_ill else "block_micrograms")
    much = min(most, figure("epinephrine", "warn_micrograms"))
    checks["epinephrine_dose"] = "block" if total > most else "warn" if total > much else "ok"


def concentrations(case, checks):
    worst = None
    for parts in case["plan"]["solutions"]:
        for part in parts:
            usual = [micrograms_per_ml(one["value"], one["unit"]) for one in drug_of(part)["concentrations"]]
            if not usual or part["value"] is None:
                continue
            own = micrograms_per_ml(part["value"], part["unit"])
            if own in usual:
                continue
            factors = {own / one for one in usual} | {one / own for one in usual}
            is_slip = factors & {10, 100, 1000}
            worst = "block" if is_slip or worst == "block" else "warn"
    if worst:
        checks["unusual_concentration"] = worst


def toxin(case, checks):
    plan, now, rules = case["plan"], instant(case["now"]), RULES["botulinum_toxin"]
    is_toxin = plan["kind"] == "botulinum_toxin"
    if not is_toxin and "botulinum_toxin" not in classes(case):
        return
    sites = [(site, amount) for site, drug, amount, _ in given(case) if drug["class"] == "botulinum_toxin"]
    total = sum((amount for _, amount in sites), Fraction(0))
    total += sum(micrograms(dose) for dose in earlier(case, "botulinum_toxin", figure("botulinum_toxin", "session_hours")))
    most, least = figure("botulinum_toxin", "maximum_units"), figure("botulinum_toxin", "minimum_units")
    checks["toxin_units"] = "block" if total > most else "warn" if total < least else "ok"
    is_within = figure("botulinum_toxin", "minimum_sites") <= len(sites) <= figure("botulinum_toxin", "maximum_sites")
    checks["toxin_sites"] = "ok" if is_within else "warn"
    if any(amount != figure("botulinum_toxin", "units_per_site") for _, amount in sites):
        checks["toxin_units_per_site"] = "warn"
    if not follows_template(sites, rules):
        checks["toxin_template"] = "warn"
    free = now - timedelta(days=int(figure("botulinum_toxin", "interval_days")))
    if any(dose["class"] == "botulinum_toxin" and instant(dose["given_at"]) > free for dose in case["doses"]):
        checks["toxin_interval"] = "warn"
    if is_toxin and not any(listed(code, rules["indication_prefixes"]) for code in plan["indications"]):
        checks["toxin_indication"] = "warn"


def follows_template(sites, rules):
    def is_of(row, site):
        return site["place"]["muscle"] in row["muscle_codes"] or site["place"]["counted_as"] in row["muscle_codes"]
    if any(not any(is_of(row, site) for row in rules["muscles"]) for site, _ in sites):
        return False
    for row in rules["muscles"]:
        own = [(site, amount) for site, amount in sites if is_of(row, site)]
        units, fixed = sum((amount for _, amount in own), Fraction(0)), Fraction(row["fixed_units"])
        if not fixed <= units <= fixed + Fraction(row["extra_units"]):
            return False
        if not row["fixed_sites"] <= len(own) <= row["fixed_sites"] + row["extra_sites"]:
            return False
        for side in ("left", "right"):
            on_side = sum((amount for site, amount in own if site["place"]["side"] == side), Fraction(0))
            if not row["is_midline"] and on_side < fixed / 2:
                return False
    return True
