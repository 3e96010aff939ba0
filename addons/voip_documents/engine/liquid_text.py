"""Liquid, strict and bounded: plain data in, text out."""

import re
from functools import lru_cache
from unicodedata import bidirectional

from liquid import Environment, Mode, StrictUndefined
from liquid.exceptions import LiquidError, OutputStreamLimitError
from liquid.filter import with_context
from markupsafe import Markup

from . import exact
from .faults import Fault
from .liquid_limits import (
    OUTPUT,
    TURNS,
    BoundedTemplate,
    bounded,
    one_document,
    refused,
)

MAX_SOURCE = 400_000
VARIABLES = 2_000_000
# What begins and what must end it: the lexer's time grows with the square of what
# stands open, and of blanks behind a beginning.
PAIRS = (
    (re.compile(r"\{\{"), re.compile(r"\}\}"), "}}"),
    (re.compile(r"\{%"), re.compile(r"%\}"), "%}"),
    (re.compile(r"\{%-?\s*raw\b"), re.compile(r"\{%-?\s*endraw\b"), "endraw"),
    (re.compile(r"\{%-?\s*doc\b"), re.compile(r"\{%-?\s*enddoc\b"), "enddoc"),
)
# Engines know no isolation of a text's direction; marks they do.
LEFT_TO_RIGHT = "\u200e"
BLANKS = re.compile(r"\{[{%]-?\s{200}")
# Without loader, clock or a way around escaping.
LEFT_OUT_TAGS = ("include", "render")
LEFT_OUT_FILTERS = (
    "base64_decode base64_encode base64_url_safe_decode base64_url_safe_encode"
    " escapejs safe url_decode at_least at_most ceil floor modulo strip_html"
).split()


class BoundedEnvironment(Environment):
    block_nesting_limit = 20
    context_depth_limit = 20
    template_class = BoundedTemplate
    loop_iteration_limit = TURNS
    output_stream_limit = OUTPUT
    local_namespace_limit = VARIABLES


def _layout(context):
    return context.globals.get("format") or exact.PLAIN


@with_context
def money(value, currency=None, *, context):
    """``{{ x | money }}``: in the document's currency, or in a given one."""
    return exact.money_text(value, _layout(context), currency)


@with_context
def rate(value, decimals=4, *, context):
    return exact.rate_text(value, _layout(context), _places(decimals))


@with_context
def number(value, decimals=0, *, context):
    return exact.number_text(value, _places(decimals), _layout(context))


@with_context
def date(value, pattern=None, *, context):
    pattern = str(pattern or _layout(context)["date"])
    if len(pattern) > 60:
        raise ValueError("a date's pattern has at most 60 characters")
    return exact.date_text(value, pattern)


def minutes(seconds):
    return exact.minutes_text(seconds)


def css(value):
    """``value`` inside the quotes of a string of a style sheet."""
    text = str(value)
    marks = (m if m.isalnum() or m == " " else f"\\{ord(m):x} " for m in text)
    return Markup("".join(marks))


@with_context
def direction(value, *, context):
    """Of a document that runs right to left: a text of no such letter keeps its own
    order, so that the full stop of a name and the plus of a number stay in place."""
    text = str(value)
    language = context.globals.get("language") or {}
    if not text or not language.get("is_right_to_left"):
        return text
    if any(bidirectional(letter) in ("R", "AL") for letter in text):
        return text
    return f"{LEFT_TO_RIGHT}{text}{LEFT_TO_RIGHT}"


def _places(value):
    places = int(exact.number(value))
    if not 0 <= places <= 8:
        raise ValueError("decimals are 0 to 8")
    return places


def _calculation(work):
    def filter_(left, right=0):
        return exact.text_of(work(exact.number(left), exact.number(right)))

    return filter_


def _divide(left, right):
    if not right:
        raise ValueError("division by zero")
    return exact.rounded(left / right, 8)


# Numbers come as text; Liquid's own filters count in floats and make a Decimal 0.
FILTERS = {
    "money": money,
    "rate": rate,
    "number": number,
    "minutes": minutes,
    "date": date,
    "css": css,
    "direction": direction,
    "plus": _calculation(lambda left, right: left + right),
    "minus": _calculation(lambda left, right: left - right),
    "times": _calculation(lambda left, right: left * right),
    "divided_by": _calculation(_divide),
    "round": _calculation(lambda left, right: exact.rounded(left, _places(right))),
    "abs": lambda value: exact.text_of(abs(exact.number(value))),
    "sum": lambda rows, key=None: exact.text_of(
        sum((exact.number(row[key] if key else row) for row in rows), exact.number(0))
    ),
}


def _guarded(name, filter_):
    """A filter whose errors are words about its input."""

    def guard(*args, **kwargs):
        try:
            return filter_(*args, **kwargs)
        except (KeyError, IndexError):
            raise refused(name, "it does not take these values") from None
        except (ValueError, ArithmeticError) as error:
            raise refused(name, error) from None

    guard.with_context = getattr(filter_, "with_context", False)
    return guard


@lru_cache(maxsize=2)
def environment(escape=True):
    """The environment of templates.

    :param escape: whether data is escaped for HTML
    """
    result = BoundedEnvironment(
        tolerance=Mode.STRICT,
        undefined=StrictUndefined,
        strict_filters=True,
        autoescape=escape,
    )
    for name in LEFT_OUT_TAGS:
        result.tags.pop(name, None)
    for name in LEFT_OUT_FILTERS:
        result.filters.pop(name, None)
    for name, filter_ in FILTERS.items():
        result.add_filter(name, _guarded(name, filter_))
    for name, filter_ in result.filters.items():
        result.filters[name] = bounded(name, filter_)
    return result


@lru_cache(maxsize=64)
def parsed(source, escape=True):
    """A template that is ready to render.

    :raises Fault: with the line of the first error
    """
    if len(source) > MAX_SOURCE:
        raise Fault(f"a template has at most {MAX_SOURCE} characters")
    _refuse_open(source)
    try:
        return environment(escape).from_string(source)
    except LiquidError as error:
        raise _fault(error, source) from None
    except RecursionError:
        raise Fault("the template is nested too deeply") from None


def _refuse_open(source):
    for begins, ends, name in PAIRS:
        opened = closed = -1
        for match in begins.finditer(source):
            opened = match.start()
        for match in ends.finditer(source):
            closed = match.start()
        if opened > closed:
            line = source.count("\n", 0, opened) + 1
            raise Fault(f"there is no {name} behind {source[opened:][:20]!r}", line)
    if BLANKS.search(source):
        raise Fault("a variable or tag begins with at most 199 blanks")


def render(source, data, escape=True):
    """The text that ``source`` makes of ``data``.

    :raises Fault: with the line, where it is known
    """
    template = parsed(source, escape)
    try:
        with one_document():
            return str(template.render(**data))
    except LiquidError as error:
        raise _fault(error, source) from None
    except RecursionError:
        raise Fault("the template is nested too deeply") from None


def _fault(error, source):
    if isinstance(error, OutputStreamLimitError):
        return Fault(f"the template makes more than {OUTPUT} bytes of text")
    place = error.context()
    reason = " ".join(str(error.message or type(error).__name__).split())
    return Fault(reason[:300], place[0] if place else None)

