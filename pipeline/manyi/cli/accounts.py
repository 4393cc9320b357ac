"""The account of an import in words: rows and cells of each file, and what is known of the file."""

from collections.abc import Mapping

#: Kinds of missing answers in the order of the account, with their Chinese names.
KINDS = {
    "no_answer": ("未答", "no answer"),
    "dont_know": ("不了解", "don't know"),
    "not_asked": ("跳过未问", "not asked"),
    "refused": ("拒答", "refused"),
    "invalid": ("无效代码", "invalid"),
}


def account_lines(account: Mapping[str, object]) -> tuple[str, str]:
    """Return the account of one file (a row of ``import_cells``) in Chinese and English.

    Parameters
    ----------
    account : Mapping
        Column -> number.

    Examples
    --------
    >>> account = {"file": "a.csv", "rows_read": 3, "rows_kept": 2, "rows_quarantined": 1, "rows_repeated": 1}
    >>> account |= {"rows_replaced": 0, "cells_read": 4, "cells_kept": 3, "cells_recoded": 0}
    >>> account |= {"cells_missing": 1, "cells_rejected": 0, "cells_dont_know": 1}
    >>> account_lines(account)[1].split("; ")[1]
    "4 cells read = 3 kept + 0 recoded + 1 missing (1 don't know) + 0 rejected"
    """
    zh = (
        "{file}：读 {rows_read} 行 = 保留 {rows_kept} + 隔离 {rows_quarantined}{rows}{elsewhere[0]}；"
        "读 {cells_read} 格 = 保留 {cells_kept} + "
        "转码 {cells_recoded} + 缺失 {cells_missing}{kinds} + 无效 {cells_rejected}"
    )
    en = (
        "{file}: {rows_read} rows read = {rows_kept} kept + {rows_quarantined} quarantined{rows}"
        "{elsewhere[1]}; "
        "{cells_read} cells read = {cells_kept} kept + {cells_recoded} recoded + {cells_missing} missing"
        "{kinds} + {cells_rejected} rejected"
    )
    rows = _parts(account, {"rows_repeated": ("重复", "repeated"), "rows_replaced": ("已被更新", "replaced")})
    kinds = _parts(account, {f"cells_{kind}": words for kind, words in KINDS.items()})
    n = account.get("rows_elsewhere")
    known = {**account, "elsewhere": (f" + 属于其他角色 {n}", f" + {n} of other roles") if n else ("", "")}
    return (
        zh.format_map({**known, "rows": rows[0], "kinds": kinds[0]}),
        en.format_map({**known, "rows": rows[1], "kinds": kinds[1]}),
    )


def _parts(account: Mapping[str, object], names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return the parts of a sum that are not nothing, in brackets."""
    found = [(words, account[name]) for name, words in names.items() if account.get(name)]
    if not found:
        return "", ""
    zh = "、".join(f"{words[0]} {n}" for words, n in found)
    en = ", ".join(f"{n} {words[1]}" for words, n in found)
    return f"（{zh}）", f" ({en})"


def file_lines(file: Mapping[str, object]) -> tuple[str, str]:
    """Return what is known of one file (a row of ``import_files``) in Chinese and English."""
    size = f"{int(str(file['size'])):,}"
    about = f"sha256 {str(file['sha256'])[:12]}, {file['encoding']}"
    reader = "/".join(str(file[name]) for name in ("source", "style") if file[name])
    evidence, structure = str(file["evidence"]), str(file["structure"])
    zh = f"  {file['file']}：{size} 字节，{about}"
    en = f"  {file['file']}: {size} bytes, {about}"
    if reader:
        zh, en = f"{zh}；按 {reader} 读（{evidence}）", f"{en}; read as {reader} ({evidence})"
    if structure:
        zh, en = f"{zh}；题目说明取自 {structure}", f"{en}; described by {structure}"
    if file["same_as"]:
        zh, en = (
            f"{zh}；与 {file['same_as']} 相同，没有再加",
            f"{en}; the same as {file['same_as']}, adds nothing",
        )
    elif not file["used"]:
        zh, en = f"{zh}；没有采用", f"{en}; not used"
    return zh, en
