"""Rows of a deck as a file: XLSX with numbers and formats, or CSV. No Odoo here."""

import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import xlsxwriter

from odoo.addons.voip_billing_base.reader.values import (
    harmless,
    is_kept,
    plain,
    unmarked,
)
from odoo.addons.voip_billing_base.workbooks import head_height

from ..sheets.row import PRICES as RATE_PRICES

ALWAYS = datetime(1970, 1, 1)
# What a sheet always has; other columns are there where a row says something.
FIXED = (
    "prefix",
    "destination",
    "price_per_minute",
    "initial_increment",
    "next_increment",
    "effective_from",
)
COMPARED = ("status", "old_price", "change")
PRICES = (*RATE_PRICES, "old_price")
_WIDTHS = {
    "prefix": 20,
    "destination": 32,
    "label": 32,
    "deck": 22,
    "cost_deck": 26,
    "effective_from": 18,
    "effective_to": 18,
}
# Of prices and of suppliers, whose names break into lines.
_WIDTH = 15
_FEWEST, _MOST = 4, 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands around the rows.

    :param labels: {column: heading}
    :param words: {value: word} of status, yes and no
    :param titles: (name, value) lines above the heads of a workbook
    :param ends: heading and value of columns behind the others of a CSV
    :param tz: zone of moments
    :param at: naive UTC moment that stands for the beginning of time, None for 1970
    :param columns: those that the file has
    :param prices: columns whose numbers have the decimals of prices
    """

    labels: dict
    words: dict
    titles: tuple = ()
    ends: tuple = ()
    tz: str = "UTC"
    at: datetime | None = None
    columns: tuple = FIXED
    prices: tuple = PRICES
    zone: ZoneInfo = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "zone", ZoneInfo(self.tz))

    def local(self, moment):
        """A moment as the zone's clocks show it."""
        if moment == ALWAYS:
            if self.at is None:
                return ALWAYS
            moment = self.at
        return moment.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)


# === CSV === #


def as_csv(rows, sheet):
    """Bytes of a CSV, UTF-8 with mark, decimals with a point."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    heads = [sheet.labels[name] for name in sheet.columns]
    writer.writerow(heads + [name for name, _value in sheet.ends])
    ends = [harmless(value) for _name, value in sheet.ends]
    for row in rows:
        texts = [_text(name, row[name], sheet) for name in sheet.columns]
        writer.writerow(texts + ends)
    return stream.getvalue().encode("utf-8-sig")


def _text(name, value, sheet):
    if value is None:
        return ""
    if isinstance(value, bool) or name == "status":
        return sheet.words[value]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return str(sheet.local(value))
    return harmless(value) if isinstance(value, str) else str(value)


# === XLSX === #


def as_xlsx(rows, sheet, name, places=_MOST):
    """Bytes of a workbook.

    :param name: of its sheet
    :param places: decimals of prices
    """
    stream = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False}
    with xlsxwriter.Workbook(stream, options) as book:
        _Page(book, sheet, name, places).fill(rows)
    return stream.getvalue()


def head_page(book, page, titles, columns):
    """Write what stands above the rows, which stays on screen and on each paper.

    :param titles: (name, value) lines above the heads
    :param columns: (head, width in characters) of each column
    :return: number of the row of heads, from 0
    """
    for place, (_name, width) in enumerate(columns):
        page.set_column(place, place, width)
    bold = book.add_format({"bold": True})
    under = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
    under = book.add_format(under)
    for line, (title, value) in enumerate(titles):
        page.write_string(line, 0, title, bold)
        page.write_string(line, 1, value)
    head = len(titles) + bool(titles)
    page.set_row(head, head_height(columns))
    for place, (name, _width) in enumerate(columns):
        page.write_string(head, place, name, under)
    page.freeze_panes(head + 1, 0)
    page.repeat_rows(head)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_footer("&C&P / &N")
    return head


def price_format(places):
    """The form of prices that have at most so many decimals: aligned, four at least."""
    return f"0.{'0' * min(max(places, _FEWEST), _MOST)}"


def write_exact(page, line, place, value, form):
    """A Decimal as a number; as a text where a number would lose figures."""
    if is_kept(value):
        page.write_number(line, place, value, form)
    else:
        page.write_string(line, place, plain(value))


class _Page:
    def __init__(self, book, sheet, name, places):
        self.sheet, self.book = sheet, book
        self.page = book.add_worksheet(name)
        # Apart from the number before it, which ends where a text begins.
        self.text = book.add_format({"indent": 1})
        price = price_format(places)
        formats = {
            "change": "0.00",
            "margin": f"{price};[Red]-{price}",
            "margin_percent": "0.00;[Red]-0.00",
            **dict.fromkeys(sheet.prices, price),
        }
        made = {
            form: book.add_format({"num_format": form}) for form in formats.values()
        }
        self.formats = {name: made[form] for name, form in formats.items()}
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})

    def fill(self, rows):
        columns, page, labels = self.sheet.columns, self.page, self.sheet.labels
        heads = [(labels[name], _WIDTHS.get(name, _WIDTH)) for name in columns]
        head = last = head_page(self.book, page, self.sheet.titles, heads)
        for last, row in enumerate(rows, head + 1):
            for place, name in enumerate(columns):
                self._cell(last, place, name, row[name])
        page.autofilter(head, 0, last, len(columns) - 1)

    def _cell(self, line, place, name, value):
        page, words = self.page, self.sheet.words
        if value is None:
            return
        if isinstance(value, bool) or (name == "status"):
            page.write_string(line, place, words[value], self.text)
        elif isinstance(value, datetime):
            local = self.sheet.local(value)
            whole = local.time() == datetime.min.time()
            page.write_datetime(line, place, local, self.day if whole else self.moment)
        elif isinstance(value, str):
            form = self.text if place else None
            page.write_string(line, place, unmarked(value), form)
        elif isinstance(value, int):
            page.write_number(line, place, value, self.formats.get(name))
        else:
            write_exact(page, line, place, value, self.formats.get(name))
