"""What of an AI session is counted, and totals of tokens as parts that lie apart.

Providers report totals that hold each other: ``input`` holds ``input.audio`` and
``input.cached``, and what is both, ``input.cached.audio``, is in either. A flat sum
counts such a token two to four times. Tokens that are written to a cache
(``input.cache_write``, those of them that are kept for an hour once more in
``input.cache_write.1h``) are neither cached nor audio. The leaf of a kind is what lies
in it and in no kind below it (inclusion and exclusion, as pydantic's genai-prices
decomposes usage).
"""

import numpy as np

TOKENS = (
    "input",
    "input.audio",
    "input.cached",
    "input.cached.audio",
    "input.cache_write",
    "input.cache_write.1h",
    "output",
    "output.audio",
    "output.reasoning",
)
SECONDS = ("speech_to_text", "platform", "minute")
KINDS = (*TOKENS, "speech_to_text", "text_to_speech", "platform", "tool", "minute")
# What a session may say of itself: its minutes come from its seconds, by its plan.
SENT = KINDS[:-1]
CODE = {kind: code for code, kind in enumerate(KINDS)}
# Without a price there is an error; what is left is charged only where it is priced.
MUST = (*TOKENS, "speech_to_text", "text_to_speech")
# Whose price counts for a kind that has none of its own, the nearest first.
CHAINS = {
    "input": ("input",),
    "input.audio": ("input.audio", "input"),
    "input.cached": ("input.cached", "input"),
    "input.cached.audio": (
        "input.cached.audio",
        "input.cached",
        "input.audio",
        "input",
    ),
    "input.cache_write": ("input.cache_write", "input"),
    "input.cache_write.1h": (
        "input.cache_write.1h",
        "input.cache_write",
        "input",
    ),
    "output": ("output",),
    "output.audio": ("output.audio", "output"),
    "output.reasoning": ("output.reasoning", "output"),
}
MOST_UNITS = 10**12
_INPUT, _AUDIO, _CACHED, _BOTH, _WRITTEN, _LONG, _OUTPUT, _SPOKEN, _THOUGHT = range(9)


def per_of(kind):
    """How many units a price of ``kind`` is for: 60 seconds, else 1,000."""
    return 60 if kind in SECONDS else 1000


def split(totals):
    """Leaves of totals of tokens.

    :param totals: int64 array, a row for each session, a column for each of
        :data:`TOKENS`; what was not said is 0
    :return: the same shape; a negative leaf means that the totals contradict
    """
    leaves = totals.copy()
    both = totals[:, _BOTH]
    leaves[:, _AUDIO] -= both
    leaves[:, _CACHED] -= both
    leaves[:, _WRITTEN] -= totals[:, _LONG]
    inside = totals[:, _AUDIO] + totals[:, _CACHED] - both + totals[:, _WRITTEN]
    leaves[:, _INPUT] -= inside
    leaves[:, _OUTPUT] -= totals[:, _SPOKEN] + totals[:, _THOUGHT]
    return leaves


def contradiction(totals, leaves):
    """What contradicts in one row, for its sender; "" where nothing does.

    :param totals, leaves: a row each of what :func:`split` takes and gives
    """
    for code in np.flatnonzero(np.asarray(leaves) < 0).tolist():
        total, inside = int(totals[code]), int(totals[code] - leaves[code])
        return f"{TOKENS[code]}: {total:,} in all, but {inside:,} in the kinds below it"
    return ""
