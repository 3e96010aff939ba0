"""Statements as files: CSV with exact texts, XLSX with numbers. No Odoo here."""

import csv
import io

import xlsxwriter

from odoo.addons.voip_billing_base.reader.values import harmless, is_kept

from .statement import AGES, ZERO

COLUMNS = (
    "currency",
    "date",
    "kind",
    "document",
    "description",
    "debit",
    "credit",
    "balance",
)
_WIDTHS = {"document": 22, "description": 40, "kind": 18}


def as_csv(statements, labels):
    """Bytes of a CSV, UTF-8 with mark, decimals with a point.

    :param labels: headings by column, words by kind, and those of ``opening``,
        ``closing``
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([labels[name] for name in COLUMNS])
    for one in statements:
        writer.writerow(_edge(one, labels["opening"], one.balance(one.opening)))
        for line, debit, credit, balance in one.rows():
            texts = (line.document, line.description)
            amounts = map(one.text, (debit, credit, balance))
            writer.writerow(
                [
                    one.currency,
                    line.date.isoformat(),
                    labels[line.kind],
                    *map(harmless, texts),
                    *amounts,
                ]
            )
        writer.writerow(_edge(one, labels["closing"], one.balance(one.closing)))
    return stream.getvalue().encode("utf-8-sig")


def _edge(one, word, amount):
    return [one.currency, "", word, "", "", "", "", one.text(amount)]


def as_xlsx(statements, labels, titles):
    """Bytes of a workbook, one sheet for each currency.

    :param titles: (name, value) lines above each table
    """
    stream = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False}
    with xlsxwriter.Workbook(stream, options) as book:
        for one in statements:
            _Page(book, one, labels).fill(titles)
        if not statements:
            book.add_worksheet()
    return stream.getvalue()


class _Page:
    def __init__(self, book, one, labels):
        self.one, self.labels = one, labels
        self.page = book.add_worksheet(one.currency)
        self.bold = book.add_format({"bold": True})
        self.head = book.add_format({"bold": True, "bottom": 1})
        form = "#,##0" + (f".{'0' * one.unit}" if one.unit else "")
        self.money = book.add_format({"num_format": form})
        self.total = book.add_format({"num_format": form, "bold": True, "top": 1})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})

    def fill(self, titles):
        page, one, labels = self.page, self.one, self.labels
        columns = COLUMNS[1:]
        for place, name in enumerate(columns):
            page.set_column(place, place, _WIDTHS.get(name, 14))
        for row, (title, value) in enumerate((*titles, ("", ""))):
            page.write_string(row, 0, title, self.bold)
            page.write_string(row, 1, value)
        head = len(titles) + 1
        for place, name in enumerate(columns):
            page.write_string(head, place, labels[name], self.head)
        page.freeze_panes(head + 1, 0)
        page.repeat_rows(head)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_footer("&C&P / &N")
        page.write_string(head + 1, 1, labels["opening"], self.bold)
        self._money(head + 1, 6, one.balance(one.opening))
        row = self._lines(head + 2)
        page.write_string(row, 1, labels["closing"], self.bold)
        self._money(row, 4, one.total(1), self.total)
        self._money(row, 5, one.total(-1), self.total)
        self._money(row, 6, one.balance(one.closing), self.total)
        self._foot(row + 2)

    def _lines(self, row):
        page = self.page
        for line, debit, credit, balance in self.one.rows():
            page.write_datetime(row, 0, line.date, self.day)
            page.write_string(row, 1, self.labels[line.kind])
            page.write_string(row, 2, line.document)
            page.write_string(row, 3, line.description)
            for place, amount in ((4, debit), (5, credit)):
                if amount:
                    self._money(row, place, amount)
            self._money(row, 6, balance)
            row += 1
        return row

    def _foot(self, row):
        """Ageing, and what is on no invoice yet."""
        page, one, labels = self.page, self.one, self.labels
        if one.ageing:
            for place, age in enumerate(AGES):
                page.write_string(row, place, labels[age], self.head)
            for place, age in enumerate(AGES):
                self._money(row + 1, place, one.ageing.get(age, ZERO))
            row += 3
        if one.unbilled:
            page.write_string(row, 1, labels["unbilled"], self.bold)
            self._money(row, 6, one.unbilled)

    def _money(self, row, place, amount, form=None):
        if is_kept(amount):
            self.page.write_number(row, place, amount, form or self.money)
        else:
            # A spreadsheet's number would lose figures.
            self.page.write_string(row, place, self.one.text(amount))
