"""Text that a spreadsheet program takes as text."""

import re

# A cell that begins so is read as a formula, whatever the file's quoting.
_BLANK = r"\s\x00-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_MARK = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
RISKY = re.compile(rf"[{_BLANK}]*{_MARK}|[\t\r\n]")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NUMBER = re.compile(r"[+-]\d[\d ]{0,30}(?:\.\d{1,20})?")
# Where a program that takes another delimiter than the file's, as Excel does by its
# language, begins a cell in the midst of a text: quotes do not hold it then.
SPLIT = re.compile(r"([;,\t\r\n])")
LATER = re.compile(rf'["{_BLANK}]*{_MARK}')


def plain_text(value):
    """``value`` for a cell of CSV: an apostrophe before what would be a formula.

    So it is behind what another program may take for the delimiter. A plain signed
    number (a phone number, too) stays as it is.
    """
    text = str(value)
    if text[:1].isalnum() and text.isprintable() and not SPLIT.search(text):
        return text
    text = CONTROLS.sub("", text)
    first, *rest = SPLIT.split(text)
    for at in range(1, len(rest), 2):
        if _is_formula(rest[at]):
            rest[at] = "'" + rest[at]
    if RISKY.match(text) and not NUMBER.fullmatch(text):
        first = "'" + first
    return first + "".join(rest)


def _is_formula(piece):
    return LATER.match(piece) and not NUMBER.fullmatch(piece.strip().rstrip("%"))


def clean_text(value, length=32767):
    """``value`` without what XML cannot hold, for a cell of XLSX."""
    text = CONTROLS.sub("", str(value)).replace("\r\n", "\n").replace("\r", "\n")
    return text[:length]


def file_name(text, ending):
    """``text`` as the name of a file on any system, with ``ending``."""
    kept = re.sub(r"[^\w .()+-]", "-", CONTROLS.sub("", str(text)), flags=re.UNICODE)
    kept = re.sub(r"\.{2,}", ".", kept).strip(" .-")[:80].strip(" .-") or "document"
    if kept.split(".")[0].strip().upper() in RESERVED:
        kept = f"_{kept}"
    return f"{kept}.{ending}"


RESERVED = {"CON", "PRN", "AUX", "NUL"} | {
    f"{name}{digit}" for name in ("COM", "LPT") for digit in "0123456789¹²³"
}
