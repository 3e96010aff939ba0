"""Words of statements in the user's language."""

import re

# How a movement is described that is an invoice of usage, see ``sql``.
PERIOD = re.compile(r"(\d{4}-\d{2}-\d{2}) – (\d{4}-\d{2}-\d{2})")


def described(text, day_text):
    """A movement's description as people read it: days of usage in their format.

    :param day_text: callable of an ISO day, giving its text
    """
    period = PERIOD.fullmatch(text)
    return " – ".join(day_text(day) for day in period.groups()) if period else text


def statement_words(env):
    """{name: word}: headings, kinds of movements, ages."""
    kinds = env["voip.wallet.entry"]._fields["kind"]
    return dict(kinds._description_selection(env)) | {
        "currency": env._("Currency"),
        "date": env._("Date"),
        "kind": env._("Type"),
        "document": env._("Document"),
        "description": env._("Description"),
        "debit": env._("Debit"),
        "credit": env._("Credit"),
        "balance": env._("Balance"),
        "opening": env._("Opening Balance"),
        "closing": env._("Closing Balance"),
        "unbilled": env._("Not Invoiced Yet, with Estimated Tax"),
        "current": env._("Not Due"),
        "1-30": env._("1–30 Days"),
        "31-60": env._("31–60 Days"),
        "61-90": env._("61–90 Days"),
        "90+": env._("Over 90 Days"),
        "rounded": env._("Rounding: its usage was charged day by day"),
        "beside_usage": env._("Beside its usage, which was charged day by day"),
    }
