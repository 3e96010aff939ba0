"""What a month changes by where credit notes have given back some of it.

Days that are given back after a credit note are given back at what is left of them, so
that nobody gets the same days back twice. Days that come back cost what they were given
back at; what a month had never come to before costs its full price. A credit note of an
invoice line that itself gives days back takes the money back again: it pays for days
that are not held, and for nothing else, until they come back.
"""

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(slots=True)
class Back:
    """Days that were given back and may come again.

    ``size`` is what they come to in the month's price, ``line`` the key of the invoice
    line that gives them back. Of what is paid back for them, ``own`` was charged on
    that line, too, and ``taken`` on others, by line; ``kept`` is what credit notes of
    ``line`` took back of that again.
    """

    size: Fraction
    line: object
    own: Fraction
    taken: dict
    kept: dict = field(default_factory=dict)

    @property
    def paid(self):
        return self.own + sum(self.taken.values())

    def split(self, part):
        """The first ``part`` (of 1) of it; the rest stays."""
        first = Back(self.size * part, self.line, self.own * part, {})
        self.size, self.own = self.size * (1 - part), self.own * (1 - part)
        for name in ("taken", "kept"):
            setattr(first, name, _scaled(getattr(self, name), part))
            setattr(self, name, _scaled(getattr(self, name), 1 - part))
        return first


@dataclass(slots=True)
class Month:
    """A fee of an assignment in one month, as charges and credits came one by one.

    ``price`` is what it comes to by its days, ``nets`` what is left of what was charged
    for them by invoice line, ``back`` the :class:`Back` of what was given back, the
    last one at the end. ``undone`` is what other lines have undone of a line, with its
    sign: given back of what it charges, charged again of what it gives back. Amounts
    are scaled by 10**8.
    """

    price: int = 0
    nets: dict = field(default_factory=dict)
    back: list = field(default_factory=list)
    undone: dict = field(default_factory=dict)

    @property
    def net(self):
        return sum(self.nets.values(), Fraction(0))

    def charge(self, amount, price, line):
        """A charge, or what is given back by one below nothing.

        :param price: what the month comes to from then on; None: charges as they are
        :param line: key of the invoice line that the charge is on
        """
        change = amount if price is None else price - self.price
        taken = self._take(-amount, line) if amount < 0 else {}
        if change < 0:
            own = taken.pop(line, Fraction(0))
            self.back.append(Back(Fraction(-change), line, own, taken))
        else:
            again, _rest = self._again(Fraction(change))
            self._pay(Fraction(amount), again, line)
        self.price += change

    def credit(self, line, part):
        """A credit note takes ``part`` (of 1) of what a line has left."""
        for found in (self.nets, *(back.kept for back in self.back)):
            if line in found:
                found[line] *= 1 - part
        for back in self.back:
            if back.line == line:
                self._keep(back, part)

    def take(self, line, amount):
        """A credit note takes a charge of ``amount`` by itself."""
        if amount < 0:
            self._take_back(line, Fraction(-amount))
        elif line in self.nets:
            self.nets[line] = max(self.nets[line] - amount, Fraction(0))

    def difference(self, owed):
        """What is charged now, negative where it is given back.

        :param int owed: what the month comes to now
        """
        if owed < self.price:
            # Never more than is left.
            left = min(self.net / self.price, 1)
            return -int((self.price - owed) * left)
        again, rest = _last(self.back, Fraction(owed - self.price))
        return int(sum(back.paid * part for back, part in again)) + int(rest)

    def _take(self, amount, line):
        """{line: what is given back of it} of ``amount``."""
        net = self.net
        part = min(amount / net, 1) if net else Fraction(0)
        taken = _scaled(self.nets, part)
        self.nets = _scaled(self.nets, 1 - part)
        for key, value in taken.items():
            if key != line:
                self._undo(key, value)
        return taken

    def _again(self, size):
        """([:class:`Back`] of the days that come again, what of ``size`` is new)."""
        found, rest = _last(self.back, size)
        again = [back.split(part) for back, part in found]
        self.back = [back for back in self.back if back.size]
        return again, rest

    def _pay(self, amount, again, line):
        """``amount`` is charged for the days that come again and for new ones."""
        for back in again:
            for key, value in back.kept.items():
                self._add(key, value)
            if back.line != line:
                self._undo(back.line, -sum(back.taken.values()))
                continue
            for key, value in back.taken.items():
                # It is less that the line gives back.
                self._add(key, value)
                self._undo(key, -value)
                amount -= value
        self._add(line, amount)

    def _keep(self, back, part):
        """A credit note takes back ``part`` of what ``back`` has given back."""
        for key, value in _scaled(back.taken, part).items():
            back.taken[key] -= value
            back.kept[key] = back.kept.get(key, Fraction(0)) + value
            self._undo(key, -value)

    def _take_back(self, line, amount):
        for back in self.back:
            given = sum(back.taken.values())
            if back.line == line and given and amount:
                part = min(amount / given, 1)
                amount -= given * part
                self._keep(back, part)

    def _add(self, line, amount):
        self.nets[line] = self.nets.get(line, Fraction(0)) + amount

    def _undo(self, line, amount):
        self.undone[line] = self.undone.get(line, Fraction(0)) + amount


def _last(back, size):
    """([(:class:`Back`, part of it)] that ``size`` takes from the end, the rest)."""
    found = []
    for one in reversed(back):
        if not size:
            break
        part = min(size / one.size, Fraction(1))
        found.append((one, part))
        size -= one.size * part
    return found, size


def _scaled(amounts, part):
    return {key: value * part for key, value in amounts.items()}
