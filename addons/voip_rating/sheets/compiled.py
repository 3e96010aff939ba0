"""Compiled decks, kept per process and shared by its threads.

They are bounded in bytes, not in number: a deck of 60,000 rates takes some 10 MB.
"""

import io
import threading
from collections import OrderedDict, deque
from dataclasses import fields, is_dataclass

import numpy as np

from ..engine import CompiledDeck, DeckSettings, Rates

BYTES_KEPT = 384 * 2**20

_COLUMNS = (
    ("rate_id", "r.id"),
    ("prefix", "r.prefix::bigint"),
    ("prefix_len", "length(r.prefix)"),
    ("price", "(r.price_per_minute * 100000000)::bigint"),
    ("origin", "COALESCE(r.origin_prefix, '0')::bigint"),
    ("origin_len", "COALESCE(length(r.origin_prefix), 0)"),
    ("price_intra", "{optional} r.price_intra {scaled}"),
    ("price_local", "{optional} r.price_local {scaled}"),
    ("price_indeterminate", "{optional} r.price_indeterminate {scaled}"),
    ("first_price", "{optional} r.first_price {scaled}"),
    ("connect_fee", "{charge} r.connect_fee {scaled}"),
    ("min_charge", "{charge} r.min_charge {scaled}"),
    ("max_charge", "COALESCE((NULLIF(r.max_charge, 0) * 100000000)::bigint, -1)"),
    ("attempt_fee", "{charge} r.attempt_fee {scaled}"),
    ("initial", "r.initial_increment"),
    ("next", "r.next_increment"),
    ("grace", "r.grace_seconds"),
    ("effective_from", "(date_part('epoch', r.effective_from) * 1000000)::bigint"),
    (
        "effective_to",
        "COALESCE((date_part('epoch', r.effective_to) * 1000000)::bigint,"
        " 9223372036854775807)",
    ),
    ("blocked", "COALESCE(r.blocked, FALSE)::int"),
    ("payback", "COALESCE(r.payback, FALSE)::int"),
    ("destination_id", "COALESCE(r.destination_id, 0)"),
    ("service_id", "COALESCE(r.service_id, d.service_id, 0)"),
)


def _expression(sql):
    """SQL of a column; where there is nothing, nothing is computed.

    A price of -1 means none, and stays -1.
    """
    for mark, nothing in (("{optional}", "-1"), ("{charge}", "0")):
        if sql.startswith(mark):
            name = sql.removeprefix(mark).removesuffix("{scaled}").strip()
            return (
                f"CASE {name} WHEN {nothing} THEN {nothing}"
                f" ELSE ({name} * 100000000)::bigint END"
            )
    return sql


_QUERY = (
    "COPY (SELECT "
    + ", ".join(f"({_expression(sql)})::bigint" for _name, sql in _COLUMNS)
    + " FROM voip_rate r JOIN voip_rate_deck d ON d.id = r.deck_id"
    " WHERE d.id = {deck} ORDER BY r.id) TO STDOUT (FORMAT binary)"
)
# What PostgreSQL puts around the rows, and a row of numbers of 64 bits.
_HEAD, _TAIL = 19, 2
_ROW = np.dtype(
    [("count", ">i2")]
    + [
        part
        for name, _sql in _COLUMNS
        for part in ((f"{name}_bytes", ">i4"), (name, ">i8"))
    ]
)
_SETTINGS = """
SELECT revision, COALESCE(service_id, 0),
       formula, rounding, decimals, duration_rounding, grace_kind, moment
  FROM voip_rate_deck WHERE id = %s
"""

# {key: deck}, the one that was asked for last at the end; and {key: bytes}.
_decks = OrderedDict()
_sizes = {}
_lock = threading.Lock()


def deck_bytes(deck):
    """Bytes of all arrays of a compiled deck, those of its epochs included."""
    return _array_bytes(vars(deck), set())


def _array_bytes(value, seen):
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return value.nbytes
    if is_dataclass(value):
        parts = [getattr(value, field.name) for field in fields(value)]
    elif isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, list | tuple | deque):
        parts = list(value)
    else:
        return 0
    return sum(_array_bytes(part, seen) for part in parts)


def fit(decks, sizes, most):
    """Forget the decks that were asked for longest ago until the rest fit.

    :param decks: OrderedDict, the newest last; it stays whatever it takes
    :param sizes: {key: bytes}
    """
    total = sum(sizes.values())
    while total > most and len(decks) > 1:
        key, _deck = decks.popitem(last=False)
        total -= sizes.pop(key)


def _keep(key, deck):
    """Put a deck at the end; the one before it may have grown since it was put."""
    with _lock:
        if _decks:
            last = next(reversed(_decks))
            _sizes[last] = deck_bytes(_decks[last])
        _decks.pop(key, None)
        _decks[key] = deck
        _sizes[key] = deck_bytes(deck)
        fit(_decks, _sizes, BYTES_KEPT)


def _state(cr, deck_id):
    cr.execute(_SETTINGS, [deck_id])
    row = cr.fetchone()
    if row is None:
        raise LookupError(f"no deck {deck_id}")
    return row


def _read_rates(cr, deck_id):
    buffer = io.BytesIO()
    cr._obj.copy_expert(_QUERY.format(deck=int(deck_id)), buffer)
    rows = np.frombuffer(buffer.getbuffer()[_HEAD:-_TAIL], _ROW)
    if (rows["count"] != len(_COLUMNS)).any():
        raise ValueError(f"a rate of deck {deck_id} lacks a value")
    return Rates.of(**{name: rows[name].astype(np.int64) for name, _sql in _COLUMNS})


def compiled(env, deck_id):
    """Return the deck as the current transaction sees it, ready to match.

    ``rates.rate_id`` are ids of voip.rate, ``rates.destination_id`` and
    ``rates.service_id`` (the deck's where the rate has none) are 0 where there is none.

    :rtype: engine.CompiledDeck
    :raise LookupError: there is no such deck
    """
    env["voip.rate.deck"].flush_model()
    env["voip.rate"].flush_model()
    cr = env.cr
    state = _state(cr, deck_id)
    key = (cr.dbname, deck_id, state)
    deck = _decks.get(key)
    if deck is not None:
        _keep(key, deck)
        return deck
    formula, rounding, decimals, duration_rounding, grace_kind, moment = state[2:]
    settings = DeckSettings(
        formula=formula,
        rounding=rounding,
        decimals=decimals,
        duration_rounding=duration_rounding,
        grace_kind=grace_kind,
        decides=moment,
    )
    deck = CompiledDeck(_read_rates(cr, deck_id), settings)
    # At READ COMMITTED the rates may be newer than the revision read before them.
    if _state(cr, deck_id) == state:
        _keep(key, deck)
    return deck
