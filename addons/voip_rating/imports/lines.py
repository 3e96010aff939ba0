"""Typed rows of a rate sheet as lines of the stage, or faults. No Odoo here."""

import re
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal

from odoo.addons.voip_billing_base.reader.values import BadCell, clean, plain, shown

from ..sheets import cells
from ..sheets.row import PRICES, BadRow, is_plain_price
from .columns import BLOCKED, CLOSED, LABELS

# Columns that name codes by themselves.
CODES = ("prefix", "nanp")
# What rows of a sheet rarely share.
OWN = frozenset(("prefix", "area", "nanp", "destination", "price_per_minute"))
_SIGNS = "€$£¥₹"
_WORD = re.compile(r"(?<![A-Z])[A-Z]{3}(?![A-Z])")
CHARGED = tuple(name for name in PRICES if name != "price_per_minute")


@dataclass(frozen=True, slots=True)
class Money:
    """The deck's currency and those there are: a price of another one is refused."""

    name: str
    sign: str = ""
    names: frozenset = frozenset()

    def refuse(self, text):
        """:raises BadCell: a text names another currency"""
        words = self.names.intersection(_WORD.findall(text))
        signs = {sign for sign in _SIGNS if sign in text and sign not in self.sign}
        others = sorted(words) or sorted(signs)
        # Beside its own name a sign of many currencies says nothing more.
        if others and self.name not in words:
            raise BadCell(
                f"{shown(text)} is in {others[0]}, the deck is in {self.name}"
            )


@dataclass(slots=True)
class Fault:
    """A row that gives no rate, and why; ``codes`` are those that could be read."""

    number: int
    codes: list
    reason: str
    label: str = ""


@dataclass(slots=True)
class Close:
    """A row that ends the rates of its codes and origin; ``at`` is UTC text."""

    number: int
    codes: list
    at: str
    origin: str = ""


@dataclass(slots=True)
class Lines:
    """What reading a sheet leaves beside the lines that went on."""

    faults: list = field(default_factory=list)
    closes: list = field(default_factory=list)
    rows: int = 0


class SheetReader:
    """Reads typed rows by the strict reader of rates.

    :param reader: :class:`sheets.row.RateReader`
    :param mark: decimal mark
    :param date: text of the moment from which every row is valid, whatever it says
    :param zones: {lower name of a destination: its codes} for sheets without codes
    :param money: :class:`Money` of the deck; without it no currency is checked
    :param utc: columns with moments whose name says that they are UTC
    """

    def __init__(self, reader, mark=".", date=None, zones=None, money=None, utc=()):
        self.reader = reader
        self.mark = mark
        self.date = date
        self.zones = zones
        self.money = money
        self.utc = frozenset(utc)
        self._prices = {}
        self._alike = {}
        self._shared = {}

    def lines(self, rows, found):
        """The lines of the stage: ``(row number, code, COPY text of what follows it)``.

        :param rows: iterable of typed rows
        :param Lines found: takes faults and rows that close
        """
        for row in rows:
            if self._is_text(row):
                continue
            found.rows += 1
            codes = []
            try:
                codes = self._codes(row)
                self._check(row)
                line = self._line(row, codes[0])
                close = self._close(row, codes) if line is None else None
            except (BadCell, BadRow) as error:
                label = row.values.get("destination", "")
                found.faults.append(Fault(row.number, codes, _reason(error), label))
                continue
            if close:
                found.closes.append(close)
                continue
            for code in codes:
                yield row.number, code, line

    def _is_text(self, row):
        """Titles and notes between the rates: neither a code nor a price.

        A text without a figure where codes stand is none.
        """
        if "price_per_minute" in row.values:
            return False
        told = row.values.keys() | row.problems.keys()
        if self.zones is None and told <= {*CODES, "destination"}:
            texts = [str(row.values.get(name, "")) for name in CODES]
            return not any(map(str.isdigit, "".join(texts)))
        named = self.zones is None and not told.isdisjoint(CODES)
        return "price_per_minute" not in told and not named

    def _codes(self, row):
        if self.zones is not None:
            name = row.values.get("destination", "")
            codes = self.zones.get(name.lower())
            if not codes:
                raise BadCell(f"Destination: '{name}' is no destination with codes")
            return codes
        given = row.values
        nanp = given.get("nanp")
        if nanp is not None and cells.is_nanp(given.get("prefix")):
            return self._named("nanp", cells.nanp_codes, nanp)
        if "prefix" not in given:
            raise BadCell("Code: no code is given")
        return self._named(
            "prefix", cells.codes, given["prefix"], given.get("area", nanp)
        )

    @staticmethod
    def _check(row):
        if row.problems:
            raise BadCell(
                "; ".join(
                    f"{LABELS[name]}: {why}" for name, why in row.problems.items()
                )
            )

    @staticmethod
    def _named(name, reader, *args):
        try:
            return reader(*args)
        except BadCell as error:
            raise BadCell(f"{LABELS[name]}: {error}") from error

    def _line(self, row, code):
        """COPY text behind the code; None where the row closes it.

        Rows that differ in code, name and price alone are read once.
        """
        given = row.values
        price, blocked = None, False
        if "price_per_minute" in given:
            price, blocked = self._price("price_per_minute", given["price_per_minute"])
        others = self._others(given)
        key = others, blocked, price is None
        if key not in self._alike:
            alike = self._full(dict(zip(*others, strict=True)), code, price, blocked)
            self._alike[key] = alike and (alike[1], "\t".join(alike[4:]))
        alike = self._alike[key]
        if alike is None:
            return None
        label, price = self.reader.label_and_price(given.get("destination"), price)
        return f"{alike[0]}\t{label}\t{price}\t{alike[1]}"

    def _others(self, given):
        """(names, values) of what rows of a sheet share."""
        # Rows of a sheet have few different sets of columns.
        columns = tuple(given)
        names = self._shared.get(columns)
        if names is None:
            names = tuple(name for name in columns if name not in OWN)
            self._shared[columns] = names
        return names, tuple([given[name] for name in names])

    def _full(self, given, code, price, blocked):
        if self.money and "currency" in given:
            self._named("currency", self.money.refuse, given["currency"].upper())
        given.pop("currency", None)
        status = given.pop("status", "").lower()
        if status in CLOSED:
            return None
        rate = {"prefix": code}
        if price is not None:
            rate["price_per_minute"] = price
        if blocked or status in BLOCKED:
            given["blocked"] = True
        rate |= self._read_cells(given)
        if self.date:
            rate["effective_from"] = self.date
        return self.reader.values(rate | given)

    def _read_cells(self, given):
        """Values of cells that have a form of their own; they leave ``given``."""
        rate = {}
        if "increments" in given:
            steps = self._named("increments", cells.increments, given.pop("increments"))
            rate["initial_increment"], rate["next_increment"] = steps
        if "origin_prefix" in given:
            rate["origin_prefix"] = self._origin(given.pop("origin_prefix"))
        for name in CHARGED:
            if name in given:
                cell = given.pop(name)
                value, none = self._price(name, cell)
                if none and clean(cell) != "-1":
                    raise BadCell(
                        f"{LABELS[name]}: {shown(cell)} is no price; what blocks a code"
                        " stands as its price per minute or status"
                    )
                rate |= {} if none else {name: value}
        for name in ("effective_from", "effective_to"):
            if moment := given.pop(name, None):
                rate[name] = self._text(name, moment)
        return rate

    def _text(self, name, moment):
        """A moment as the strict reader takes it; a midnight is the day's beginning."""
        if moment.tzinfo:
            return f"{moment.replace(tzinfo=None).isoformat(' ')}Z"
        if name in self.utc:
            return f"{moment.isoformat(' ')}Z"
        return str(moment.date()) if moment.time() == time() else moment.isoformat(" ")

    def _close(self, row, codes):
        origin = row.values.get("origin_prefix")
        origin = self._origin(origin) if origin is not None else ""
        return Close(row.number, codes, self._close_at(row), origin)

    def _origin(self, cell):
        codes = self._named("origin_prefix", cells.codes, cell)
        if len(codes) > 1:
            raise BadCell("Origin code: a row has one origin")
        return codes[0]

    def _price(self, name, cell):
        """``(price as the strict reader takes it, whether the code is blocked)``."""
        if (figures := self._figures(cell)) is not None:
            return figures, False
        if type(cell) is not str:
            value, blocked = self._named(name, cells.price, cell, self.mark)
            return plain(value), blocked
        known = self._prices.get(cell)
        if known is None:
            if self.money:
                self._named(name, self.money.refuse, cell)
            value, blocked = self._named(name, cells.price, cell, self.mark)
            known = self._prices[cell] = plain(value), blocked
        return known

    def _figures(self, cell):
        """The text of a price in figures, as most are, which no other reading has."""
        if type(cell) is Decimal:
            text = str(cell)
        elif type(cell) is str:
            text = cell if self.mark == "." else cell.replace(",", ".", 1)
            if self.mark == "," and "." in cell:
                return None
        else:
            return None
        return text if is_plain_price(text) else None

    def _close_at(self, row):
        """When a row ends its code: its end, where it says one, else its beginning."""
        if self.date:
            return self.reader.moment(self.date)
        starts, ends = self._moment(row, "effective_from"), None
        if "effective_to" in row.values:
            ends = self._moment(row, "effective_to")
            if "effective_from" in row.values and ends < starts:
                raise BadCell("It ends before it begins.")
        return ends or starts

    def _moment(self, row, name):
        moment = row.values.get(name)
        return self.reader.moment(self._text(name, moment) if moment else None)


def _reason(error):
    """The reason with the name of the column as people know it."""
    name, missing, _rest = str(error).partition(" is missing")
    if missing and name in LABELS:
        return f"{LABELS[name]}: the cell is empty"
    name, found, why = str(error).partition(": ")
    return f"{LABELS[name]}: {why}" if found and name in LABELS else str(error)
