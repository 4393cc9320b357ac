"""Elements of a DDI-Codebook 2.5 document: how they are named, made and written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from manyi_instruments.forms.wording import in_language

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def codebook_element(language: str) -> Element:
    """Return the root of a document in a language."""
    # Written out, as `register_namespace` would rename the elements of every other document.
    spaces = {"xmlns": NAMESPACE, "xmlns:xsi": _XSI, "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}"}
    return Element("codeBook", {**spaces, "version": "2.5", LANG: language})


def content(root: Element) -> bytes:
    """Return the document as UTF-8."""
    ElementTree.indent(root, " ")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def sub(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """Add an element below another one."""
    element = SubElement(parent, tag, attributes)
    element.text = text
    return element


def worded(
    parent: Element, tag: str, wording: Mapping[str, str], languages: Sequence[str], **attributes: str
) -> None:
    """Add an element a language."""
    for language in languages:
        text = legible(in_language(dict(wording), language))
        if text:
            sub(parent, tag, text, **attributes).set(LANG, language)


def titles(parent: Element, wording: Mapping[str, str], languages: Sequence[str]) -> None:
    """Add the title: the first language's, and those of the others as parallel titles."""
    for number, language in enumerate(languages):
        text = legible(in_language(dict(wording), language))
        sub(parent, "parTitl" if number else "titl", text).set(LANG, language)


def legible(text: str) -> str:
    r"""Return a text without the control characters that XML cannot hold.

    Examples
    --------
    >>> legible(" a\x07b ")
    'ab'
    """
    return "".join(_characters(text)).strip()


def _characters(text: Iterable[str]) -> Iterator[str]:
    for character in text:
        number = ord(character)
        if number >= 0x20 or character in "\t\n\r":
            yield character if number not in (0xFFFE, 0xFFFF) and not 0xD800 <= number < 0xE000 else "\ufffd"
