"""JSON Schema of questionnaire files, for editors that complete and check while one types."""

from typing import Any

from manyi_instruments.definitions.answer_list_forms import LANGUAGE_CODE
from manyi_instruments.definitions.questionnaire import Questionnaire

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def questionnaire_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a questionnaire file.

    It holds what the form of a file can say: keys, types, fixed values, bounds, and both forms of an answer
    list. What items, scales and lists mean to one another is checked by
    :func:`~manyi_instruments.definitions.loader.check_questionnaire`.

    Examples
    --------
    >>> sorted(questionnaire_schema()["required"])
    ['languages', 'questionnaire', 'title']
    """
    schema = Questionnaire.model_json_schema()
    definitions = schema["$defs"]
    definitions["LongAnswerList"] = {**definitions["AnswerList"], "title": "Answer list, an entry an answer"}
    definitions["ShortAnswerList"] = _short_answer_list()
    definitions["AnswerList"] = {
        "title": "Answer list",
        "anyOf": [{"$ref": "#/$defs/ShortAnswerList"}, {"$ref": "#/$defs/LongAnswerList"}],
    }
    return {"$schema": DRAFT, **schema}


def _short_answer_list() -> dict[str, Any]:
    values = {"type": "array", "items": {"type": "integer"}}
    return {
        "title": "Answer list in short",
        "description": "Values, and one list of labels a language, as long as the values: "
        '{values: [0, 1], zh: [否, 是], en: ["no", "yes"]}',
        "type": "object",
        "properties": {
            "values": {
                **values,
                "minItems": 2,
                "uniqueItems": True,
                "description": "The numbers that are stored.",
            },
            "ordered": {"type": "boolean", "default": True, "description": "False for names such as sex."},
            "other": {**values, "description": "Values that ask for free text beside them."},
            "exclusive": {**values, "description": "Values that rule the others out in a multiple choice."},
        },
        # "values" is no language code; the other keys have schemas of their own above.
        "patternProperties": {
            f"^(?!(values|ordered|other|exclusive)$){LANGUAGE_CODE.pattern}$": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "minItems": 2,
                "description": "Labels in the order of the values.",
            }
        },
        "additionalProperties": False,
        "required": ["values"],
        "minProperties": 2,
    }
