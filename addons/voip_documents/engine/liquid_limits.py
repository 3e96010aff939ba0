"""Limits of Liquid beyond the library's own: the turns of all loops together, of all
cells of a workbook too, and how much a filter takes and gives."""

from contextlib import contextmanager
from contextvars import ContextVar

from liquid import BoundTemplate
from liquid.context import RenderContext
from liquid.exceptions import (
    FilterArgumentError,
    LiquidError,
    LoopIterationLimitError,
)

TURNS, OUTPUT = 200_000, 4_000_000
# Turns that are left of the budget of the document that is being made.
_left = ContextVar("turns that are left", default=None)


class BoundedContext(RenderContext):
    """Counts what loops turn, one after another and within each other."""

    def loop(self, namespace, forloop):
        budget = _left.get()
        budget[0] -= forloop.length
        if budget[0] < 0:
            reason = f"loops of a document turn at most {TURNS} times together"
            raise LoopIterationLimitError(reason, token=None)
        return super().loop(namespace, forloop)


class BoundedTemplate(BoundTemplate):
    context_class = BoundedContext


@contextmanager
def one_document():
    """All that is rendered inside is of one document: its loops share their turns."""
    if _left.get() is not None:
        yield
        return
    token = _left.set([TURNS])
    try:
        yield
    finally:
        _left.reset(token)


def bounded(name, filter_):
    """``filter_`` that refuses what would keep it busy, and what grew too large.

    :param name: what the template calls it
    """

    def limited(*args, **kwargs):
        args = [_taken(name, value) for value in args]
        kwargs = {key: _taken(name, value) for key, value in kwargs.items()}
        try:
            return _taken(name, filter_(*args, **kwargs))
        except (TypeError, LiquidError) as error:
            # The library hands on what Python says.
            if isinstance(error, TypeError) or isinstance(error.message, TypeError):
                raise refused(name, "it does not take these values") from None
            raise

    limited.with_context = getattr(filter_, "with_context", False)
    limited.with_environment = getattr(filter_, "with_environment", False)
    return limited


def _taken(name, value):
    """``value``, a range as the list that the library's filters expect.

    :raises FilterArgumentError: it has too many values or characters; the library adds
        the line
    """
    if isinstance(value, str):
        if len(value) > OUTPUT:
            raise refused(name, f"a text has at most {OUTPUT} characters")
    elif isinstance(value, range):
        # A range of many digits has no length.
        if value.stop - value.start > TURNS:
            raise refused(name, f"a range has at most {TURNS} numbers")
        return list(value)
    elif isinstance(value, list | tuple) and len(value) > OUTPUT:
        raise refused(name, f"a list has at most {OUTPUT} values")
    return value


def refused(name, reason):
    """The error of a filter that tells its line."""
    return FilterArgumentError(f"filter {name}: {reason}", token=None)
