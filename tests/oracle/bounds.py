"""One case on each side of every bound of the rules, the smallest step away, and one on it."""

import copy
from datetime import date, timedelta
from decimal import Decimal

from cases import DAY, FORMULARY, MUSCLES, NOW, RULES, STEP, ago, code, listed_codes, text

DRUGS = list(FORMULARY.values())


def spot(muscle="temporalis", side="left"):
    name, whole, group, region, flags = next(row for row in MUSCLES if row[0] == muscle)
    return {"muscle": name, "counted_as": whole, "group": group, "side": side}, region, flags


def site(ml, solution=0, muscle="gluteus_medius", side="left", **changes):
    place, region, flags = spot(muscle, side)
    return {"place": place, "region": region, "flags": flags, "acknowledged": False, "findings": [], "ml": str(ml),
            "solution": solution, "needle": None, **changes}


def case(parts=None, ml=None, sites=None, kind="trigger_point_injection", **changes):
    """A healthy man of 45 and 70 kg; `changes` replace facts of the patient."""
    solutions = [parts] if parts else []
    patient = {
        "age": 45, "sex": "male", "weight": {"kg": "70", "at": ago(0)}, "earlier_weight": None, "height_cm": None,
        "temperature": None, "pregnancy": "not_pregnant", "breastfeeding": False, "allergies": [], "medications": [],
        "conditions": [], "active_conditions": [], "laboratory": [], "answers": [], "consent": "given", **changes,
    }
    if sites is None:
        sites = [site(ml)] if parts else [site(0, None)]
    return {"ask": "safety", "now": text(NOW), "patient": patient, "doses": [], "unreadable": [],
            "sites_before": [{"place": spot("procerus", "midline")[0], "flags": [], "at": ago(400 * DAY)}],
            "plan": {"kind": kind, "indications": ["G44.209"], "skin": "alcohol", "solutions": solutions, "sites": sites}}


def part(drug, value, unit, ml=100):
    return {"drug": drug, "value": str(value), "unit": unit, "ml": str(ml)}


def around(value, step=STEP):
    return [Decimal(value) - step, Decimal(value), Decimal(value) + step]


def dosed(drug, value, unit, millilitres, **changes):
    """Volumes around one, rounded to what can be written."""
    middle = Decimal(millilitres).quantize(STEP)
    for ml in around(middle):
        yield case([part(drug, value, unit)], ml, **changes)


def anaesthetics():
    rules = RULES["local_anaesthetic"]
    for limit in rules["limits"]:
        for drug in DRUGS:
            if drug["ingredient"] != limit["ingredient"]:
                continue
            with_epinephrine = drug.get("vasoconstrictor") and limit.get("with_vasoconstrictor")
            row = limit["with_vasoconstrictor"] if with_epinephrine else limit["plain"]
            for kg in ("39.999999", "40", "50", "70", "120", "149.999999"):
                most = min(Decimal(row["milligrams_per_kg"]) * Decimal(kg), Decimal(row["absolute_milligrams"]))
                for age, factor in ((45, 1), (70, 1), (71, Decimal("0.7"))):
                    reduced = most * (Decimal("0.7") if Decimal(kg) < 40 else factor)
                    for share in ("0.8", "1", "0.5"):
                        for one in drug["concentrations"]:
                            per_ml = Decimal(one["value"]) * 10
                            ml = reduced * Decimal(share) / per_ml
                            facts = {"age": age, "weight": {"kg": kg, "at": ago(0)}}
                            yield from dosed(drug["code"], one["value"], "percent", ml, **facts)


def windows():
    spans = [
        ("lidocaine", "local_anaesthetic", "mg", RULES["local_anaesthetic"]["window_hours"], 3600, part("lidocaine", 1, "percent")),
        ("triamcinolone", "corticosteroid", "mg", RULES["corticosteroid"]["session_hours"], 3600,
         part("triamcinolone_acetonide", 40, "mg_per_ml")),
        ("triamcinolone", "corticosteroid", "mg", RULES["corticosteroid"]["interval_days"], DAY,
         part("triamcinolone_acetonide", 40, "mg_per_ml")),
        ("cyanocobalamin", "vitamin_b12", "mcg", RULES["vitamin_b12"]["day_hours"], 3600, part("cyanocobalamin", 1000, "mcg_per_ml")),
        ("onabotulinumtoxin_a", "botulinum_toxin", "units", RULES["botulinum_toxin"]["session_hours"], 3600,
         part("onabotulinumtoxin_a", 50, "units_per_ml")),
        ("onabotulinumtoxin_a", "botulinum_toxin", "units", RULES["botulinum_toxin"]["interval_days"], DAY,
         part("onabotulinumtoxin_a", 50, "units_per_ml")),
        ("epinephrine", "vasoconstrictor", "mcg", RULES["epinephrine"]["window_hours"], 3600,
         part("lidocaine_epinephrine", 1, "percent")),
    ]
    for ingredient, kind, unit, figure, seconds, planned in spans:
        span = int(figure["value"]) * seconds
        for back in (span - 1, span, span + 1):
            one = case([planned], 1)
            one["doses"] = [{"session": 1, "ingredient": ingredient, "class": kind, "amount": "195", "unit": unit,
                             "epinephrine_per_ml_mcg": "0", "carried_mcg": "0", "given_at": ago(back),
                             "place": spot("gluteus_medius")[0]}]
            yield one
    for years, days in ((1, 0), (1, 1), (1, -1)):
        start = NOW.replace(year=NOW.year - years) + timedelta(days=days)
        for seconds in (-1, 0, 1):
            one = case([part("triamcinolone_acetonide", 10, "mg_per_ml")], 1)
            one["doses"] = [
                {"session": number, "ingredient": "triamcinolone", "class": "corticosteroid", "amount": "1", "unit": "mg",
                 "epinephrine_per_ml_mcg": "0", "carried_mcg": "0", "given_at": text(start + timedelta(seconds=seconds)),
                 "place": spot("gluteus_medius")[0]} for number in range(3)
            ]
            yield one


def other_doses():
    for ingredient in RULES["corticosteroid"]["equivalents"]:
        for drug in (one for one in DRUGS if one["ingredient"] == ingredient["ingredient"]):
            for limit in ("session_warn_milligrams", "session_block_milligrams"):
                for one in drug["concentrations"]:
                    milligrams = Decimal(RULES["corticosteroid"][limit]["value"]) * Decimal(ingredient["equivalent_milligrams"]) / 4
                    yield from dosed(drug["code"], one["value"], one["unit"], milligrams / Decimal(one["value"]))
    for micrograms in (100, 1000):
        yield from dosed("cyanocobalamin", 1000, "mcg_per_ml", Decimal(micrograms) / 1000)
    for value in around(100):
        yield case([part("cyanocobalamin", value, "mg_per_ml")], 1)
    for per_ml in (25, 50, 100):
        for units in (5, 155, 195):
            yield from dosed("onabotulinumtoxin_a", per_ml, "units_per_ml", Decimal(units) / per_ml)
    for micrograms in (40, 200, 500):
        for conditions in ([], ["I25.10"], ["E05.90"]):
            yield from dosed("lidocaine_epinephrine", 1, "percent", Decimal(micrograms) / 10, conditions=conditions)
    for drug in DRUGS:
        for one in drug["concentrations"]:
            for times in ("0.001", "0.01", "0.1", "1", "10", "100", "1000", "2", "5"):
                value = Decimal(one["value"]) * Decimal(times)
                is_possible = one["unit"] != "ratio" and (one["unit"] != "percent" or value <= 100)
                if is_possible and value == value.quantize(STEP):
                    yield case([part(drug["code"], value.normalize().to_eng_string(), one["unit"])], "0.1")
    for ml in ("4.999999", "5", "5.000001"):
        yield case([part("lidocaine", 1, "percent", "99.5"), part("epinephrine", 1000, "ratio", "0.5")], ml)
    for tenth in ("0.499999", "0.5", "0.500001"):
        whole = Decimal(100) - Decimal(tenth)
        yield case([part("lidocaine", 1, "percent", whole), part("epinephrine", 1000, "ratio", tenth)], 5)


def bodies():
    for age in (5, 11, 12, 17, 18, 55, 56, 70, 71):
        for sex in ("female", "male", "unknown"):
            yield case([part("lidocaine", 1, "percent")], 1, age=age, sex=sex, pregnancy="unknown")
    for kg, height in (("97.2", "180"), ("101.15", "170"), ("74", "200"), ("25", None), ("350", None), ("40", None)):
        for value in around(kg):
            yield case([part("lidocaine", 1, "percent")], 1, sites=[site(1, muscle="trapezius")],
                       weight={"kg": str(value), "at": ago(0)}, height_cm=height)
    for age in (17, 18):
        for kg in around(25) + around(350):
            yield case([part("saline", "0.9", "percent"), part("lidocaine", 1, "percent")], 1, age=age,
                       weight={"kg": str(kg), "at": ago(0)})
    for sex in ("female", "male", "unknown"):
        for height in ("150", "152.4", "163.5", "180"):
            base = RULES["weight"]["ideal_base_kg_male" if sex == "male" else "ideal_base_kg_female"]["value"]
            ideal = Decimal(base) + Decimal("2.3") * (Decimal(height) - Decimal("152.4")) / Decimal("2.54")
            facts = {"sex": sex, "height_cm": height, "weight": {"kg": "130", "at": ago(0)}}
            for share in ("0.8", "1"):
                yield from dosed("lidocaine", 1, "percent", ideal * Decimal("4.5") * Decimal(share) / 10, **facts)
    for days in (90,):
        for seconds in (days * DAY - 1, days * DAY, days * DAY + 1, -1, 0):
            yield case([part("lidocaine", 1, "percent")], 1, weight={"kg": "70", "at": ago(seconds)})
    for kg in around(84) + around(56):
        for back in (30 * DAY - 1, 30 * DAY, 30 * DAY + 1):
            yield case([part("lidocaine", 1, "percent")], 1, weight={"kg": str(kg), "at": ago(0)},
                       earlier_weight={"kg": "70", "at": ago(back)})
    for heat in around(38):
        yield case(temperature=str(heat))


def laboratories():
    for kind, bounds in {"inr": (3, "4.5"), "platelets": (50, 100), "hba1c": (8,), "glucose": (250,)}.items():
        days = next(row["days"] for row in RULES["laboratory_ages"] if row["code"] == kind)
        for bound in bounds:
            for value in around(bound):
                for age in (-1, 0, days, days + 1):
                    value_of = {"code": kind, "value": str(value), "taken_on": (NOW.date() - timedelta(days=age)).isoformat()}
                    yield case([part("triamcinolone_acetonide", 10, "mg_per_ml")], 1, laboratory=[value_of])


def medicines():
    for group in RULES["medication_groups"]:
        for row in group.get("wash_outs", []):
            for word, atc in [(word, None) for word in row["words"]] + [("any", code) for code in row["atc_prefixes"]]:
                for seconds in (row["days"] * DAY - 1, row["days"] * DAY, row["days"] * DAY + 1):
                    for active in (True, False):
                        one = {"name": word, "class": None, "atc": atc, "last_taken_at": ago(seconds), "active": active}
                        yield case([part("lidocaine_epinephrine", 1, "percent")], 1, medications=[one])
        for word in group["words"]:
            days = group.get("wash_out_days", 1)
            for seconds in (days * DAY, days * DAY + 1):
                one = {"name": word, "class": None, "atc": None, "last_taken_at": ago(seconds), "active": False}
                yield case([part("lidocaine_epinephrine", 1, "percent")], 1, medications=[one])
            yield case([part("lidocaine_epinephrine", 1, "percent")], 1, medications=[
                {"name": word[:-2] + word[-1], "class": None, "atc": None, "last_taken_at": None, "active": True}])
    for group in RULES["allergy_groups"]:
        for word in group["words"]:
            for spelt in (word, word[1:], word[:3] + "x" + word[3:]):
                yield case([part("lidocaine", 1, "percent")], 1, allergies=[spelt])


def conditions():
    import random
    dice = random.Random(7)
    drugs = [None, part("lidocaine", 1, "percent"), part("lidocaine_epinephrine", 1, "percent"),
             part("triamcinolone_acetonide", 10, "mg_per_ml"), part("onabotulinumtoxin_a", 50, "units_per_ml")]
    ends = {end for row in listed_codes() for end in row.split("-")}
    beside = set()
    for end in ends:
        number = end[1:3]
        for step in (-1, 0, 1):
            if number.isdigit() and 0 <= int(number) + step <= 99:
                beside.add(f"{end[0]}{int(number) + step:02}")
    for one in sorted(ends | beside) + [code(dice) for _ in range(200)]:
        for drug in drugs:
            for active in ([], [one]):
                ml = 1 if drug else 0
                yield case([drug] if drug else None, ml, conditions=[one], active_conditions=active)


def places():
    for volume in around(2) + around(5):
        yield case([part("saline", "0.9", "percent")], volume)
    for last in around("1.25"):
        yield case([part("saline", "0.9", "percent")], sites=[site("1.25") for _ in range(31)] + [site(last)])
    for muscle, *_ in MUSCLES:
        for other, *_ in MUSCLES:
            for side in ("left", "right"):
                for seconds in (DAY, DAY + 1, 42 * DAY - 1, 42 * DAY):
                    one = case(sites=[site(0, None, muscle)], kind="dry_needling")
                    place, _, flags = spot(other, side)
                    one["sites_before"] = [{"place": place, "flags": flags, "at": ago(seconds)}]
                    one["patient"]["conditions"] = ["J44.9"] if seconds > DAY else []
                    yield one
    for micrograms in ("0.000001", "500", "900"):
        for ml in around((1000 - Decimal(micrograms)) / 1000):
            one = case([part("cyanocobalamin", 1000, "mcg_per_ml")], ml.quantize(STEP))
            one["doses"] = [{"session": 1, "ingredient": "cyanocobalamin", "class": "vitamin_b12", "amount": micrograms,
                             "unit": "mcg", "epinephrine_per_ml_mcg": "0", "carried_mcg": "0", "given_at": ago(60),
                             "place": spot("gluteus_medius")[0]}]
            yield one
    template = [(row["muscle_codes"][0], row["fixed_sites"], row["extra_sites"]) for row in RULES["botulinum_toxin"]["muscles"]]
    for more in (0, 7, 8, 9):
        sites = [
            site("0.1", 0, muscle, "midline" if muscle == "procerus" else ("left", "right")[number % 2])
            for muscle, own, extra in template for number in range(own + extra)
        ]
        sites = sites[: 31 + more] + [site("0.1", 0, "trapezius")] * (31 + more - len(sites))
        yield case([part("onabotulinumtoxin_a", 50, "units_per_ml", 5)], sites=sites, kind="botulinum_toxin")
    for chosen, fixed, extra in template:
        for count in (fixed - 1, fixed, fixed + extra, fixed + extra + 1):
            sites = []
            for muscle, own, _ in template:
                for number in range(count if muscle == chosen else own):
                    side = "midline" if muscle == "procerus" else ("left", "right")[number % 2]
                    sites.append(site("0.1", 0, muscle, side))
            one = case([part("onabotulinumtoxin_a", 50, "units_per_ml", 4)], sites=sites, kind="botulinum_toxin")
            yield one
            one = copy.deepcopy(one)
            one["plan"]["sites"][-1]["place"]["side"] = "left"
            yield one


def every_bound():
    for cases in (anaesthetics, windows, other_doses, bodies, laboratories, medicines, conditions, places):
        yield from cases()
