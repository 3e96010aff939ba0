"""Shipped templates: each is whole once the parts they share are put in."""

import re

_PART = re.compile(r"^<!-- part: (\w+) -->\n", re.MULTILINE)


def whole(text, part):
    """``text`` with each line ``<!-- part: name -->`` replaced.

    :param part: callable of a name, giving the part's lines
    """
    return _PART.sub(lambda found: part(found[1]), text)
