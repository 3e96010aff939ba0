"""Words of statements in the user's language."""


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
    }
