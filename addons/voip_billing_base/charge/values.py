"""Days as numbers, and values as PostgreSQL reads them from one text."""

from datetime import date, timedelta

EPOCH = date(1970, 1, 1)


def day_of(number):
    """The date of a number of days since 1970-01-01."""
    return EPOCH + timedelta(days=int(number))


def day_number(day):
    """Days since 1970-01-01 of a date."""
    return (day - EPOCH).days


def array_text(values):
    """An array as PostgreSQL reads it from one text; quicker than one value each."""
    return "{" + ",".join(map(str, values)) + "}"


def quoted(name):
    """A text as an element of an array."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
