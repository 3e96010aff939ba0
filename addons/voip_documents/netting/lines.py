"""Items of a request as rows of a table. No Odoo here."""


def lines_of(currencies):
    """Items of all currencies, for tables: taken ones, then what is left out."""
    return [
        {**item, "currency": each["currency"]["name"]}
        for each in currencies
        for item in (*each["items"], *each["left_out"])
    ]
