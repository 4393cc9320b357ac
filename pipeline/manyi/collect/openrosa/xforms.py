"""The XForms of a collection: made from the questionnaires when the server starts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from manyi.collect.collection import CollectedForm, Collection
from manyi_instruments.faults import Fault, ManyiError, Place
from manyi_instruments.forms.wording import in_language
from manyi_instruments.forms.xlsform.form import xlsform


@dataclass(frozen=True, slots=True)
class XForm:
    """One form as phones fetch it.

    Attributes
    ----------
    role : str
        Also the form's id: several roles may share a questionnaire.
    title, version : str
        As the app lists it; the version holds the hash of the definition.
    content : bytes
        The XForm.
    """

    role: str
    title: str
    version: str
    content: bytes

    @property
    def digest(self) -> str:
        """Return the MD5 by which apps see that a form has changed."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()


def xforms(collection: Collection) -> Mapping[str, XForm]:
    """Return role -> its XForm.

    Raises
    ------
    ManyiError
        What the XLSForm cannot hold; ``xform-not-made`` where pyxform refuses it.
    """
    return {role: _xform(form) for role, form in collection.forms.items()}


def _xform(form: CollectedForm) -> XForm:
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    sheets = xlsform(form.questionnaire).as_dict()
    settings = sheets["settings"][0]
    settings["form_id"] = form.role
    try:
        made = convert(dict(sheets), form_name="data")
    except PyXFormError as error:
        details = {"role": form.role, "reason": str(error).strip().splitlines()[0]}
        raise ManyiError(Fault("xform-not-made", Place(file=form.role), details)) from error
    title = in_language(form.questionnaire.title, form.questionnaire.languages[0])
    return XForm(form.role, title, settings["version"], made.xform.encode("utf-8"))
