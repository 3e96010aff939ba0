"""Text that a spreadsheet program takes as text."""

import re

# A cell that begins so is read as a formula, whatever the file's quoting.
RISKY = re.compile(
    r"^[\s\x00-\x1f\ufeff\u200b-\u200f]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"
)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NUMBER = re.compile(r"[+-]\d[\d ]{0,30}(?:\.\d{1,20})?")


def plain_text(value):
    """``value`` for a cell of CSV: an apostrophe before what would be a formula.

    A plain signed number (a phone number, too) stays as it is.
    """
    text = str(value)
    if text[:1].isalnum() and text.isprintable():
        return text
    text = CONTROLS.sub("", text)
    if RISKY.match(text) and not NUMBER.fullmatch(text):
        return "'" + text
    return text


def clean_text(value, length=32767):
    """``value`` without what XML cannot hold, for a cell of XLSX."""
    return CONTROLS.sub("", str(value))[:length]


def file_name(text, ending):
    """``text`` as the name of a file on any system, with ``ending``."""
    kept = re.sub(r"[^\w .()+-]", "-", CONTROLS.sub("", str(text)), flags=re.UNICODE)
    kept = re.sub(r"\.{2,}", ".", kept).strip(" .-")[:80].strip(" .-") or "document"
    if kept.split(".")[0].strip().upper() in RESERVED:
        kept = f"_{kept}"
    return f"{kept}.{ending}"


RESERVED = {"CON", "PRN", "AUX", "NUL"} | {
    f"{name}{number}" for name in ("COM", "LPT") for number in range(10)
}
