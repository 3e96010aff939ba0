"""Compiled decks, kept per process and shared by its threads."""

import io
import threading
from collections import OrderedDict

import numpy as np

from ..engine import CompiledDeck, DeckSettings, Rates

DECKS_KEPT = 64

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
    ("connect_fee", "(r.connect_fee * 100000000)::bigint"),
    ("min_charge", "(r.min_charge * 100000000)::bigint"),
    ("max_charge", "COALESCE((NULLIF(r.max_charge, 0) * 100000000)::bigint, -1)"),
    ("initial", "r.initial_increment"),
    ("next", "r.next_increment"),
    ("grace", "r.grace_seconds"),
    ("effective_from", "(extract(epoch FROM r.effective_from) * 1000000)::bigint"),
    (
        "effective_to",
        "COALESCE((extract(epoch FROM r.effective_to) * 1000000)::bigint,"
        " 9223372036854775807)",
    ),
    ("blocked", "COALESCE(r.blocked, FALSE)::int"),
    ("payback", "COALESCE(r.payback, FALSE)::int"),
    ("destination_id", "COALESCE(r.destination_id, 0)"),
    ("service_id", "COALESCE(r.service_id, d.service_id, 0)"),
)


def _expression(sql):
    # A price of -1 means none, and stays -1.
    return sql.replace("{optional}", "GREATEST(-1, (").replace(
        "{scaled}", "* 100000000)::bigint)"
    )


_QUERY = (
    "COPY (SELECT "
    + ", ".join(_expression(sql) for _name, sql in _COLUMNS)
    + " FROM voip_rate r JOIN voip_rate_deck d ON d.id = r.deck_id"
    " WHERE d.id = {deck} ORDER BY r.id) TO STDOUT (DELIMITER ' ')"
)
_SETTINGS = """
SELECT revision, COALESCE(service_id, 0),
       formula, rounding, decimals, duration_rounding, grace_kind, moment
  FROM voip_rate_deck WHERE id = %s
"""

_decks = OrderedDict()
_lock = threading.Lock()


def _state(cr, deck_id):
    cr.execute(_SETTINGS, [deck_id])
    row = cr.fetchone()
    if row is None:
        raise LookupError(f"no deck {deck_id}")
    return row


def _read_rates(cr, deck_id):
    buffer = io.StringIO()
    cr._obj.copy_expert(_QUERY.format(deck=int(deck_id)), buffer)
    table = np.fromstring(buffer.getvalue(), np.int64, sep=" ")
    table = table.reshape(-1, len(_COLUMNS))
    return Rates.of(
        **{
            name: np.ascontiguousarray(table[:, place])
            for place, (name, _sql) in enumerate(_COLUMNS)
        }
    )


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
    with _lock:
        deck = _decks.pop(key, None)
        if deck is not None:
            _decks[key] = deck
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
        with _lock:
            _decks[key] = deck
            while len(_decks) > DECKS_KEPT:
                _decks.popitem(last=False)
    return deck
