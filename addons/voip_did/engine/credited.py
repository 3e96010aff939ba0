"""What a month changes by where credit notes have given back some of it.

Days that are given back after a credit note are given back at what is left of them, so
that nobody gets the same days back twice. Days that come back cost what they were given
back at; what a month had never come to before costs its full price.
"""

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(slots=True)
class Month:
    """A fee of an assignment in one month, as charges and credits came one by one.

    ``price`` is what it comes to by its days, ``nets`` what is left of what was charged
    by invoice line, ``back`` the (size, share of it that was paid back) of what was
    given back and may come again, the last one at the end. Amounts are scaled by 10**8.
    """

    price: int = 0
    nets: dict = field(default_factory=dict)
    back: list = field(default_factory=list)

    @property
    def net(self):
        return sum(self.nets.values(), Fraction(0))

    def charge(self, amount, price, line):
        """A charge, or what is given back by one below nothing.

        :param price: what the month comes to from then on; None: charges as they are
        :param line: key of the invoice line that the charge is on
        """
        change = amount if price is None else price - self.price
        if amount < 0:
            share = max(1 + Fraction(amount) / self.net, 0) if self.net else 0
            self.nets = {key: value * share for key, value in self.nets.items()}
        else:
            self.nets[line] = self.nets.get(line, Fraction(0)) + amount
        if change < 0:
            self.back.append((-change, Fraction(amount, change)))
        else:
            self.back = self._come_again(change)[-1]
        self.price += change

    def credit(self, line, part):
        """A credit note takes ``part`` (of 1) of what a line has left."""
        if line in self.nets:
            self.nets[line] *= 1 - part

    def take(self, line, amount):
        """A credit note takes a charge of ``amount`` by itself."""
        if line in self.nets:
            self.nets[line] = max(self.nets[line] - amount, Fraction(0))

    def difference(self, owed):
        """What is charged now, negative where it is given back.

        :param int owed: what the month comes to now
        """
        if owed < self.price:
            # Never more than is left.
            left = min(self.net / self.price, 1)
            return -int((self.price - owed) * left)
        charged, rest, _back = self._come_again(owed - self.price)
        return int(charged) + rest

    def _come_again(self, size):
        """(what days cost that come again, what of ``size`` is new, what may still come
        again)."""
        charged, back = Fraction(0), list(self.back)
        while size and back:
            had, share = back.pop()
            part = min(had, size)
            charged += part * share
            size -= part
            if had > part:
                back.append((had - part, share))
        return charged, size, back
