from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..invoices import line_sums, lines_apart
from .common import SupplierCommon


@tagged("post_install", "-at_install")
class TestLoad(SupplierCommon):
    def _load(self, lines, **values):
        return self.env["voip.supplier.invoice"].load(
            **{
                "supplier": "carrier-one",
                "number": "A-1",
                "period_start": "2026-03-01",
                "period_end": "2026-03-31",
                "currency": self.env.company.currency_id.name,
                "total": "10.5",
                "lines": lines,
                **values,
            }
        )

    def test_an_invoice_is_taken_with_its_lines_and_difference(self):
        answer = self._load(
            [
                {"prefix": "447", "minutes": "12.5", "rate": "0.08", "amount": "1.00"},
                {"destination": "Germany", "day": "2026-03-05", "amount": "9.499"},
            ]
        )
        invoice = self.env["voip.supplier.invoice"].browse(answer.pop("invoice"))
        self.assertEqual(answer, {"lines": 2, "sum_difference": "0.001", "errors": []})
        self.assertEqual(invoice.state, "imported")
        self.assertEqual(str(invoice.date), "2026-03-31")
        self.assertTrue(invoice.sum_is_right)
        self.assertRecordValues(
            invoice.line_ids,
            [
                {"prefix": "447", "minutes": 12.5, "rate": 0.08, "amount": 1.0},
                {"prefix": False, "minutes": 0.0, "rate": 0.0, "amount": 9.499},
            ],
        )

    def test_the_same_invoice_again_is_the_same_another_one_a_conflict(self):
        lines = [{"prefix": "44", "amount": "10.50"}]
        first = self._load(lines)
        self.assertEqual(self._load([{"prefix": "44", "amount": "10.5"}]), first)
        other = self._load([{"prefix": "44", "amount": "10.49"}])
        self.assertIsNone(other["invoice"])
        self.assertEqual(
            [(e["index"], e["code"]) for e in other["errors"]], [(None, "conflict")]
        )
        count = self.env["voip.supplier.invoice"].search_count([("number", "=", "A-1")])
        self.assertEqual(count, 1)

    def test_each_bad_line_is_told_by_its_index_and_nothing_stays(self):
        cases = [
            ({"prefix": "44", "amount": "1"}, None),
            ({"prefix": "44"}, "missing_field"),
            ({"prefix": "044", "amount": "1"}, "bad_number"),
            ({"prefix": "44", "amount": "1e3"}, "bad_value"),
            ({"amount": "1"}, "missing_field"),
            ({"kind": "fee", "amount": "1"}, None),
            ({"kind": "gift", "amount": "1"}, "bad_value"),
            ({"prefix": "44", "amount": "1", "colour": "red"}, "bad_value"),
            ({"day": "2026-02-30", "amount": "1"}, "bad_time"),
            ("44", "missing_field"),
            ({"prefix": "44", "amount": "0.123456789"}, "bad_value"),
            ({"prefix": "44", "amount": "NaN"}, "bad_value"),
        ]
        answer = self._load([line for line, _code in cases])
        self.assertEqual(
            [(error["index"], error["code"]) for error in answer["errors"]],
            [(n, code) for n, (_line, code) in enumerate(cases) if code],
        )
        self.assertIsNone(answer["invoice"])
        self.assertFalse(
            self.env["voip.supplier.invoice"].search([("number", "=", "A-1")])
        )

    def test_bad_terms_name_their_field(self):
        lines = [{"prefix": "44", "amount": "10.5"}]
        for values, code, word in (
            ({"number": ""}, "missing_field", "number"),
            ({"total": "ten"}, "bad_value", "total"),
            ({"period_end": "2026-02-01"}, "bad_time", "period_end"),
            ({"period_start": None}, "missing_field", "period_start"),
            ({"tz": "Mars/Base"}, "bad_time", "tz"),
            ({"currency": "XYZ"}, "bad_value", "currency"),
        ):
            with self.subTest(values):
                (error,) = self._load(lines, **values)["errors"]
                self.assertEqual((error["index"], error["code"]), (None, code))
                self.assertTrue(error["message"].startswith(word), error["message"])

    def test_calls_that_make_no_sense_are_refused(self):
        with self.assertRefused(UserError, "no supplier with this reference"):
            self._load([], supplier="nobody")
        with self.assertRefused(UserError, "lines must be a list"):
            self._load({"prefix": "44"})
        with self.assertRefused(UserError, "At most 10000 lines"):
            self._load([{}] * 10_001)

    def test_viewers_load_nothing(self):
        viewer = new_test_user(
            self.env,
            login="load_viewer",
            groups="voip_billing_base.group_voip_viewer",
            company_id=self.env.company.id,
        )
        model = self.env["voip.supplier.invoice"].with_user(viewer)
        with self.assertRefused(AccessError, "not allowed"):
            model.load(supplier="carrier-one", number="1", lines=[])

    def test_odoos_own_import_still_works(self):
        answer = self.env["voip.supplier.invoice"].load(
            ["number", "partner_id/.id", "total", "tz"],
            [["CSV-1", str(self.supplier.id), "3.5", "UTC"]],
        )
        self.assertTrue(answer["ids"], answer["messages"])

    def test_a_learnt_name_names_the_destination_of_the_next_invoice(self):
        destination = self.env["voip.destination"].search([], limit=1)
        lines = [{"destination": "UK - Mobile (O2)", "amount": "1"}]
        first = self._load_invoice(lines)
        self.assertFalse(first.line_ids.destination_id)
        first.line_ids.destination_id = destination
        second = self._load_invoice(
            [{"destination": "uk mobile o2", "amount": "1"}], number="INV-2"
        )
        self.assertEqual(second.line_ids.destination_id, destination)

    def test_a_wrong_total_shows_and_becomes_a_line(self):
        invoice = self._load_invoice([{"prefix": "44", "amount": "5"}], total="6.00")
        self.assertFalse(invoice.sum_is_right)
        invoice.action_add_difference()
        self.assertTrue(invoice.sum_is_right)
        self.assertEqual(invoice.line_ids[-1].amount, 1.0)
        self.assertEqual(invoice.line_ids[-1].found, "sum")

    def _many(self, count, number):
        """A reconciled invoice, each line of which is above ours by a half."""
        codes = range(44_100, 44_100 + count)
        lines = [{"prefix": str(code), "amount": "1.50"} for code in codes]
        invoice = self._load_invoice(lines, number).sudo()
        invoice.line_ids.write({"ours_amount": 1.0, "found": "rate"})
        invoice.state = "reconciled"
        self.env.flush_all()
        self.env.invalidate_all()
        return invoice

    def test_figures_of_an_invoice_are_told_without_reading_its_lines(self):
        invoice = self._many(3, "MANY")
        told = (invoice.line_count, invoice.lines_total, invoice.difference)
        self.assertEqual((*told, invoice.unexplained), (3, 4.5, 1.5, 1.5))
        self.assertTrue(invoice.why and invoice.variance and invoice.can_reconcile)
        amount = self.env["voip.supplier.invoice.line"]._fields["amount"]
        self.assertFalse(amount._get_cache(self.env))

    def test_a_page_of_very_many_lines_holds_and_sums_none_of_them(self):
        lines = [{"prefix": str(code), "amount": "1.50"} for code in (44, 45, 46)]
        invoice = self._load_invoice(lines)
        with patch.object(lines_apart, "ON_PAGE", 3), Form(invoice) as form:
            self.assertFalse(form.has_many_lines)
            self.assertEqual(len(form.line_ids), 3)
        with patch.object(lines_apart, "ON_PAGE", 2), Form(invoice) as form:
            self.assertTrue(form.has_many_lines)
            self.assertEqual(len(form.line_ids), 0)
            with patch.object(line_sums, "_group", side_effect=AssertionError):
                form.total = 5.0
                form.period_start = "2026-03-02"
            self.assertEqual((form.line_count, form.sum_difference), (3, 0.5))
        self.assertEqual((invoice.total, len(invoice.line_ids)), (5.0, 3))

    def test_many_lines_are_disputed_by_as_many_queries_as_few(self):
        counts = []
        for count in (3, 60):
            invoice = self._many(count, f"BEYOND-{count}")
            before = self.env.cr.sql_log_count
            invoice.action_dispute_above()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(invoice.disputed_total, count / 2)
            reasons = set(invoice.line_ids.mapped("reason"))
            self.assertEqual(reasons, {"Billed 1.50, our records say 1.00 (Rate)."})
        self.assertEqual(*counts)
