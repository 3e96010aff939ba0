"""Long matrices of cases take turns: a part in each run, another one each time."""

import os
from itertools import cycle, islice
from random import randrange


def in_turn(cases, of):
    """Each ``of``-th case, from another one in each run.

    :param cases: iterable; whoever fails is named by its ``subTest``
    :param int of: ``VOIP_TEST_TURNS=1`` in the environment has all cases tried
    """
    cases = list(cases)
    of = min(of, int(os.environ.get("VOIP_TEST_TURNS") or of), len(cases))
    return cases[randrange(of) :: of]


def one_by_one(ways):
    """Ways without end, one for each case: which begins is another in each run."""
    ways = list(ways)
    return islice(cycle(ways), randrange(len(ways)), None)
