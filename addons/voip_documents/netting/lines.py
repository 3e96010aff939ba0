"""Items of a request as rows of a table. No Odoo here."""


def lines_of(currencies):
    """Items of all currencies, for tables: taken ones, then what is left out."""
    return [
        {**item, "currency": each["currency"]["name"]}
        for each in currencies
        for item in (*each["items"], *each["left_out"])
    ]


def sums_of(currencies, labels):
    """What is taken in favour of either side, by name: rows below a table's lines.

    :return: list of dicts ``label``, ``amount`` (exact text)
    """
    return [
        {"label": f"{labels[side]} ({each['currency']['name']})", "amount": each[side]}
        for each in currencies
        for side in ("theirs", "ours")
    ]
