"""Words of a request in the partner's language."""


def words(env, company, partner):
    """{name: word}.

    :param company, partner: names of the two sides
    """
    _ = env._
    return {
        "title": _("Netting Request"),
        "number": _("Number"),
        "date": _("Date"),
        "answer_by": _("Please answer by"),
        "to": _("Addressed to"),
        # Above the table of a workbook.
        "customer": _("Addressed to"),
        "vat": _("Tax ID"),
        "document": _("Document"),
        "reference": _("Reference"),
        "due": _("Due"),
        "open": _("Open"),
        "netted": _("Netted"),
        "theirs": _("In favour of %s", company),
        "ours": _("In favour of %s", partner),
        "total": _("Total"),
        "balance": _("Balance of these items after netting"),
        "left_out": _("Not part of this netting"),
        "part": _("Not taken of it"),
        "rates": _("Agreed exchange rates"),
        "between": _("Netted between currencies"),
        "ask": _(
            "We propose to set off the items below against each other. Please accept,"
            " or tell us item by item what you do not agree with."
        ),
        "answer": _("Answer here"),
        "page": _("Page"),
        "of": _("of"),
    }


def reasons(env):
    """{key: word} of why an item is not netted, as the list of the lines has them."""
    _ = env._
    return {
        "": "",
        "disputed": _("Disputed"),
        "not_due": _("Not Due Yet"),
        "advance": _("Paid in Advance"),
        "other": _("Other Reason"),
    }


def left(env, side, amount, company, partner):
    """Who owes whom after the netting, as a sentence.

    :param side: ``theirs``, ``ours`` or ``none``
    :param amount: formatted
    """
    if side == "none":
        return env._("Nothing is owed any more.")
    names = (partner, company) if side == "theirs" else (company, partner)
    return env._(
        "%(debtor)s owes %(creditor)s %(amount)s.",
        debtor=names[0],
        creditor=names[1],
        amount=amount,
    )
