"""JSON bodies read to the letter: what is no JSON is refused by its place.

Python's reader takes a name twice, ``NaN`` and ``1e400``, and mends bytes that are no
UTF-8; each of these would change what a sender said without a word. No Odoo here.
"""

import json
import re
from math import isfinite

LEVELS = 100
GZIP = b"\x1f\x8b"
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class BadBody(ValueError):
    """A body that is refused; the message names the place."""


def read_object(data):
    """The JSON object that a body says.

    :param data: bytes
    :raises BadBody: with the place of what is wrong
    """
    value = read_value(data)
    if not isinstance(value, dict):
        kind = {list: "a list", str: "a text", type(None): "null"}.get(
            type(value), "a single value"
        )
        raise BadBody(f"the body is {kind}: it must be an object of the arguments")
    return value


def refuse_packed(data):
    """Refuse a body in gzip, whatever its headers say."""
    if data.startswith(GZIP):
        raise BadBody("the body is packed with gzip: send it unpacked")


def read_value(data):
    """What the JSON in ``data`` says, of whatever kind.

    :param data: bytes
    :raises BadBody: with the place of what is wrong
    """
    refuse_packed(data)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadBody(
            f"the body is not UTF-8: byte {error.start + 1:,}, {error.reason}"
        ) from error
    return _read(text)


def _read(text):
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_number,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise BadBody(
            f"the body is no JSON: line {error.lineno:,}, column {error.colno:,}:"
            f" {error.msg}"
        ) from error
    except RecursionError as error:
        raise BadBody(too_deep(text)) from error
    except ValueError as error:
        raise BadBody(_place_of_bad(text) or f"the body: {error}") from error


def _object(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


def _number(digits):
    value = float(digits)
    if not isfinite(value):
        raise ValueError
    return value


def _no_constant(name):
    raise ValueError


# === Why not === #


class _Bad:
    """Takes the place of a value that is refused."""

    def __init__(self, why):
        self.why = why


def _place_of_bad(text):
    """Where the first value is that ``_read`` refuses, and why: reads once more."""

    def pairs(items):
        value = dict(items)
        if len(value) == len(items):
            return value
        seen = set()
        twice = next(key for key, _v in items if key in seen or seen.add(key))
        return _Bad(f"names {_cut(twice)} twice")

    def number(digits):
        finite = isfinite(float(digits))
        return float(digits) if finite else _Bad(f"{_cut(digits)} is out of range")

    def whole(digits):
        try:
            return int(digits)
        except ValueError:
            return _Bad(f"a number of {len(digits):,} digits is out of range")

    value = json.loads(
        text,
        object_pairs_hook=pairs,
        parse_float=number,
        parse_int=whole,
        parse_constant=lambda name: _Bad(f"{name} is no number"),
    )
    return _find(value, lambda found: isinstance(found, _Bad) and found.why)


def place_of_unstorable(value):
    """Where a text is that no database keeps, and why; "" where there is none."""
    return _find(value, lambda found: isinstance(found, str) and _unstorable(found))


def _unstorable(text):
    if "\x00" in text:
        return "holds the character NUL, which cannot be stored"
    if _SURROGATE.search(text):
        return "holds half of a surrogate pair, which is no character"
    return ""


def _find(value, why):
    """The first value that ``why`` says something of: its path and that."""
    walks, path = [iter([("", value)])], []
    while walks:
        step, value = next(walks[-1], (None, None))
        if step is None:
            walks.pop()
            del path[-1:]
        elif reason := why(value):
            place = "".join([*path, step]).removeprefix(".")
            return f"{_cut(place) or 'the body'}: {reason}"
        elif isinstance(value, dict | list):
            walks.append(_steps(value))
            path.append(step)
    return ""


def _steps(value):
    if isinstance(value, dict):
        return ((f".{name}", inner) for name, inner in value.items())
    return ((f"[{index}]", inner) for index, inner in enumerate(value))


def _cut(text, limit=80):
    shown = text[:limit] + "…" * (len(text) > limit)
    return shown if shown.isprintable() else ascii(shown)[1:-1]


def too_deep(text):
    """Where a text is nested deeper than anybody needs."""
    level = 0
    for token in _TOKENS.finditer(text):
        level += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if level > LEVELS:
            return (
                f"the body is nested more than {LEVELS} levels deep"
                f" at character {token.start() + 1:,}"
            )
    return "the body is nested too deep"
