"""Wordings as survey platforms store them, in HTML and under tags of languages, made plain."""

from html.parser import HTMLParser

_SILENT = ("script", "style", "head", "title")
_BREAKS = ("br", "p", "div", "li", "td", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6")
#: Tags of languages that are not the first part of the tag in small letters.
_SCRIPTS = {"zh-t": "zh-hant", "zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant"}


class _Text(HTMLParser):
    """Collects the text between tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go silent inside scripts and styles; a block ends a word."""
        del attrs
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BREAKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Speak again after scripts and styles; a block ends a word."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BREAKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        """Take the text."""
        if not self._silent:
            self.parts.append(data)


def plain_wording(text: str) -> str:
    """Return a wording without markup, entities written out, blanks made single.

    A ``<`` that opens no tag stays as it is.

    >>> plain_wording('<p>How <b>old</b> are you?</p><script>x()</script>&nbsp;')
    'How old are you?'
    >>> plain_wording("under 5 < 10, R&D")
    'under 5 < 10, R&D'
    """
    if "<" in text or "&" in text:
        parser = _Text()
        parser.feed(text)
        parser.close()
        text = "".join(parser.parts)
    return " ".join(text.split())


def primary_language(tag: str) -> str:
    """Return the language of a platform's tag as questionnaires spell it.

    The variety is left out (``de-informal`` is ``de``), except traditional Chinese, which is another script.

    >>> [primary_language(tag) for tag in ("zh-Hans", "ZH-S", "EN-GB", "de-informal", "ZH-T", "zh-Hant-TW")]
    ['zh', 'zh', 'en', 'de', 'zh-hant', 'zh-hant']
    """
    plain = tag.strip().lower().replace("_", "-")
    if plain in _SCRIPTS or plain.startswith("zh-hant"):
        return "zh-hant"
    return plain.split("-")[0]
