"""Names of REDCap's fields and of the columns its exports give them."""

import re

#: REDCap warns of longer names; some statistics programs cannot read them.
LONGEST = 26
#: Fields the form, or REDCap, uses itself.
RECORD, SCHOOL, DEFINITION = "record_id", "school", "definition"
TAKEN = (RECORD, SCHOOL, DEFINITION, "redcap_event_name", "redcap_data_access_group")
#: Behind the name of a field: the free text beside its answers.
TEXT_SUFFIX = "_text"


def spelled(item: str) -> str:
    """Return an id as a field name: lower case, no two underscores together, none at the end.

    >>> spelled("IMP__TRUST_")
    'imp_trust'
    """
    return re.sub(r"_+", "_", item.lower()).strip("_")


def rank_field(field: str, place: int) -> str:
    """Return the field of the answer at a place, from 1, of a ranking; it holds the answer's rank.

    >>> rank_field("order", 2)
    'order_r2'
    """
    return f"{field}_r{place}"
