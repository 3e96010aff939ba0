"""Which line of an invoice a cost is on, where costs are known one by one."""

from decimal import Decimal


def assign(costs, lines):
    """Put each cost on the line that names it most exactly.

    Lines that name it alike, as of setup and of rental, have in turn at most what they
    charge, the last one what is left.

    :param costs: iterable of what has an ``amount``, Decimal
    :param lines: list in their order, each with ``key``, ``amount``, ``covers(cost)``
        (whether it is of its days) and ``exactness(cost)`` (the larger, the more
        exactly it names it; None: something else)
    :return: ({key of a line: [(cost, amount)]}, [costs on no line])
    """
    found, left = {line.key: [] for line in lines}, []
    rest = {line.key: line.amount for line in lines}
    for cost in costs:
        named, amount = _named(cost, lines), cost.amount
        for line in named[:-1]:
            part = min(max(rest[line.key], Decimal(0)), amount)
            if part > 0:
                found[line.key].append((cost, part))
                rest[line.key] -= part
                amount -= part
        if named and amount:
            found[named[-1].key].append((cost, amount))
            rest[named[-1].key] -= amount
        elif not named:
            left.append(cost)
    return found, left


def _named(cost, lines):
    """The lines that name it most exactly, in their order."""
    asked = [(line.exactness(cost), line) for line in lines if line.covers(cost)]
    asked = [(exact, line) for exact, line in asked if exact is not None]
    most = max((exact for exact, _line in asked), default=None)
    return [line for exact, line in asked if exact == most]
