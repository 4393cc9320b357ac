"""满意 manyi: from the questionnaire to the appendix.

>>> import manyi
>>> study = manyi.open("my-study")  # doctest: +SKIP
>>> study.run()  # doctest: +SKIP
>>> study.results["reliability"].to_frame()  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from manyi.facade import OpenStudy, open

__version__ = "0.1.0"
__all__ = ["OpenStudy", "__version__", "open"]


def __getattr__(name: str) -> Any:
    # The command line imports this package; the façade and all it needs are loaded on first use.
    if name in ("OpenStudy", "open"):
        import manyi.facade as facade

        return getattr(facade, name)
    raise AttributeError(f"module 'manyi' has no attribute {name!r}")
