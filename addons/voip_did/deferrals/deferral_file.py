"""A month-end as a workbook: customers' accounts, and the invoice lines behind them."""

import io

import xlsxwriter

from odoo import models

MONEY = "#,##0.{};[Red]-#,##0.{}"
SUMS = ("opening", "added", "recognised", "closing")
SUMS_SQL = """
SELECT account_id, sum(opening)::float, sum(added)::float, sum(recognised)::float,
       sum(closing)::float
  FROM voip_did_deferral_line WHERE deferral_id = %s GROUP BY 1
"""
LINES_SQL = """
SELECT x.account_id, m.name, l.name, x.kind, x.first_day, x.last_day, x.share::float,
       x.opening::float, x.added::float, x.recognised::float, x.closing::float
  FROM voip_did_deferral_line x
  JOIN account_move_line l ON l.id = x.move_line_id
  JOIN account_move m ON m.id = l.move_id
 WHERE x.deferral_id = %s ORDER BY x.account_id, x.id
"""


class VoipDidDeferral(models.Model):
    _inherit = "voip.did.deferral"

    def _workbook(self):
        """Bytes of the XLSX of one month-end; the caller may read it."""
        stream = io.BytesIO()
        options = {"constant_memory": True, "strings_to_formulas": False}
        with xlsxwriter.Workbook(stream, options) as book:
            self._customers_sheet(book, self._formats(book))
            self._lines_sheet(book, self._formats(book))
        return stream.getvalue()

    def _formats(self, book):
        places = "0" * self.company_currency_id.decimal_places
        money = MONEY.format(places, places) if places else "#,##0;[Red]-#,##0"
        return {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
            "title": book.add_format({"bold": True}),
            "money": book.add_format({"num_format": money}),
            "total": book.add_format({"num_format": money, "bold": True, "top": 1}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }

    def _customers_sheet(self, book, formats):
        _ = self.env._
        page = book.add_worksheet(_("Accounts")[:31])
        page.set_column(0, 1, 28)
        page.set_column(2, 5, 16)
        for row, (name, value) in enumerate(self._titles()):
            page.write_string(row, 0, name, formats["title"])
            page.write_string(row, 1, value)
        heads = [_("Account"), _("Customer"), *self._heads(SUMS)]
        first = row = self._head(page, len(self._titles()) + 1, heads, formats)
        self.env.cr.execute(SUMS_SQL, [self.id])
        sums = {account: amounts for account, *amounts in self.env.cr.fetchall()}
        accounts = self.env["voip.account"].browse(sums).sorted("code")
        for row, account in enumerate(accounts, first):
            page.write_string(row, 0, f"{account.code} {account.name}")
            page.write_string(row, 1, account.partner_id.display_name or "")
            for column, amount in enumerate(sums[account.id], 2):
                page.write_number(row, column, amount, formats["money"])
        row += bool(accounts)
        page.write_string(row, 0, _("Total"), formats["title"])
        for column, name in enumerate(SUMS, 2):
            page.write_number(row, column, self[name], formats["total"])

    def _lines_sheet(self, book, formats):
        _ = self.env._
        page = book.add_worksheet(_("Invoice Lines")[:31])
        page.set_column(0, 3, 24)
        page.set_column(4, 10, 14)
        names = ("move_id", "move_line_id", "kind", "first_day", "last_day", "share")
        heads = [_("Account"), *self._heads((*names, *SUMS))]
        first = self._head(page, 0, heads, formats)
        lines = self.env["voip.did.deferral.line"]
        kinds = dict(lines._fields["kind"]._description_selection(self.env))
        self.env.cr.execute(LINES_SQL, [self.id])
        found = self.env.cr.fetchall()
        accounts = self.env["voip.account"].browse({line[0] for line in found})
        codes = {account.id: account.code for account in accounts}
        for row, line in enumerate(found, first):
            account, document, text, kind, first, last, *amounts = line
            texts = (codes[account], document, text, kinds[kind])
            for column, value in enumerate(texts):
                page.write_string(row, column, value or "")
            page.write_datetime(row, 4, first, formats["day"])
            page.write_datetime(row, 5, last, formats["day"])
            for column, amount in enumerate(amounts, 6):
                page.write_number(row, column, amount, formats["money"])

    def _titles(self):
        _ = self.env._
        return [
            (_("Company"), self.company_id.name),
            (_("Month-End"), str(self.date_end)),
            (_("Journal Entry"), self.sudo().move_id.name or ""),
            (_("Currency"), self.company_currency_id.name),
        ]

    def _heads(self, names):
        known = self.env["voip.did.deferral.line"]._fields
        return [known[name]._description_string(self.env) for name in names]

    @staticmethod
    def _head(page, row, heads, formats):
        """Write the headings; the row below them."""
        for column, text in enumerate(heads):
            page.write_string(row, column, text, formats["head"])
        page.freeze_panes(row + 1, 0)
        page.repeat_rows(row)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_footer("&C&P / &N")
        return row + 1
