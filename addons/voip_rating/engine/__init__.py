"""Pure rating engine: arrays in, arrays out; no clock, no database, no files.

numbers, times and parse read what switches and people write; intervals and deck find
the rate; seconds and money compute the charge; rate joins them for whole columns and
explain tells the steps of one call.
"""

from . import (
    deck,
    explain,
    intervals,
    money,
    numbers,
    parse,
    rate,
    rates,
    seconds,
    times,
)
from .deck import CompiledDeck, DeckSettings
from .number_rules import NumberRules
from .rate import Calls, RatedCalls, rate_calls
from .rates import Rates

__all__ = [
    "Calls",
    "CompiledDeck",
    "DeckSettings",
    "NumberRules",
    "RatedCalls",
    "Rates",
    "deck",
    "explain",
    "intervals",
    "money",
    "numbers",
    "parse",
    "rate",
    "rate_calls",
    "rates",
    "seconds",
    "times",
]
