"""Cases to ask both sides: random ones, which mix everything, and one on each side of every bound."""

import functools
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from shipped import FORMULARY, RULES

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
STEP = Decimal("0.000001")
DAY = 86_400

# Muscle, what it counts as, its group, region and flags.
MUSCLES = [
    ("temporalis", "temporalis", None, "head", ["VASC(superficial temporal a.)"]),
    ("frontalis", "frontalis", None, "head", ["EYE", "NERVE(supraorbital)"]),
    ("procerus", "procerus", None, "head", ["EYE"]),
    ("corrugator_supercilii", "corrugator_supercilii", None, "head", ["EYE"]),
    ("occipitalis", "occipitalis", None, "head", ["NERVE(greater occipital)"]),
    ("scm_sternal", "sternocleidomastoid", None, "neck", ["VASC(carotid/jugular)", "NERVE"]),
    ("scm_clavicular", "sternocleidomastoid", None, "neck", ["VASC(carotid/jugular)", "PTX(low)"]),
    ("splenius_capitis", "splenius_capitis", None, "neck", ["VASC(vertebral a., high level)"]),
    ("multifidus_cervicis", "multifidus", None, "neck", ["DURA", "DEEP"]),
    ("suboccipital_group", "suboccipital_group", None, "neck", ["VASC(vertebral a.)", "DURA"]),
    ("obliquus_capitis_inferior", "obliquus_capitis_inferior", "suboccipital_group", "neck", ["DURA"]),
    ("rectus_capitis_posterior_major", "rectus_capitis_posterior_major", "suboccipital_group", "neck", ["DURA"]),
    ("trapezius", "trapezius", None, "shoulder_girdle", ["PTX"]),
    ("trapezius_upper", "trapezius", None, "shoulder_girdle", ["PTX"]),
    ("trapezius_lower", "trapezius", None, "upper_back", ["PTX"]),
    ("rhomboid_major", "rhomboid_major", None, "upper_back", ["PTX"]),
    ("scalenus_anterior", "scalenus_anterior", None, "neck", ["PTX", "VASC(subclavian)"]),
    ("gluteus_medius", "gluteus_medius", None, "gluteal", ["SCIATIC(low)"]),
]
SIDES = ["left", "right", "midline"]
ANSWERS = [
    "red_flag", "malignancy_suspected", "active_infection", "needle_phobia", "prior_vasovagal", "untreated_endocrinopathy",
    "landmarks_unclear", "malignant_hyperthermia", "leber_optic_neuropathy", "skull_defect", "single_lung",
    "contralateral_pneumothorax", "severe_copd", "medication_overuse", "bleeding_cleared_by_specialist",
    "neuromuscular_cleared_by_specialist",
]
FINDINGS = ["infection_local", "acute_trauma", "skull_defect", "implant_or_shunt", "unsafe_site"]
OTHER_NAMES = [
    "Zorblaxin", "peanut", "Penicillin", "pollen", "Lidocaïne", "XYLOCAINE 2%", "novocain", "Vitamin B-12", "latex gloves",
    "benzyl alcohol", "Kenalog-40", "Aspirin 81 mg", "ELIQUIS 5 mg", "Wafarin", "clopidogral", "magnesium", "Nardil", "asa",
    "bupivicaine", "house dust", "Sumatriptan 50", "prednisone and warfrin", "Depo Medrol", "chlorhexadine", "", "-",
]
CLASSES = [None] * 6 + [group["class"] for group in RULES["medication_groups"]] + ["other"]


def text(moment):
    return moment.isoformat().replace("+00:00", "Z")


def ago(seconds):
    return text(NOW - timedelta(seconds=seconds))


def spot(dice, muscle=None):
    name, whole, group, region, flags = muscle or dice.choice(MUSCLES)
    place = {"muscle": name, "counted_as": whole, "group": group, "side": dice.choice(SIDES)}
    return place, region, flags


@functools.cache
def listed_words():
    words = [word for group in RULES["medication_groups"] + RULES["allergy_groups"] for word in group["words"]]
    return words + RULES["known_medicines"]["words"] + OTHER_NAMES


@functools.cache
def listed_codes():
    rows = [RULES["local_anaesthetic"]["reduction"]["conditions"], RULES["epinephrine"]["at_risk_conditions"]]
    for row in RULES["contraindications"]:
        rows += [row["trigger"].get("conditions", []), row["trigger"].get("active_conditions", [])]
    return sorted({code for row in rows for code in row})


def name(dice):
    """A listed name or another, now and then with a slip in it."""
    word = dice.choice(listed_words())
    if word and dice.random() < 0.2:
        place = dice.randrange(len(word))
        word = dice.choice([word[:place] + word[place + 1:], word[:place] + dice.choice("aeiouxyz") + word[place:]])
    return dice.choice([word, word.upper(), word + " 5 mg"])


def code(dice):
    """A code of a listed range or beside it, with a dot or without."""
    row = dice.choice(listed_codes())
    start = dice.choice(row.split("-"))
    if dice.random() < 0.4:
        start = start[0] + str(dice.randrange(10)) + dice.choice("0123456789A")
    ending = dice.choice(["", ".0", ".9", ".10", ".65", "1XA"])
    return dice.choice([str, str.lower])(start + ending if "." not in start else start)


def weight(dice):
    value = dice.choice([str(dice.randrange(20_000, 160_000) / 1000), "39.999999", "40", "25", "24.999999", "350.000001", "0"])
    return {"kg": value, "at": ago(dice.choice([0, 3600, 89 * DAY, 90 * DAY, 90 * DAY + 1, -1]))}


def patient(dice):
    conditions = [code(dice) for _ in range(dice.choice([0, 0, 0, 1, 2]))]
    return {
        "age": dice.choice([6, 17, 18, 30, 45, 55, 56, 70, 71, 90]),
        "sex": dice.choice(["female", "male", "unknown"]),
        "weight": dice.choice([None] + [weight(dice)] * 9),
        "earlier_weight": dice.choice([None, None, weight(dice)]),
        "height_cm": dice.choice([None, "150", "170", "200", "152.4", "163.5"]),
        "temperature": dice.choice([None, "36.8", "37.999999", "38"]),
        "pregnancy": dice.choice(["not_pregnant"] * 4 + ["pregnant", "unknown"]),
        "breastfeeding": dice.random() < 0.1,
        "allergies": [name(dice) for _ in range(dice.choice([0, 0, 1, 2]))],
        "medications": [medicine(dice) for _ in range(dice.choice([0, 0, 1, 2]))],
        "conditions": conditions,
        "active_conditions": [one for one in conditions if dice.random() < 0.5],
        "laboratory": [laboratory(dice) for _ in range(dice.choice([0, 0, 1, 3]))],
        "answers": dice.sample(ANSWERS, dice.choice([0, 0, 0, 1, 2])),
        "consent": dice.choice(["given"] * 9 + ["missing"]),
    }


def medicine(dice):
    days = dice.choice([0, 1, 2, 3, 4, 5, 7, 10, 14, 28, 90])
    return {
        "name": name(dice),
        "class": dice.choice(CLASSES),
        "atc": dice.choice([None] * 4 + ["B01AA03", "b01ac06", "B01 AF 02", "N02BE01", "L04AX03", "N06AF03", "H02AB07"]),
        "last_taken_at": dice.choice([None, ago(days * DAY), ago(days * DAY + 1)]),
        "active": dice.random() < 0.7,
    }


def laboratory(dice):
    kind = dice.choice(["inr", "platelets", "hba1c", "glucose"])
    values = {"inr": ["2", "3", "3.000001", "4.5", "4.500001", "8"], "platelets": ["49.999999", "50", "99.999999", "100", "250"],
              "hba1c": ["7.999999", "8", "9"], "glucose": ["250", "250.000001", "300"]}
    day = (NOW - timedelta(days=dice.choice([-1, 0, 1, 2, 7, 8, 90, 91, 365]))).date()
    return {"code": kind, "value": dice.choice(values[kind]), "taken_on": day.isoformat()}


def part(dice):
    drug = dice.choice(list(FORMULARY.values()))
    value = unit = None
    if drug["concentrations"]:
        usual = dice.choice(drug["concentrations"])
        value, unit = usual["value"], usual["unit"]
        if dice.random() < 0.15 and unit != "ratio":
            value = str(Decimal(value) * dice.choice([Decimal("0.1"), 10, 2, Decimal("0.01"), 1]))
    return {"drug": drug["code"], "value": value, "unit": unit, "ml": str(Decimal(dice.randrange(1, 20_000)) / 1000)}


def site(dice, solutions):
    place, region, flags = spot(dice)
    wet = solutions and dice.random() < 0.9
    longest = dice.choice([None, 13, 25, 38])
    return {
        "place": place, "region": region, "flags": flags, "acknowledged": dice.random() < 0.5,
        "findings": [dice.choice(FINDINGS)] if dice.random() < 0.05 else [],
        "ml": str(Decimal(dice.randrange(0, 5_500)) / 1000) if wet or dice.random() < 0.05 else "0",
        "solution": dice.randrange(solutions) if wet else None,
        "needle": dice.choice([None, {"length_mm": dice.choice([13, 25, 38, 50]), "longest_usual_mm": longest,
                                      "aspirated": dice.random() < 0.5}]),
    }


def dose(dice):
    drug = dice.choice([drug for drug in FORMULARY.values() if drug["class"] not in ("saline", "sterile_water", "biologic")])
    is_toxin = drug["class"] == "botulinum_toxin"
    is_vitamin = drug["class"] == "vitamin_b12"
    seconds = dice.choice([0, 3600, DAY, DAY + 1, 42 * DAY, 84 * DAY - 1, 84 * DAY, 84 * DAY + 1, 365 * DAY, 364 * DAY, 366 * DAY])
    return {
        "session": dice.randrange(6), "ingredient": drug["ingredient"], "class": drug["class"],
        "amount": str(Decimal(dice.randrange(1, 150_000)) / 1000),
        "unit": "units" if is_toxin else "mcg" if is_vitamin else dice.choice(["mg", "mcg"]),
        "epinephrine_per_ml_mcg": dice.choice(["0", "4.999999", "5", "10"]), "carried_mcg": dice.choice(["0", "0", "50"]),
        "given_at": ago(seconds), "place": spot(dice)[0],
    }


def random_case(dice):
    solutions = [[part(dice) for _ in range(dice.choice([1, 1, 2, 3]))] for _ in range(dice.choice([0, 1, 1, 2]))]
    before = [spot(dice) for _ in range(dice.choice([0, 1, 2]))]
    moments = [0, DAY, DAY + 1, 42 * DAY - 1, 42 * DAY, 42 * DAY + 1]
    return {
        "ask": "safety", "now": text(NOW), "patient": patient(dice),
        "doses": [dose(dice) for _ in range(dice.choice([0, 0, 1, 3, 6]))],
        "unreadable": [
            {"drug": "no_longer_listed", "class": dice.choice([None, "local_anaesthetic", "saline", "botulinum_toxin"]),
             "given_at": ago(dice.choice([0, 84 * DAY, 84 * DAY + 1]))}
        ] if dice.random() < 0.05 else [],
        "sites_before": [{"place": place, "flags": flags, "at": ago(dice.choice(moments))} for place, _, flags in before],
        "plan": {
            "kind": dice.choice(["trigger_point_injection"] * 4 + ["dry_needling", "botulinum_toxin"]),
            "indications": dice.sample(["G44.209", "G43.709", "G43.E09", "g43719", "R51.9"], dice.choice([0, 1, 2])),
            "skin": dice.choice([None, "alcohol", "chlorhexidine_alcohol", "povidone_iodine"]),
            "solutions": solutions, "sites": [site(dice, len(solutions)) for _ in range(dice.choice([0, 1, 3, 8]))],
        },
    }


def random_coding(dice):
    if dice.random() < 0.5:
        sites = []
        for _ in range(dice.choice([0, 1, 2, 3, 5])):
            place, _, _ = spot(dice)
            whole = place["counted_as"]
            members = ["rectus_capitis_posterior_major", "obliquus_capitis_inferior"]
            sites.append({
                "muscle": place["muscle"], "part_of": whole if whole != place["muscle"] else None,
                "members": members if place["muscle"] == "suboccipital_group" else None,
                "side": place["side"], "dry": dice.random() < 0.4,
            })
        kind = dice.choice(["trigger_point_injection", "dry_needling", "botulinum_toxin"])
        day = dice.choice(["2019-12-31", "2020-01-01", "2026-11-22"])
        return {"ask": "procedure", "kind": kind, "both_sides": dice.choice(["once", "per_side"]), "on": day, "sites": sites}
    drug = dice.choice([drug for drug in FORMULARY.values() if drug["class"] not in ("saline", "sterile_water", "biologic")])
    unit = "units" if drug["class"] == "botulinum_toxin" else dice.choice(["mg", "mcg"])
    amount = lambda most: str(Decimal(dice.randrange(0, most)) / dice.choice([1, 10, 1_000_000]))
    day = dice.choice(["2024-03-31", "2024-04-01", "2026-03-31", "2026-04-01", "2026-11-22"])
    return {"ask": "drug", "drug": drug["code"], "unit": unit, "given": amount(300), "given_ml": amount(30),
            "wasted": amount(100), "wasted_ml": amount(20), "single": dice.random() < 0.5, "on": day}


def random_cases(count, seed):
    dice = random.Random(seed)
    for _ in range(count):
        yield random_coding(dice) if dice.random() < 0.15 else random_case(dice)
