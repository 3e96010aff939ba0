"""Our cells of cost beside the lines of an invoice. No Odoo here."""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
MS = Decimal(60_000)


@dataclass(frozen=True, slots=True)
class Cell:
    """Cost of one prefix, price and local day; money as Decimal."""

    prefix: str
    destination: int | None
    price: Decimal
    day: object
    calls: int
    duration_ms: int
    billed_seconds: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Asked:
    """What a line of an invoice is about; None: it does not say.

    ``codes`` are those that a line of several codes is about, whose prefix is as the
    supplier printed it.
    """

    key: object
    prefix: str | None
    destination: int | None
    day: object
    rate: Decimal | None
    codes: tuple = ()

    @property
    def prefixes(self):
        """Codes of the line; (None,) without any."""
        return self.codes or (self.prefix,)


@dataclass(slots=True)
class Sum:
    """What of ours is on a line."""

    calls: int = 0
    duration_ms: int = 0
    billed_seconds: int = 0
    amount: Decimal = ZERO

    def add(self, cell):
        self.calls += cell.calls
        self.duration_ms += cell.duration_ms
        self.billed_seconds += cell.billed_seconds
        self.amount += cell.amount

    @property
    def minutes(self):
        """Billed minutes."""
        return Decimal(self.billed_seconds) / 60


def assign(cells, lines):
    """Put each cell on the line that says most of it.

    The longest prefix of the cell's comes first, then a destination, then a day; of
    lines that say the same the one of the cell's price, else the first.

    :param cells: :class:`Cell` s
    :param lines: :class:`Asked` of lines of usage
    :return: ({key of a line: :class:`Sum`}, [cells on no line])
    """
    line_of = finder(lines)
    sums, left = {}, []
    for cell in cells:
        line = line_of(cell)
        if line is None:
            left.append(cell)
        else:
            sums.setdefault(line.key, Sum()).add(cell)
    return sums, left


def finder(lines):
    """What finds the line of a cell as :func:`assign` does.

    A line that stands alone and says nothing is about all.

    :param lines: :class:`Asked` of lines of usage
    :return: function of anything with the prefix, destination, price and day of a
        :class:`Cell`; it answers the :class:`Asked`, or None
    """
    lines, known = list(lines), {}
    if len(lines) == 1 and _is_mute(lines[0]):
        # "Voice traffic": all that he invoices.
        return lambda _cell: lines[0]
    for line in lines:
        for prefix in line.prefixes:
            known.setdefault((prefix, line.destination, line.day), []).append(line)
    lengths = sorted({len(p) for p, _d, _t in known if p}, reverse=True)
    return lambda cell: _line(cell, known, lengths)


def _is_mute(line):
    """Whether a line says neither code nor destination nor day."""
    return not (line.prefix or line.destination or line.day)


def _line(cell, known, lengths):
    prefixes = [cell.prefix[:n] for n in lengths if n <= len(cell.prefix)]
    destinations = [cell.destination, None] if cell.destination else [None]
    for prefix in (*prefixes, None):
        for destination in destinations:
            for day in (cell.day, None):
                found = known.get((prefix, destination, day))
                if found and (prefix or destination or day):
                    return _priced(cell, found)
    return None


def _priced(cell, lines):
    return next((line for line in lines if line.rate == cell.price), lines[0])


def wider_cells(cells, lines):
    """Cells on no line whose code begins that of a line: its calls may be among them.

    :param cells: :class:`Cell` s
    :param lines: :class:`Asked` s
    :return: {key of a line: (the longest such code, what it cost on the line's day)}
    """
    of_code = {}
    for cell in cells:
        of_code.setdefault(cell.prefix, []).append(cell)
    found = {}
    for line in lines:
        for prefix in line.prefixes:
            for length in range(len(prefix or "") - 1, 0, -1):
                amount = _amount(of_code.get(prefix[:length], ()), line.day)
                if amount and len(found.get(line.key, ("",))[0]) < length:
                    found[line.key] = prefix[:length], amount
                    break
    return found


def _amount(cells, day):
    return sum((cell.amount for cell in cells if day in (None, cell.day)), ZERO)


def classify(line, ours, minute_decimals, amount_decimals):
    """The class of a difference as far as sums tell.

    :param line: (minutes or None, rate or None, amount) as printed
    :param ours: :class:`Sum`, or None where we know of nothing
    """
    minutes, rate, amount = line
    if ours is None:
        return "missing_here" if amount else "equal"
    half = Decimal("0.5")
    if abs(amount - ours.amount) <= half.scaleb(-amount_decimals):
        return "equal"
    if minutes is None:
        return "other"
    if abs(minutes - ours.minutes) > half.scaleb(-minute_decimals):
        return "duration"
    printed = rate * minutes if rate is not None else None
    slack = half.scaleb(-amount_decimals) + (rate or ZERO) * half.scaleb(
        -minute_decimals
    )
    if printed is not None and abs(printed - ours.amount) <= slack:
        return "sum"
    return "rate"
