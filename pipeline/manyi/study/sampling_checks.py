"""The rule of a sample's size and its division among roles, checked before anything is drawn."""

import math

from manyi.study.sampling_plan import Sampling
from manyi_instruments.faults import Fault, Place


def rule_total(sampling: Sampling) -> int | None:
    """Return the number of persons by the rule; None where residents or rate are not given."""
    if sampling.residents is None or sampling.per_mille is None:
        return None
    # 1.5 per mille of 412,000 is 618 and not 619 for the sake of a rounding in the 13th digit.
    return max(math.ceil(sampling.residents * sampling.per_mille / 1000.0 - 1e-9), sampling.floor)


def role_shares(sampling: Sampling) -> dict[str, float]:
    """Return each role's share of the total by the rule; roles without one divide the rest equally."""
    given = {role: entry.share for role, entry in sampling.roles.items() if entry.share is not None}
    without = [role for role in sampling.roles if role not in given]
    rest = max(0.0, 1.0 - sum(given.values()))
    return {role: given.get(role, rest / max(len(without), 1)) for role in sampling.roles}


def share_faults(sampling: Sampling, place: Place) -> list[Fault]:
    """Return the faults of the shares: more than everybody together, or below a minimum."""
    faults = []
    given = [entry.share for entry in sampling.roles.values() if entry.share is not None]
    without = [role for role, entry in sampling.roles.items() if entry.share is None]
    total = sum(given)
    if total > 1.0 + 1e-9 or (without and total >= 1.0 and rule_total(sampling) is not None):
        details = {"total": f"{total:g}", "rest": ", ".join(without) or "—"}
        faults.append(Fault("sampling-shares-above-one", place, details))
    for role, share in role_shares(sampling).items():
        minimum = sampling.roles[role].minimum_share
        if rule_total(sampling) is not None and share < minimum - 1e-9:
            details = {"role": role, "share": f"{share:g}", "minimum": f"{minimum:g}"}
            faults.append(Fault("sampling-share-below-minimum", place, details))
    return faults
