"""Prices of a dated catalogue (pydantic's genai-prices) as costs per 1,000 tokens.

Its providers are given as it defines them; nothing of it is imported here.
"""

from decimal import ROUND_HALF_UP, Decimal

# Keys of its prices, in USD for a million tokens.
KINDS = {
    "input_mtok": "input",
    "input_audio_mtok": "input.audio",
    "cache_read_mtok": "input.cached",
    "cache_audio_read_mtok": "input.cached.audio",
    "output_mtok": "output",
    "output_audio_mtok": "output.audio",
}
CURRENCY = "USD"
_UNIT = Decimal("0.00000001")


def costs_of(providers, provider, model, moment):
    """{kind: cost of 1,000 tokens as decimal text} of a model, {} where it is unknown.

    A price that grows with the size of a request is its first step.

    :param providers: the catalogue's providers, each with ``id`` and ``models``
    :param str provider, model: as our catalogue calls them
    :param moment: aware datetime at which the prices hold
    """
    for owner in providers:
        if owner.id.lower() != provider.lower():
            continue
        exact = [one for one in owner.models if one.id.lower() == model.lower()]
        for one in exact or [m for m in owner.models if m.is_match(model)]:
            return _costs(one.get_prices(moment))
    return {}


def _costs(prices):
    found = {}
    for key, kind in KINDS.items():
        price = getattr(prices, key, None)
        price = getattr(price, "base", price)
        if price is not None:
            cost = (Decimal(price) / 1000).quantize(_UNIT, ROUND_HALF_UP)
            found[kind] = f"{cost:f}"
    return found
