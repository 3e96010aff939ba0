"""Prices of a dated catalogue (pydantic's genai-prices) as costs of our units.

Its providers are given as it defines them; nothing of it is imported here.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# Key of its prices: our kind, and how many of our units one of its prices is for.
KINDS = {
    "input_mtok": ("input", 1000),
    "input_audio_mtok": ("input.audio", 1000),
    "cache_read_mtok": ("input.cached", 1000),
    "cache_audio_read_mtok": ("input.cached.audio", 1000),
    "cache_write_mtok": ("input.cache_write", 1000),
    "cache_write_1h_mtok": ("input.cache_write.1h", 1000),
    "output_mtok": ("output", 1000),
    "output_audio_mtok": ("output.audio", 1000),
    "output_reasoning_mtok": ("output.reasoning", 1000),
    "input_audio_hours": ("speech_to_text", 60),
    "input_mchars": ("text_to_speech", 1000),
}
# What another key of ours says already.
SAID = {"audio_hours": "input_audio_hours"}
CURRENCY = "USD"
_UNIT = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Costs:
    """``costs`` is {kind: decimal text} of 1,000 units, or of a minute of speech;
    ``notes`` are sentences on what the catalogue says of the model beyond them."""

    costs: dict
    notes: tuple


def costs_of(providers, provider, model, moment):
    """The :class:`Costs` of a model, None where it is unknown.

    :param providers: the catalogue's providers, each with ``id`` and ``models``
    :param str provider, model: as our catalogue calls them
    :param moment: aware datetime at which the prices hold
    """
    for owner in providers:
        if owner.id.lower() != provider.lower():
            continue
        exact = [one for one in owner.models if one.id.lower() == model.lower()]
        for one in exact or [m for m in owner.models if m.is_match(model)]:
            return _costs(one, moment)
    return None


def _costs(model, moment):
    costs, notes, steps = {}, [], {}
    prices = vars(model.get_prices(moment))
    told = {k: v for k, v in prices.items() if v is not None and k[0] != "_"}
    for key, (kind, share) in KINDS.items():
        if key not in told:
            continue
        price = Decimal(getattr(told[key], "base", told[key]))
        cost = (price / share).quantize(_UNIT, ROUND_HALF_UP)
        costs[kind] = f"{cost:f}"
        if cost * share != price:
            notes.append(f"{kind}: {price:f} / {share} is rounded to {cost:f}.")
        for tier in getattr(told[key], "tiers", ()):
            higher = Decimal(tier.price) / share
            steps.setdefault(tier.start, []).append(f"{kind} {higher.normalize():f}")
    for start, words in sorted(steps.items()):
        notes.append(
            f"A request of more than {start:,} input tokens costs more:"
            f" {', '.join(sorted(words))}."
        )
    if other := [k for k in told if k not in KINDS and SAID.get(k) not in told]:
        notes.append(f"Not taken: {', '.join(sorted(other))}.")
    return Costs(costs, (*notes, *_conditions(model)))


def _conditions(model):
    """What else a price of the catalogue hangs on."""
    variants = getattr(model, "price_variants", None) or ()
    wholes = {f"{k} {v}" for one in variants for k, v in one.when.items()}
    # A variant without prices of its own is what is taken.
    empty = {
        f"{k} {v}"
        for one in variants
        for k, v in one.when.items()
        if not any(vars(one.prices).values())
    }
    if other := wholes - empty:
        yield f"Has other prices, which are not taken, for: {', '.join(sorted(other))}."
    dated = model.prices if isinstance(model.prices, list) else ()
    if any(hasattr(one.constraint, "start_time") for one in dated):
        yield "The price changes within the day: that of noon UTC is taken."
