"""Small differences that come again and again. No Odoo here."""


def repeated(now, before, count):
    """Keys that are to our disadvantage on so many invoices in a row.

    :param now: {key: difference} of the invoice, theirs minus ours
    :param before: the same of earlier invoices, the latest first
    :param count: how many in a row, with the present one; 0: never
    :return: set of keys
    """
    if count < 1 or len(before) < count - 1:
        return set()
    rows = [now, *before[: count - 1]]
    return {key for key in now if all(row.get(key, 0) > 0 for row in rows)}
