"""The statement on the screen and as a file."""

import csv
import io
from datetime import date

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestStatementScreen(StatementCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.account = self._account()
        self.invoice = self._invoice(1234.5, ref="=1+1")
        self._loose(1000)
        self.wizard = self._wizard(partner_id=self.customer.id)

    def _wizard(self, **values):
        return self.env["voip.statement.wizard"].create(
            {
                "date_from": date(2026, 3, 1),
                "date_to": date(2026, 3, 31),
                **values,
            }
        )

    def test_the_screen_shows_each_movement(self):
        for text in (self.invoice.name, "1,234.50", "234.50", "Opening Balance"):
            self.assertIn(text, self.wizard.content)

    def test_a_currency_that_is_archived_keeps_its_decimals(self):
        dinar = self.setup_other_currency("KWD", rates=[("2026-01-01", 0.3)])
        self._invoice(12.345, currency=dinar)
        dinar.active = False
        wizard = self._wizard(partner_id=self.customer.id)
        self.assertIn("12.345", wizard.content)

    def test_what_is_missing_is_asked_for(self):
        self.assertIn("Choose a customer", self._wizard().content)
        wrong = self._wizard(partner_id=self.customer.id, date_to=date(2026, 2, 1))
        self.assertIn("before the first", wrong.content)
        with self.assertRaises(UserError):
            wrong.action_download()
        stranger = self.env["res.partner"].create({"name": "Nobody"})
        self.assertIn("no account", self._wizard(partner_id=stranger.id).content)

    def test_names_are_no_html(self):
        self.invoice.button_draft()
        self.invoice.ref = "<script>alert(1)</script>"
        self.invoice.action_post()
        self.assertNotIn("<script>", self.wizard.content)

    def test_the_csv_has_exact_texts_and_no_formula(self):
        name, data = self.wizard._file("csv")
        self.assertTrue(name.endswith("-2026-03-01-2026-03-31.csv"))
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        self.assertEqual(
            [row[4:] for row in rows[1:]],
            [
                ["", "", "", "0.00"],
                ["'=1+1", "1234.50", "", "1234.50"],
                ["", "", "1000.00", "234.50"],
                ["", "", "", "234.50"],
            ],
        )

    def test_the_workbook_has_numbers_and_what_is_past_due(self):
        _name, data = self.wizard._file("xlsx")
        page = load_workbook(io.BytesIO(data)).active
        rows = list(page.iter_rows(values_only=True))
        found = next(row for row in rows if row[3] == self.invoice.name)
        self.assertEqual(found[4:8], ("=1+1", 1234.5, None, 1234.5))
        closing = next(row for row in rows if row[2] == "Closing Balance")
        self.assertEqual(closing[7], 234.5)
        sums = {row[6]: row[7] for row in rows[rows.index(closing) + 1 :] if row[6]}
        self.assertEqual(len(sums), 5)
        self.assertEqual(sum(sums.values()), 234.5)
        self.assertIn(f"Over 90 Days ({self.own.name})", sums)
        for row in page.iter_rows():
            self.assertFalse([cell for cell in row if cell.data_type == "f"])

    def test_the_file_is_what_the_accounts_template_makes(self):
        """The dialog has no layout of its own."""
        own = self.env["voip.document.template"].create(
            {
                "name": "Own",
                "kind": "statement",
                "format": "csv",
                "account_id": self.account.id,
                "column_ids": [(0, 0, {"heading": "Saldo", "path": "line.balance"})],
            }
        )
        wizard = self._wizard(account_id=self.account.id)
        text = wizard._file("csv")[1].decode("utf-8-sig")
        self.assertEqual(text.split("\r\n")[0], "Saldo")
        self.assertTrue(own.version_id)

    def test_the_file_is_for_who_asked_for_it(self):
        action = self.wizard.with_context(kind="csv").action_download()
        users = [
            new_test_user(
                self.env,
                login=login,
                password=login,
                groups="voip_billing_base.group_voip_viewer",
                company_id=self.env.company.id,
                company_ids=[(6, 0, self.env.company.ids)],
            )
            for login in ("statement_one", "statement_two")
        ]
        mine = self.wizard.with_user(users[0]).create(
            {"partner_id": self.customer.id, "date_from": "2026-03-01"}
        )
        url = action["url"].replace(f"/{self.wizard.id}/", f"/{mine.id}/")
        self.authenticate("statement_one", "statement_one")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertIn(self.invoice.name, answer.content.decode("utf-8-sig"))
        self.authenticate("statement_two", "statement_two")
        self.assertEqual(self.url_open(url).status_code, 404)
        with self.assertRaises(AccessError):
            mine.with_user(users[1]).action_download()

    def test_a_prepaid_account_shows_its_wallet_first(self):
        found = self.env["voip.statement.wizard"].new({"account_id": self.account.id})
        found._onchange_account_id()
        self.assertEqual((self.account.mode, found.view), ("prepaid", "wallet"))
        self.assertEqual(found.partner_id, self.customer)


    def test_a_range_ends_on_the_accounts_today(self):
        """East of the reader the account's day has begun before his."""
        self.account.tz = "Pacific/Kiritimati"
        self.env.user.tz = "Pacific/Pago_Pago"
        for model in ("voip.statement.wizard", "voip.usage.wizard"):
            wizards = self.env[model].with_context(tz="Pacific/Pago_Pago")
            found = wizards.new({"account_id": self.account.id})
            today = found.date_to
            found._onchange_account_id()
            self.assertGreater(found.date_to, today)
            chosen = wizards.new(
                {"account_id": self.account.id, "date_to": date(2026, 3, 31)}
            )
            chosen._onchange_account_id()
            self.assertEqual(chosen.date_to, date(2026, 3, 31))
