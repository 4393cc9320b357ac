"""What respondents read about the answer a form expects: bounds, units, codes, parts of a code."""

from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.forms.layout import offered_missing
from manyi_instruments.forms.wording import in_language, words


def plain(number: float) -> str:
    """Return a number as XPath and readers write it: no exponent, no idle zeros.

    Examples
    --------
    >>> plain(12.0), plain(0.5), plain(1000000.0)
    ('12', '0.5', '1000000')
    """
    return str(int(number)) if number == int(number) else format(number, "f").rstrip("0")


def bounds_in_words(item: Item, language: str) -> str:
    """Return what numbers an item takes; empty where it has no bounds."""
    own = words(language)
    if item.minimum is not None and item.maximum is not None:
        return own["number_between"].format(low=plain(item.minimum), high=plain(item.maximum))
    if item.minimum is not None:
        return own["number_from"].format(low=plain(item.minimum))
    if item.maximum is not None:
        return own["number_to"].format(high=plain(item.maximum))
    return ""


def number_hints(item: Item, questionnaire: Questionnaire, language: str) -> list[str]:
    """Return the unit of a number and the codes to enter for the missing answers it offers."""
    own = words(language)
    hints = [own["unit"].format(unit=in_language(item.unit, language))] if item.unit else []
    hints += [
        own["number_code"].format(label=in_language(code.label, language), code=code.code)
        for code in offered_missing(item, questionnaire)
    ]
    return hints


def code_hint(item: Item, language: str) -> str:
    """Return how to make a code: its parts in their order."""
    own = words(language)
    parts = [
        own["code_part"].format(
            number=number,
            part=in_language(part.text, language),
            signs=own[f"code_{part.of}"].format(n=part.length),
        )
        for number, part in enumerate(item.parts, start=1)
    ]
    return own["code_made_of"].format(parts=own["code_and"].join(parts))
