"""Which language a platform's heading or setting names, however it is written."""

import re

_CODE = re.compile(r"\((?P<code>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)\)\s*$")
_BARE_CODE = re.compile(r"[A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?")

#: Languages by the names forms give them, in English and in themselves.
NAMES = {
    "arabic": "ar",
    "العربية": "ar",
    "chinese": "zh",
    "mandarin": "zh",
    "simplified chinese": "zh-Hans",
    "traditional chinese": "zh-Hant",
    "中文": "zh",
    "汉语": "zh",
    "简体中文": "zh-Hans",
    "繁體中文": "zh-Hant",
    "繁体中文": "zh-Hant",
    "english": "en",
    "英文": "en",
    "英语": "en",
    "french": "fr",
    "français": "fr",
    "german": "de",
    "deutsch": "de",
    "japanese": "ja",
    "日本語": "ja",
    "korean": "ko",
    "한국어": "ko",
    "mongolian": "mn",
    "монгол": "mn",
    "portuguese": "pt",
    "português": "pt",
    "russian": "ru",
    "русский": "ru",
    "spanish": "es",
    "español": "es",
    "tibetan": "bo",
    "བོད་ཡིག": "bo",
    "uyghur": "ug",
    "ئۇيغۇرچە": "ug",
    "vietnamese": "vi",
    "tiếng việt": "vi",
}


def language_code(name: str) -> str:
    """Return the code of a language, or the name itself where nothing tells the code.

    >>> [language_code(name) for name in ("中文 (zh)", "English", "en", "pt_BR", "Klingon")]
    ['zh', 'en', 'en', 'pt-BR', 'Klingon']
    """
    plain = " ".join(name.split())
    told = _CODE.search(plain)
    if told:
        return told["code"].replace("_", "-")
    if _BARE_CODE.fullmatch(plain):
        return plain.replace("_", "-")
    return NAMES.get(plain.casefold(), plain)
