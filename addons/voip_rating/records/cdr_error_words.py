"""Reasons of the error queue, what to do about each, and what can be corrected."""

from odoo.tools import LazyTranslate

from ..calls.charge import CHARGE

_lt = LazyTranslate(__name__)
CODES = [
    ("missing_field", "Missing or bad field"),
    ("bad_number", "Bad number"),
    ("bad_time", "Bad time"),
    ("bad_duration", "Bad duration"),
    ("unknown_switch", "Unknown switch"),
    ("unknown_trunk", "Unknown trunk"),
    ("no_account", "No account"),
    ("account_closed", "Account closed"),
    ("no_deck", "No rate deck"),
    ("no_rate", "No rate"),
    ("blocked", "Blocked"),
    ("conflict", "Conflict"),
    ("closed_period", "Closed period"),
    ("too_old", "Too old"),
    ("future", "In the future"),
    ("bad_metadata", "Bad extra fields"),
    ("missing_duration", "No duration"),
    ("no_exchange_rate", "No exchange rate"),
    ("short_code", "Short code"),
    ("out_of_bounds", "Out of bounds"),
    ("caller_refused", "Caller refused"),
]
# Fields of a call record that have a correction of their own.
CORRECTED = (
    "call_id",
    "caller",
    "called",
    "start",
    "answer",
    "end",
    "duration",
    "answered",
    "trunk",
    "account",
    "supplier_trunk",
)
SHOWN = (*CORRECTED, "leg", "direction")
# What a stored record is known by: another one is another call.
IDENTITY = frozenset(
    ("call_id", "leg", "start", "answer", "end", "duration", "answered", CHARGE)
)
ADVICE = {
    "missing_field": _lt("Correct the field, or mend the format, then Rate Again."),
    "bad_number": _lt("Correct the number, or the number rules of the trunk."),
    "bad_time": _lt("Correct the times; the time zone is that of format or switch."),
    "bad_duration": _lt("Correct what contradicts: duration, answer or end."),
    "unknown_switch": _lt("Make the switch, then Rate Again."),
    "unknown_trunk": _lt("Make a trunk of this code, or correct the trunk."),
    "no_account": _lt("Give the trunk an account, or correct the account."),
    "account_closed": _lt("Open the account again, or dismiss the call."),
    "no_deck": _lt("Give the account a rate deck, then Rate Again."),
    "no_rate": _lt("Load a rate of this code, or correct the number."),
    "blocked": _lt("Unblock the code in the deck, or dismiss the call."),
    "conflict": _lt(
        "The call was accepted before with other content. If that one waits in this"
        " queue and is wrong, dismiss it, then Rate Again here; else dismiss this one."
    ),
    "closed_period": _lt("Open the period, or dismiss the call."),
    "too_old": _lt("Raise the age limit of calls in the settings, or dismiss it."),
    "future": _lt("Set the clock or the time zone of the switch right, or correct it."),
    "bad_metadata": _lt("Have the switch send less beside the call."),
    "missing_duration": _lt("Correct the duration or the end of the call."),
    "no_exchange_rate": _lt("Enter the exchange rate of the day, then Rate Again."),
    "short_code": _lt("Give the short code a rate, or dismiss the call."),
    "out_of_bounds": _lt("Invoice the account or correct the rate, then Rate Again."),
    "caller_refused": _lt(
        "Correct the caller, or let the account show it, then Rate Again."
    ),
}
