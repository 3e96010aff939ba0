"""What the engine's tests share: one hypothesis profile, and the way to the engine."""

import numpy as np
from hypothesis import HealthCheck, settings

from odoo.addons.voip_rating import engine

PROPERTY = settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=(HealthCheck.too_slow,),
)


def ints(*values):
    return np.array(values, np.int64)


def scaled(value):
    """Return a price as the engine keeps it, -1 for none."""
    return -1 if value is None else engine.money.to_scaled(value)


def rate_columns(rates):
    """Return the engine's columns of reference rates."""
    money = ("connect_fee", "min_charge", "max_charge", "attempt_fee")
    prices = ("price", "price_intra", "price_local", "price_indeterminate")
    prices += ("first_price",)
    plain = ("rate_id", "initial", "next", "grace", "effective_from")
    columns = {
        name: np.array([scaled(getattr(rate, name)) for rate in rates], np.int64)
        for name in money + prices
    }
    for name in plain:
        columns[name] = np.array([getattr(rate, name) for rate in rates], np.int64)
    for name in ("blocked", "payback"):
        columns[name] = np.array([getattr(rate, name) for rate in rates], bool)
    columns["effective_to"] = np.array(
        [rate.effective_to or engine.rates.OPEN_END for rate in rates], np.int64
    )
    columns["prefix"], columns["prefix_len"] = digits([rate.prefix for rate in rates])
    columns["origin"], columns["origin_len"] = digits([rate.origin for rate in rates])
    return engine.Rates.of(**columns)


def compile_deck(deck):
    """Compile a reference deck with the engine."""
    names = (
        "formula",
        "rounding",
        "decimals",
        "duration_rounding",
        "grace_kind",
        "decides",
    )
    settings_ = engine.DeckSettings(**{name: getattr(deck, name) for name in names})
    return engine.CompiledDeck(rate_columns(deck.rates), settings_)


def call_columns(calls):
    """Return the engine's columns of reference calls."""
    number, number_len = digits([call.number for call in calls])
    caller, caller_len = digits([call.caller for call in calls])
    unknown = engine.rate.NO_TIME
    names = engine.deck.JURISDICTIONS
    return engine.Calls.of(
        number=number,
        number_len=number_len,
        caller=caller,
        caller_len=caller_len,
        setup_us=ints(*(call.setup_us for call in calls)),
        answer_us=ints(
            *(unknown if c.answer_us is None else c.answer_us for c in calls)
        ),
        duration_ms=ints(*(call.duration_ms for call in calls)),
        answered=ints(
            *(c.duration_ms > 0 if c.answered is None else c.answered for c in calls)
        ),
        jurisdiction=ints(*(names.index(call.jurisdiction) for call in calls)),
        multiplier=ints(*(int(call.multiplier * 1_000_000) for call in calls)),
    )


def digits(texts):
    """Return texts of digits as ints and their lengths."""
    return ints(*(int(text or 0) for text in texts)), ints(*map(len, texts))
