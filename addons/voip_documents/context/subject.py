"""What a document is made of."""

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Subject:
    """One record, or what happened to it between two days.

    :param record: the record that the document is of
    :param partner: whom the document is for, a commercial partner
    :param account: the VoIP account, may be empty; it decides the template
    :param first, last: days, both included, of documents of a range; ``first`` is None
        where they begin at the beginning
    :param view: how it is shown, of kinds that know several ways
    """

    record: Any
    company: Any
    partner: Any
    account: Any
    first: date | None = None
    last: date | None = None
    view: str = ""
