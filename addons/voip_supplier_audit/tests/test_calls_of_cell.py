"""From a line to its calls: theirs beside ours."""

from odoo.tests import new_test_user, tagged

from ..cockpit.voip_supplier_invoice import CALLS_OF
from ..engine.classify import CLASSES
from ..engine.rules import KINDS
from .reconcile_common import ReconcileCommon

CALLED = "447700900123"


@tagged("post_install", "-at_install")
class TestCallsOfCell(ReconcileCommon):
    def _compared(self):
        """One call is dearer, one of theirs is on no line, one of ours is missing."""
        self._calls(
            ("same", CALLED, "10:00:00", "60", True),
            ("dearer", CALLED, "12:00:00", "60", True),
            ("lacking", CALLED, "14:00:00", "120", True),
        )
        invoice = self._invoice(
            ("same", CALLED, "10:00:00", "60", "0.1", "0.1"),
            ("dearer", CALLED, "12:00:00", "60", "0.12", "0.12"),
            ("stranger", "4915112345", "16:00:00", "60", "0.1", "0.1"),
        )
        self.env["voip.supplier.invoice"].reconcile(invoice.id)
        return invoice

    def _found(self, action, *more):
        return self.env["voip.supplier.match"].search([*action["domain"], *more])

    def test_a_line_opens_its_calls_of_both_sides(self):
        invoice = self._compared()
        line = invoice.line_ids
        found = self._found(line.action_view_calls())
        self.assertEqual(
            [
                (x.call_id, x.found, x.sides, x.their_amount, x.our_amount)
                for x in found.sorted("call_id")
            ],
            [
                ("dearer", "rate", "both", 0.12, 0.1),
                ("lacking", "missing_there", "ours", 0.0, 0.2),
                ("same", "equal", "both", 0.1, 0.1),
            ],
        )
        dearer = found.filtered(lambda x: x.call_id == "dearer")
        self.assertEqual((dearer.their_ms, dearer.our_ms), (60_000, 60_000))
        self.assertEqual((dearer.their_rate, dearer.our_rate), (0.12, 0.1))
        self.assertEqual(str(dearer.our_start), "2026-09-05 12:00:00")
        self.assertEqual((dearer.called, dearer.difference), (CALLED, 0.02))

    def test_the_invoice_opens_all_and_counts_what_differs(self):
        invoice = self._compared()
        found = self._found(invoice.action_view_calls())
        self.assertEqual(len(found), 4)
        self.assertFalse(found.filtered(lambda x: x.call_id == "stranger").line_id)
        self.assertEqual(invoice.match_count, 3)

    def test_a_bar_opens_what_it_is_made_of(self):
        invoice = self._compared()
        invoice.line_ids.sudo().explanations = [
            {"kind": "rate", "amount": "0.02", "text": "Another price."},
            {"kind": "missing_there", "amount": "-0.2", "text": "Not charged."},
        ]
        steps = {step["key"]: step for step in invoice.variance["steps"]}
        amounts = [step["amount"] for step in steps.values()]
        self.assertAlmostEqual(sum(amounts[:-1]), amounts[-1])
        self.assertAlmostEqual(amounts[-1], invoice.ours_total)

        def opened(key):
            step = steps[key]
            return self.env[step["model"]].search(step["domain"])

        self.assertEqual(opened("rate").mapped("call_id"), ["dearer"])
        self.assertEqual(opened("missing_there").mapped("call_id"), ["lacking"])
        self.assertEqual(opened("unexplained"), invoice.line_ids)
        self.assertEqual(opened("billed"), invoice.line_ids)
        self.assertEqual(
            {key: step["kind"] for key, step in steps.items()},
            {
                "billed": "total",
                "rate": "dearer",
                "missing_there": "cheaper",
                "unexplained": "unexplained",
                "ours": "total",
            },
        )

    def test_every_cause_has_a_name_and_opens_calls_of_known_classes(self):
        labels = self.env["voip.supplier.invoice"]._step_labels()
        self.assertFalse(set(KINDS) - labels.keys())
        self.assertFalse({x for many in CALLS_OF.values() for x in many} - set(CLASSES))
        self.assertFalse(CALLS_OF.keys() - set(KINDS))

    def test_without_records_a_line_opens_our_calls(self):
        other = {"deck_id": self.buy.id, "prefix": "448", "price_per_minute": 0.1}
        other |= {"effective_from": "1970-01-01 00:00:00"}
        self.env["voip.rate"].create(other)
        self._calls(
            ("one", CALLED, "10:00:00", "60", True),
            ("two", "448001234567", "11:00:00", "60", True),
        )
        self._agree(tz="UTC")
        invoice = self._load_invoice(
            [{"prefix": "447", "amount": "1.00"}],
            period_start="2026-09-01",
            period_end="2026-09-30",
        )
        self.env["voip.supplier.invoice"].reconcile(invoice.id)
        action = invoice.line_ids.action_view_calls()
        self.assertEqual(action["res_model"], "voip.usage")
        found = self.env["voip.usage"].search(action["domain"])
        self.assertEqual(found.mapped("source_ref"), ["one"])

    def test_calls_are_of_the_readers_companies(self):
        invoice = self._compared()
        company = self.env["res.company"].create({"name": "Another"})
        reader = new_test_user(
            self.env,
            login="another_reader",
            groups="voip_billing_base.group_voip_viewer",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        domain = [("invoice_id", "=", invoice.id)]
        matches = self.env["voip.supplier.match"]
        self.assertEqual(matches.search_count(domain), 4)
        self.assertEqual(matches.with_user(reader).search_count(domain), 0)
