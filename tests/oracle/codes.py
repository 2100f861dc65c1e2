"""Procedure codes from distinct muscles, and drug codes in billing units."""

import math
from fractions import Fraction

from shipped import CODING


def is_valid(row, day):
    return row["valid_from"] <= day and (row.get("valid_to") is None or day <= row["valid_to"])


def procedure(case):
    """One code a session: the number of distinct muscles decides, never the number of needles."""
    wet = [site for site in case["sites"] if not site["dry"]]
    sites = wet or case["sites"]
    if case["kind"] == "botulinum_toxin":
        kind = "botulinum_toxin"
    else:
        kind = "trigger_point_injection" if wet else "dry_needling"
    muscles = set()
    for site in sites:
        names = [site["part_of"]] if site["part_of"] else site["members"] or [site["muscle"]]
        muscles |= {(name, site["side"] if case["both_sides"] == "per_side" else None) for name in names}
    code = None
    for row in CODING["procedure_codes"]:
        fits = row["muscles_from"] <= len(muscles) <= row.get("muscles_to", math.inf)
        if row["kind"] == kind and fits and is_valid(row, case["on"]):
            code = code or row["code"]
    return {"code": code, "muscle_count": len(muscles)}


def drug(case):
    """Units are rounded up; the rest of a single-dose vial is a line of its own, or said to be none."""
    rows = [
        row for row in CODING["drug_codes"]
        if case["drug"] in row["drug_codes"] and is_valid(row, case["on"]) and not row.get("is_not_for_local_use")
    ]
    if not rows:
        return {"lines": []}
    row = rows[0]
    scale = {("mg", "mg"): 1, ("mcg", "mcg"): 1, ("units", "units"): 1, ("mg", "mcg"): 1000, ("mcg", "mg"): Fraction(1, 1000)}

    def units(amount, volume):
        if row["unit"] == "ml":
            return math.ceil(volume / Fraction(row["per_unit"]))
        return math.ceil(amount * scale[case["unit"], row["unit"]] / Fraction(row["per_unit"]))

    given = units(Fraction(case["given"]), Fraction(case["given_ml"]))
    if not case["single"]:
        return {"lines": [[row["code"], given, None]]}
    whole = units(
        Fraction(case["given"]) + Fraction(case["wasted"]), Fraction(case["given_ml"]) + Fraction(case["wasted_ml"])
    )
    if whole == given:
        return {"lines": [[row["code"], given, "JZ"]]}
    return {"lines": [[row["code"], given, None], [row["code"], whole - given, "JW"]]}
