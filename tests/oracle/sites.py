"""Where the needle goes: lungs, large vessels, volumes, intervals and doses of before that cannot be read."""

from datetime import timedelta
from fractions import Fraction

from doses import classes, is_same_place
from shipped import RULES, figure
from times import instant

COUNTED = {"local_anaesthetic", "corticosteroid", "vitamin_b12", "botulinum_toxin", "vasoconstrictor"}


def has_flag(flags, *prefixes):
    return any(flag.startswith(prefix) for flag in flags for prefix in prefixes)


def over_lung(flags):
    return has_flag(flags, RULES["site"]["lung_flag_prefix"])


def is_over_both_lungs(case):
    """The plan and everything of the day before it, once the plan goes over a lung at all."""
    start = instant(case["now"]) - timedelta(hours=int(figure("site", "bilateral_lung_hours")))
    planned = {site["place"]["side"] for site in case["plan"]["sites"] if over_lung(site["flags"])}
    before = {
        site["place"]["side"] for site in case["sites_before"]
        if over_lung(site["flags"]) and instant(site["at"]) >= start
    }
    return bool(planned) and {"left", "right"} <= planned | before


def sites(case, checks):
    plan, rules = case["plan"], RULES["site"]
    for row in rules["acknowledged_flags"]:
        flagged = [site for site in plan["sites"] if has_flag(site["flags"], row["flag_prefix"])]
        if flagged:
            checks[row["code"]] = "ok" if all(site["acknowledged"] for site in flagged) else "warn"
    if is_over_both_lungs(case):
        lungs = [site for site in plan["sites"] if over_lung(site["flags"])]
        checks["bilateral_lung_sites"] = "ok" if all(site["acknowledged"] for site in lungs) else "warn"
    for site in plan["sites"]:
        needle = site["needle"]
        if needle is None:
            continue
        longest = needle["longest_usual_mm"]
        if over_lung(site["flags"]) and longest is not None and needle["length_mm"] > longest:
            checks["needle_long_over_lung"] = "warn"
        by_vessel = has_flag(site["flags"], *rules["aspirated_flag_prefixes"])
        if by_vessel and Fraction(site["ml"]) > 0 and not needle["aspirated"]:
            checks["not_aspirated_near_vessel"] = "warn"
    volumes(plan, checks)
    intervals(case, checks)


def volumes(plan, checks):
    each = [Fraction(site["ml"]) for site in plan["sites"]]
    most = max(each, default=Fraction(0))
    if most > figure("site", "site_warn_ml"):
        checks["site_volume"] = "block" if most > figure("site", "site_block_ml") else "warn"
    if sum(each) > figure("site", "total_warn_ml"):
        checks["total_volume"] = "warn"
    for site in plan["sites"]:
        is_wet = Fraction(site["ml"]) > 0 or site["solution"] is not None
        if plan["kind"] == "dry_needling" and is_wet:
            checks["dry_needling_with_fluid"] = "block"
        is_known = site["solution"] is not None and site["solution"] < len(plan["solutions"])
        if not is_known and (site["solution"] is not None or Fraction(site["ml"]) > 0):
            checks["site_without_solution"] = "indeterminate"


def intervals(case, checks):
    now = instant(case["now"])
    free = now - timedelta(days=int(figure("site", "same_place_days")))
    for site in case["plan"]["sites"]:
        for before in case["sites_before"]:
            if is_same_place(before["place"], site["place"]) and instant(before["at"]) > free:
                checks["too_soon_same_site"] = "warn"
    longest = max(figure("corticosteroid", "interval_days"), figure("botulinum_toxin", "interval_days"))
    start = now - timedelta(days=int(longest))
    planned = classes(case) & COUNTED
    for dose in case["unreadable"]:
        counts = dose["class"] in planned if dose["class"] else bool(planned)
        if counts and instant(dose["given_at"]) >= start:
            checks["earlier_dose_unreadable"] = "indeterminate"
