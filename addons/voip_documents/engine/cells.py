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

# What Excel keeps in a cell, in units of UTF-16.
LONGEST = 32_767


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


def clean_text(value, length=None):
    """``value`` without what XML cannot hold; ``length`` characters of it at most."""
    text = CONTROLS.sub("", str(value)).replace("\r\n", "\n").replace("\r", "\n")
    return text[:length]


def cell_text(value):
    """``value`` for a cell of XLSX, which holds ``LONGEST`` characters as UTF-16.

    Of a longer one the beginning, and behind it, for every language, that it is cut and
    how long it is: ``[…] 32,767 / 40,000``. Refused, a note would stop its invoice.
    """
    text = clean_text(value)
    if len(text) * 2 <= LONGEST:
        return text
    units = text.encode("utf-16-le")
    length = len(units) // 2
    if length <= LONGEST:
        return text
    mark = f" […] {LONGEST:,} / {length:,}"
    # Half a pair is no letter.
    kept = units[: (LONGEST - len(mark)) * 2].decode("utf-16-le", errors="ignore")
    return kept + mark


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
