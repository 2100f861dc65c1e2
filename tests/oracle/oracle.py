"""The second opinion: what is right for a case, worked out from the shipped data alone."""

import codes
import doses
import reasons
import sites
from fractions import Fraction
from shipped import figure


def safety(case):
    checks = {}
    if case["patient"]["consent"] != "given":
        checks["no_consent"] = "block"
    reasons.checklist(case, checks)
    reasons.allergies(case, checks)
    reasons.medicines(case, checks)
    sites.sites(case, checks)
    share = doses.local_anaesthetic(case, checks)
    doses.corticosteroid(case, checks)
    doses.vitamin_b12(case, checks)
    doses.toxin(case, checks)
    doses.epinephrine(case, checks)
    doses.concentrations(case, checks)
    is_first = not case["sites_before"] and not case["doses"]
    is_much = share is None or share > figure("site", "long_observation_fraction")
    minutes = figure("site", "long_observation_minutes" if is_first or is_much else "observation_minutes")
    return {"checks": checks, "observation_minutes": int(minutes)}


def answer(case):
    return {"safety": safety, "procedure": codes.procedure, "drug": codes.drug}[case["ask"]](case)
