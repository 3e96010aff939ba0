"""The numbers of a rental on the customer's invoice."""

import csv
import io

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.voip_did.tests.common import NumbersCommon


@tagged("post_install", "-at_install")
class TestNumbersOnInvoice(NumbersCommon):
    def _invoice(self, count):
        plan = self._plan("p", 3.0, setup=5.0)
        with freeze_time("2026-04-01 12:00:00"):
            for number in range(count):
                self._assign(self._did(f"4930555{number:03}"), "2026-04-01", plan=plan)
        with freeze_time("2026-05-02 12:00:00"):
            run = self.env["voip.billing.run"].create(
                {"account_ids": [(6, 0, self.account.ids)]}
            )
            run.action_run()
        return run.line_ids.move_id

    def _notes(self, move):
        kind = self.env["voip.document.kind.invoice"]
        return kind._data(kind._of_move(move))["notes"]

    def test_each_of_few_numbers_is_named_once_with_its_fees(self):
        move = self._invoice(2)
        self.assertEqual(move.voip_number_count, 2)
        notes = [note for note in self._notes(move) if "+4930555000" in note]
        # April, and May in advance.
        self.assertEqual(
            [note.replace("\N{NO-BREAK SPACE}", " ") for note in notes],
            [
                "+4930555000, +4930555001, each: Setup $ 5.00;"
                " Monthly rental 04/01/2026 – 05/31/2026 $ 6.00"
            ],
        )

    def test_numbers_and_fees_are_named_in_the_customers_language(self):
        move = self._invoice(2)
        modules = self.env["ir.module.module"]
        names = ("voip_did", "voip_did_documents", "voip_documents")
        own = modules.search([("name", "in", names)])
        for code, each, fee in (
            ("de_DE", "jeweils", "Einrichtung"),
            ("es_ES", "cada uno", "Alta"),
            ("ro_RO", "fiecare", "Instalare"),
            ("ar_001", "لكل منها", "رسوم التفعيل"),
            ("he_IL", "כל אחד", "הקמה"),
        ):
            self.env["res.lang"]._activate_lang(code)
            own._update_translations([code])
            move.partner_id.lang = code
            [note] = [note for note in self._notes(move) if "4930555000" in note]
            with self.subTest(language=code):
                self.assertIn(f"{each}: {fee}", note)
                self.assertNotIn("rental", note)

    def test_numbers_that_were_charged_otherwise_are_named_apart(self):
        with freeze_time("2026-04-01 12:00:00"):
            plan = self._plan("other", 4.5)
            self._assign(self._did("4930555900"), "2026-04-01", plan=plan)
        notes = [note for note in self._notes(self._invoice(2)) if "+49" in note]
        self.assertEqual(len(notes), 2)
        self.assertTrue(notes[1].startswith("+4930555900: Monthly rental"), notes)

    def test_a_part_of_a_month_is_named_by_its_days(self):
        with freeze_time("2026-04-16 12:00:00"):
            did = self._did("4930555900")
            self._assign(did, "2026-04-16", "2026-05-10", plan=self._plan("part", 3.0))
        notes = " ".join(self._notes(self._invoice(1)))
        self.assertIn("+4930555900: Monthly rental 04/16/2026 – 05/10/2026", notes)

    def test_rental_has_a_quantity_and_neither_calls_nor_minutes(self):
        with freeze_time("2026-04-16 12:00:00"):
            self._assign(self._did("4930555900"), "2026-04-16", plan=self.plan)
        move = self._invoice(2)
        kind = self.env["voip.document.kind.invoice"]
        data = kind._data(kind._of_move(move))
        self.assertFalse(data["has_calls"] or data["has_destinations"])
        months = "Monthly rental, Germany, Local, 0"
        part = [
            (line["quantity"], line["price"], line["amount"], line["calls"])
            for line in data["lines"]
            if f"{months}4/01/2026 – 04/30/2026 (by the day)" in line["name"]
        ]
        self.assertEqual(part, [("1", "3.1000", "1.55", None)])
        whole = [
            (
                line["name"].rpartition(", ")[2],
                line["quantity_text"],
                line["minutes_text"],
            )
            for line in data["lines"]
            if months in line["name"] and line["rate"] == "3.0000"
        ]
        self.assertEqual(
            sorted(whole),
            [
                ("04/01/2026 – 04/30/2026", "2", ""),
                ("05/01/2026 – 05/31/2026", "2", ""),
            ],
        )

    def test_days_that_are_given_back_are_called_so(self):
        move = self._invoice(2)
        with freeze_time("2026-05-10 12:00:00"):
            self.env["voip.did.assignment"].search([]).filtered(
                lambda one: one.did_id.number == "4930555000"
            ).date_end = "2026-05-10"
            self._charge()
        with freeze_time("2026-06-02 12:00:00"):
            values = {"account_ids": [(6, 0, self.account.ids)]}
            run = self.env["voip.billing.run"].create(values)
            run.action_run()
        later = run.line_ids.move_id
        self.assertNotEqual(later, move)
        kind = self.env["voip.document.kind.invoice"]
        lines = kind._data(kind._of_move(later))["lines"]
        back = [line for line in lines if "(days given back)" in line["name"]]
        self.assertEqual(
            [(line["quantity"], line["amount"]) for line in back], [(None, "-2.03")]
        )

    def _credit(self, move, **values):
        with freeze_time("2026-05-03 12:00:00"):
            wizard = self.env["voip.credit.wizard"].create(
                {"move_id": move.id, "reason": "x", "outcome": "credited", **values}
            )
            wizard.action_credit()
        return wizard.credit_id.note_id

    def _counted(self, move, kind):
        """{name: (quantity, price, amount)} of the lines of a paper."""
        kind = self.env[f"voip.document.kind.{kind}"]
        return {
            line["name"]: (line["quantity"], line["price"], line["amount"])
            for line in kind._data(kind._of_move(move))["lines"]
        }

    def _edi(self, move):
        return {
            line.name: line._voip_edi_properties()
            for line in move.invoice_line_ids
            if line.display_type == "product"
        }

    def test_a_credit_note_counts_the_pieces_of_lines_that_it_takes_whole(self):
        move = self._invoice(2)
        counted, told = self._counted(move, "invoice"), self._edi(move)
        note = self._credit(move)
        self.assertEqual(self._counted(note, "credit_note"), counted)
        self.assertEqual(self._edi(note), told)
        self.assertEqual(len(told), 3)
        for name, (quantity, price, amount) in counted.items():
            self.assertEqual(float(quantity) * float(price), float(amount))
            self.assertEqual(
                told[name],
                [("Quantity", "2"), ("Rate", f"{price} USD")],
            )

    def test_a_part_of_the_money_is_of_no_piece(self):
        move = self._invoice(2)
        note = self._credit(move, scope="percent", percentage=25)
        counted = self._counted(note, "credit_note")
        self.assertEqual(len(counted), 3)
        for name, (quantity, price, amount) in counted.items():
            self.assertTrue(name.startswith("25 % of "), name)
            self.assertEqual((quantity, float(price)), ("1", float(amount)))
        self.assertEqual(set(map(len, self._edi(note).values())), {0})

    def test_days_that_are_given_back_are_no_piece_for_machines_either(self):
        move = self._invoice(2)
        with freeze_time("2026-05-10 12:00:00"):
            self.env["voip.did"].release(numbers=["4930555000"])
        with freeze_time("2026-06-02 12:00:00"):
            values = {"account_ids": [(6, 0, self.account.ids)]}
            run = self.env["voip.billing.run"].create(values)
            run.action_run()
        later = run.line_ids.move_id
        self.assertNotEqual(later, move)
        back = [
            told for name, told in self._edi(later).items() if "given back" in name
        ]
        self.assertEqual(back, [[("Rate", "3.0000 USD")]])

    def test_many_numbers_are_a_few_lines_and_an_annex(self):
        self.env.company.voip_numbers_listed = 20
        move = self._invoice(30)
        self.assertEqual(len(move.invoice_line_ids), 3)
        notes = " ".join(self._notes(move))
        self.assertIn("Rental of 30 numbers", notes)
        self.assertNotIn("+4930555000", notes)
        name, kind, file, _size, _digest = move._voip_numbers_file()
        with file:
            rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8-sig")))
        self.assertEqual((kind, len(rows)), ("csv", 90))
        self.assertTrue(name.endswith("numbers.csv"))
        self.assertEqual(sum(float(row["Amount"]) for row in rows), 330.0)
        self.assertEqual(move.amount_untaxed, 330.0)
        self.assertEqual(rows[0]["Number"], "+4930555000")

    def test_the_annex_of_one_number_is_told_in_the_singular(self):
        self.env.company.voip_numbers_listed = 0
        notes = self._notes(self._invoice(1))
        self.assertIn("Rental of 1 number: the annex", " ".join(notes))

    def test_an_invoice_without_rental_has_no_annex(self):
        move = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.account.partner_id.id}
        )
        self.assertFalse(move.voip_number_count)
        with self.assertRaises(UserError):
            move._voip_numbers_file()
