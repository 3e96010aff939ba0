"""What a document says beside its lines: discounts, rounding, instalments, law."""

import base64
import csv
import re
from decimal import Decimal
from io import BytesIO, StringIO

from openpyxl import load_workbook

from odoo import Command
from odoo.tests import tagged

from ..engine import liquid_text
from .common import DocumentCommon


@tagged("post_install", "-at_install")
class TestDocumentTerms(DocumentCommon):
    def _one_line(self, price=100.0, **values):
        """An invoice of one line with 15 percent of tax."""
        line = {"name": "Trunk", "quantity": 1, "price_unit": price}
        line.update(values.pop("line", {}))
        return self._create_invoice(self.account, [line], **values)

    def _term(self, **values):
        return self.env["account.payment.term"].create({"name": "Own", **values})

    def _adds_up(self, data):
        totals = {name: Decimal(data["totals"][name]) for name in (
            "untaxed", "tax", "rounding", "total", "paid", "open")}  # fmt: skip
        sums = totals["untaxed"] + totals["tax"] + totals["rounding"]
        self.assertEqual(sums, totals["total"])
        self.assertEqual(totals["total"] - totals["paid"], totals["open"])
        lines = sum(Decimal(line["amount"] or 0) for line in data["lines"])
        self.assertEqual(lines, totals["untaxed"])

    def _shown(self, data):
        """The words of the shipped template."""
        body = self.env["voip.document.kind"]._of(data["kind"])._shipped_body()
        html = liquid_text.render(body, data)
        return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<body")[2]).split())

    def test_a_discount_is_told(self):
        data = self._data(self._one_line(33.33, line={"quantity": 3, "discount": 10}))
        (line,) = data["lines"]
        self.assertEqual((line["discount"], line["amount"]), ("10", "89.99"))
        self.assertEqual(line["discount_text"].split(), ["10", "%"])
        self.assertIn("Trunk 3 33.33 − 10 % $ 89.99", self._shown(data))
        self._adds_up(data)
        (line,) = self._data(self._one_line())["lines"]
        self.assertEqual(line["discount_text"], "")

    def test_tables_have_the_price_and_the_discount(self):
        move = self._one_line(33.33, line={"quantity": 3, "discount": 10})
        table = base64.b64decode(self._render("csv", move)["content"])
        (row,) = csv.DictReader(StringIO(table.decode("utf-8-sig")))
        names = ("Quantity", "Unit Price", "Discount %", "Amount")
        self.assertEqual([row[name] for name in names], ["3", "33.33", "10", "89.99"])

    def test_a_note_has_no_discount(self):
        lines = [
            {"name": "Trunk", "price_unit": 10},
            {"name": "As agreed.", "display_type": "line_note"},
        ]
        move = self._create_invoice(self.account, lines)
        trunk, note = self._data(move)["lines"]
        self.assertEqual((trunk["discount"], note["discount"]), ("0", None))
        table = base64.b64decode(self._render("csv", move)["content"])
        rows = csv.DictReader(StringIO(table.decode("utf-8-sig")))
        self.assertEqual([row["Discount %"] for row in rows], ["0", ""])
        table = base64.b64decode(self._render("xlsx", move)["content"])
        rows = list(load_workbook(BytesIO(table)).active.values)
        head, note = (
            next(row for row in rows if text in row)
            for text in ("Discount %", "As agreed.")
        )
        self.assertIsNone(note[head.index("Discount %")])

    def test_each_tax_of_a_group_is_told(self):
        high = self.company_data["default_tax_sale"]
        low = high.copy({"name": "Low", "invoice_label": "VAT 5%", "amount": 5})
        local = high.copy({"name": "Local", "invoice_label": "", "amount": 1.11})
        self.assertEqual((low | local).tax_group_id, high.tax_group_id)
        lines = [
            {"name": "A", "price_unit": 100.03, "tax_ids": high.ids},
            {"name": "B", "price_unit": 33.33, "tax_ids": (low | local).ids},
            {"name": "C", "price_unit": 7.77, "tax_ids": low.ids},
        ]
        for move_type in ("out_invoice", "out_refund"):
            with self.subTest(move_type):
                move = self._create_invoice(self.account, lines, move_type)
                data = self._data(move)
                told = {t["name"]: (t["base"], t["amount"]) for t in data["taxes"]}
                self.assertEqual(
                    told,
                    {
                        high.invoice_label or high.name: ("100.03", "15.00"),
                        "VAT 5%": ("41.10", "2.06"),
                        "Local": ("33.33", "0.37"),
                    },
                )
                amounts = (Decimal(amount) for _base, amount in told.values())
                self.assertEqual(sum(amounts), Decimal(data["totals"]["tax"]))
        (one,) = self._data(self._one_line())["taxes"]
        self.assertEqual(one["name"], high.tax_group_id.name)

    def test_taxes_of_the_lines_add_up_to_the_tax(self):
        """Rounded over the document, the tax differs from that of lines by cents."""
        self.env.company.tax_calculation_rounding_method = "round_globally"
        line = {"name": "Trunk", "quantity": 1, "price_unit": 10.03}
        for kind in ("out_invoice", "out_refund"):
            move = self._create_invoice(self.account, [line, line], move_type=kind)
            data = self._data(move)
            taxes = [Decimal(one["tax"]) for one in data["lines"]]
            self.assertEqual(data["totals"]["tax"], "3.01")
            self.assertEqual(sum(taxes), Decimal("3.01"))

    def test_rounding_for_cash_is_a_row_of_its_own(self):
        values = {
            "rounding": 0.05,
            "profit_account_id": self.company_data["default_account_revenue"].id,
            "loss_account_id": self.company_data["default_account_expense"].id,
        }
        for strategy, untaxed, tax, rounding in (
            ("add_invoice_line", "10.01", "1.50", "-0.01"),
            ("biggest_tax", "10.01", "1.49", "0.00"),
        ):
            for move_type in ("out_invoice", "out_refund"):
                with self.subTest(strategy, move_type=move_type):
                    way = self.env["account.cash.rounding"].create(
                        {"name": "Cash", "strategy": strategy, **values}
                    )
                    move = self._one_line(
                        10.01, move_type=move_type, invoice_cash_rounding_id=way.id
                    )
                    data = self._data(move)
                    totals = data["totals"]
                    found = [totals[n] for n in ("untaxed", "tax", "rounding", "total")]
                    self.assertEqual(found, [untaxed, tax, rounding, "11.50"])
                    self.assertEqual(totals["has_rounding"], rounding != "0.00")
                    is_shown = "Rounding" in self._shown(data)
                    self.assertEqual(is_shown, rounding != "0.00")
                    self._adds_up(data)

    def _sums(self, move):
        """{word: amount} below the table of the shipped workbook."""
        content = base64.b64decode(self._render("xlsx", move)["content"])
        rows = load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True)
        rows = ([cell for cell in row if cell is not None] for row in rows)
        return {row[0]: row[1] for row in rows if len(row) == 2}

    def test_the_workbook_adds_up(self):
        way = self.env["account.cash.rounding"].create(
            {
                "name": "Cash",
                "rounding": 0.05,
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        move = self._one_line(10.01, invoice_cash_rounding_id=way.id)
        sums = {"Net amount (USD)": 10.01, "Tax (USD)": 1.5, "Rounding (USD)": -0.01}
        sums["Total (USD)"] = 11.5
        self.assertLessEqual(sums.items(), self._sums(move).items())
        self.assertNotIn("Amount due (USD)", self._sums(move))
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        register.create({"amount": 2.5})._create_payments()
        sums |= {"Paid or credited (USD)": 2.5, "Amount due (USD)": 9}
        self.assertLessEqual(sums.items(), self._sums(move).items())
        self.assertNotIn("Rounding (USD)", self._sums(self._one_line()))

    def test_each_instalment_that_is_open_is_told(self):
        term = self._term(
            line_ids=[
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
            ]
        )
        move = self._one_line(100.01, invoice_payment_term_id=term.id)  # 115.01
        parts = self._data(move)["payment"]["instalments"]
        self.assertEqual(
            [(part["date"], part["amount"]) for part in parts],
            [("2026-01-31", "57.51"), ("2026-03-02", "57.50")],
        )
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        register.create({"amount": 60.0, "installments_mode": "full"}
                        )._create_payments()  # fmt: skip
        data = self._data(move)
        self.assertEqual(
            [(part["date"], part["amount"]) for part in data["payment"]["instalments"]],
            [("2026-03-02", "55.01")],
        )
        self.assertTrue(data["totals"]["has_paid"])
        self.assertIn("Paid or credited $ 60.00 Amount due $ 55.01", self._shown(data))
        self.assertIn("Due 03/02/2026 $ 55.01", self._shown(data))
        self._adds_up(data)
        self.assertEqual(self._data(self._one_line())["payment"]["instalments"], [])

    def test_what_is_paid_is_told_of_an_invoice_that_asks_for_nothing(self):
        move = self._one_line()
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        register.create({})._create_payments()
        shown = self._shown(self._data(move))
        self.assertIn("Paid or credited $ 115.00 Amount due $ 0.00", shown)
        self.assertNotIn("Paid or", self._shown(self._data(self._one_line())))

    def test_an_early_discount_is_offered_until_something_is_paid(self):
        term = self._term(
            early_discount=True, discount_percentage=2, discount_days=10
        )
        move = self._one_line(invoice_payment_term_id=term.id)
        offer = self._data(move)["payment"]["discount"]
        self.assertEqual((offer["date"], offer["amount"]), ("2026-02-10", "112.70"))
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        register.create({"amount": 1.0})._create_payments()
        self.assertEqual(self._data(move)["payment"]["discount"]["date"], "")

    def test_the_notes_that_the_law_asks_for_are_told(self):
        position = self.env["account.fiscal.position"].create(
            {"name": "EU", "note": "<p>Reverse charge, <b>Article 196</b></p>"}
        )
        tax = self.company_data["default_tax_sale"]
        tax.invoice_legal_notes = "<p>By order of the king</p>"
        term = self._term(note="<p>Half of it at once</p>")
        plain = self._term(name="30 days", note="<p>Payment terms: 30 days</p>")
        values = {"fiscal_position_id": position.id, "line": {"tax_ids": tax.ids}}
        first, second = (
            self._data(self._one_line(**values, invoice_payment_term_id=each.id))
            for each in (term, plain)
        )
        words = ["Reverse charge, Article 196", "By order of the king"]
        self.assertEqual(first["notes"], [*words, "Half of it at once"])
        self.assertEqual(second["notes"], words)

    def test_taxes_are_told_in_the_companys_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        self.env.company.display_invoice_tax_company_currency = True
        data = self._data(self._one_line(100, currency_id=euro.id))
        name = self.company_data["default_tax_sale"].tax_group_id.name
        (note,) = [note for note in data["notes"] if "Taxes in" in note]
        self.assertIn(self.env.company.currency_id.name, note)
        self.assertIn(name, note)
        self.assertIn("200.00", note)
        self.assertIn("30.00", note)
        self.assertEqual(self._data(self._one_line())["notes"], [])

    def _told_terms(self, lang, lines, **values):
        term = self._term(line_ids=[Command.clear(), *map(Command.create, lines)])
        term.write(values)
        move = self._one_line(invoice_payment_term_id=term.id)
        self.account.partner_id.lang = lang
        return term, move, self._data(move)["payment"]["terms"].replace("\xa0", " ")

    def test_terms_without_a_name_in_the_language_say_what_they_are(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        end, month_end = "days_after_end_of_month", "days_end_of_month_on_the"
        whole = {"value": "percent", "value_amount": 100}
        for lines, told in (
            ([{**whole, "nb_days": 0}], "at once"),
            ([{**whole, "nb_days": 30}], "within 30 days"),
            (
                [{**whole, "nb_days": 5, "delay_type": end}],
                "5 days after the end of the month",
            ),
            (
                [{**whole, "nb_days": 10, "delay_type": month_end,
                  "days_next_month": "15"}],
                "10 days, then on day 15 of the next month",
            ),
            (
                [{**whole, "nb_days": 10, "delay_type": month_end,
                  "days_next_month": "0"}],
                "10 days, then at the end of the month",
            ),
            (
                [{"value": "percent", "value_amount": 30.5, "nb_days": 0},
                 {"value": "percent", "value_amount": 69.5, "nb_days": 60}],
                "30,5 % at once; 69,5 % within 60 days",
            ),
        ):  # fmt: skip
            with self.subTest(told=told):
                self.assertEqual(self._told_terms("fr_FR", lines)[2], told)

    def test_terms_with_a_name_in_the_language_are_called_by_it(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        lines = [{"value": "percent", "value_amount": 100, "nb_days": 30}]
        term, move, told = self._told_terms("en_US", lines)
        self.assertEqual(told, "Own")
        term.with_context(lang="fr_FR").name = "À 30 jours"
        self.account.partner_id.lang = "fr_FR"
        self.assertEqual(self._data(move)["payment"]["terms"], "À 30 jours")

    def test_terms_tell_their_discount(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        lines = [{"value": "percent", "value_amount": 100, "nb_days": 30}]
        values = {"early_discount": True, "discount_percentage": 2, "discount_days": 7}
        told = self._told_terms("fr_FR", lines, **values)[2]
        self.assertEqual(told, "within 30 days; 2 % discount if paid within 7 days")
