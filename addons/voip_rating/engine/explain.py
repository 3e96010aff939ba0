"""Why this price: the rating of one call, step by step.

Walks the functions that rate whole columns, with arrays of one element, so the amount
is the amount of :func:`~.rate.rate_calls`.
"""

from decimal import ROUND_DOWN, Decimal

from .deck import JURISDICTIONS
from .money import (
    MULTIPLIER_ONE,
    NONE,
    ONE,
    apply_multiplier,
    clamp,
    gross_sixtieths,
    to_text,
)
from .parse import EXACT
from .rate import BLOCKED, NO_RATE, STATUSES, ZERO, rate_calls
from .rates import ALWAYS, OPEN_END
from .times import text_utc

_SHOWN = Decimal(1).scaleb(-12)


def _step(step, text, value=""):
    return {"step": step, "text": text, "value": str(value)}


def _money(values):
    return to_text(values)[0]


def _exact(numerator, parts):
    """Show a fraction of scaled units with up to 12 decimals, never rounded up."""
    number = EXACT.divide(Decimal(int(numerator[0])), Decimal(parts * ONE))
    shown = number.quantize(_SHOWN, rounding=ROUND_DOWN, context=EXACT)
    text = f"{shown:f}".rstrip("0").rstrip(".")
    return text if shown == number else f"{text}…"


def _digits(number, length):
    return str(int(number[0])) if length[0] else "unknown"


def _prefix(number, length):
    return str(int(number[0])) if length[0] else "any"


def _period(rates, row):
    first, end = int(rates.effective_from[row][0]), int(rates.effective_to[row][0])
    begins = "always" if first == ALWAYS else f"from {text_utc(first)}"
    return begins if end == OPEN_END else f"{begins} until {text_utc(end)}"


def _match_steps(deck, calls, rated):
    yield _step("called", "Called number", _digits(calls.number, calls.number_len))
    yield _step("caller", "Calling number", _digits(calls.caller, calls.caller_len))
    yield _step(
        "moment",
        f"The {deck.settings.decides} time decides",
        text_utc(int(rated.at_us[0])),
    )
    row = rated.rate_index
    if row[0] < 0:
        yield _step("rate", "No active code of the deck fits this number")
        return
    rates = deck.rates
    found = f"Longest matching code, valid {_period(rates, row)}"
    yield _step("rate", found, rated.rate_id[0])
    yield _step("prefix", "Code", _prefix(rates.prefix[row], rates.prefix_len[row]))
    if rates.origin_len[row][0]:
        origin = _prefix(rates.origin[row], rates.origin_len[row])
        yield _step("origin", "Longest matching origin", origin)
    name = JURISDICTIONS[calls.jurisdiction[0]]
    yield _step("price", f"Price per minute ({name})", _money(rated.price))


def _seconds_steps(deck, calls, rated):
    settings, rates, row = deck.settings, deck.rates, rated.rate_index
    yield _step(
        "duration",
        f"{calls.duration_ms[0]} ms rounded {settings.duration_rounding} to seconds",
        rated.seconds[0],
    )
    if rated.status[0] == ZERO:
        return
    if rates.grace[row][0]:
        yield _step("grace", f"Grace by {settings.grace_kind}", rates.grace[row][0])
    if rated.free[0]:
        yield _step("free", "Within the grace: nothing is charged")
        return
    increments = f"{rates.initial[row][0]}/{rates.next[row][0]}"
    yield _step(
        "billed",
        f"Increments {increments} by formula {settings.formula}",
        rated.billed[0],
    )


def _money_steps(deck, calls, rated):
    """Show the exact amount after each modifier, up to the fee of the attempt."""
    rates, row = deck.rates, rated.rate_index
    fee, least = rates.connect_fee[row], rates.min_charge[row]
    most = rates.max_charge[row]
    first = deck.first_prices(row, calls.jurisdiction, rated.price)
    exact = gross_sixtieths(rated.price, rated.billed, fee, first, rates.initial[row])
    yield _step("charge", _charge_text(rated, rates, first), _exact(exact, 60))
    ceiling = int(max(least[0], most[0], 0))
    exact, parts = apply_multiplier(exact, calls.multiplier, ceiling)
    if calls.multiplier[0] != MULTIPLIER_ONE:
        factor = EXACT.divide(Decimal(int(calls.multiplier[0])), MULTIPLIER_ONE)
        yield _step("multiplier", f"Times {factor}", _exact(exact, parts))
    clamped = clamp(exact, parts, least, most)
    if least[0] > 0:
        yield _step("minimum", "Minimum charge", _money(least))
    if most[0] != NONE:
        yield _step("maximum", "Maximum charge", _money(most))
    if clamped[0] != exact[0]:
        yield _step("bounded", "Within minimum and maximum", _exact(clamped, parts))


def _charge_text(rated, rates, first):
    """The sum of connect fee and minutes, as it is computed."""
    row, billed, price = rated.rate_index, int(rated.billed[0]), _money(rated.price)
    minutes = f"{price} × {billed} / 60"
    if first is not None and first[0] != rated.price[0]:
        opening = min(billed, int(rates.initial[row][0]))
        minutes = f"{_money(first)} × {opening} / 60"
        if billed > opening:
            minutes += f" + {price} × {billed - opening} / 60"
    return f"Connect fee {_money(rates.connect_fee[row])} + {minutes}"


def _end_steps(deck, rated):
    """Show the fee of the attempt, which all calls pay, and the rounding."""
    rates, row, settings = deck.rates, rated.rate_index, deck.settings
    fee, amount = rates.attempt_fee[row], rated.amount
    if fee[0]:
        yield _step("attempt_fee", "Fee of the attempt, answered or not", _money(fee))
    elif rated.free[0]:
        return
    way = settings.rounding.replace("_", " ")
    yield _step(
        "rounded", f"Rounded {way} to {settings.decimals} decimals", _money(abs(amount))
    )
    if rates.payback[row][0]:
        yield _step("payback", "Payback rate: the amount is paid out", _money(amount))


def explain(deck, calls):
    """Explain the rating of one call.

    :param deck: :class:`~.deck.CompiledDeck`
    :param calls: :class:`~.rate.Calls` with one row
    :return: list of ``{"step", "text", "value"}``, all text; the last one is the step
        ``amount``, its text the status
    :raise ValueError: for more or fewer than one call
    """
    if len(calls) != 1:
        raise ValueError("explain takes exactly one call")
    rated = rate_calls(deck, calls)
    steps = list(_match_steps(deck, calls, rated))
    status = rated.status[0]
    if status == BLOCKED:
        steps.append(_step("blocked", "The code is blocked; no shorter one is tried"))
    if status not in (NO_RATE, BLOCKED):
        steps.extend(_seconds_steps(deck, calls, rated))
        if status != ZERO and not rated.free[0]:
            steps.extend(_money_steps(deck, calls, rated))
        if rated.rate_index[0] >= 0 and not deck.rates.blocked[rated.rate_index][0]:
            steps.extend(_end_steps(deck, rated))
    steps.append(_step("amount", STATUSES[status], _money(rated.amount)))
    return steps
