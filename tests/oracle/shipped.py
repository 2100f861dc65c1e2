"""The shipped rule data, read as it stands; figures become exact fractions."""

import json
import pathlib
from fractions import Fraction

DATA = pathlib.Path(__file__).resolve().parents[2] / "crates" / "rules" / "src"


def read(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


RULES = read("safety/shipped_rules.json")
FORMULARY = {drug["code"]: drug for drug in read("shipped_formulary.json")["drugs"]}
CODING = read("coding/shipped_coding.json")


def figure(*path):
    """The value of a figure of the rules, by its path."""
    part = RULES
    for name in path:
        part = part[name]
    return Fraction(part["value"])


def micrograms_per_ml(value, unit):
    """A concentration in micrograms, or in units, for each millilitre."""
    value = Fraction(value)
    return {
        "mg_per_ml": lambda: value * 1000,
        "mcg_per_ml": lambda: value,
        "units_per_ml": lambda: value,
        "percent": lambda: value * 10_000,  # 1 % is 10 mg/mL
        "ratio": lambda: Fraction(1_000_000) / value,  # 1:N is a gram in N mL
    }[unit]()
