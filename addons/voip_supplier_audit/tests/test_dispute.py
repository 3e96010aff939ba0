"""Disputes of customers: exact amounts, the hold, and each way they end."""

from decimal import Decimal

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.voip_rating.tests.credit_common import CreditNoteCommon


class DisputeCommon(CreditNoteCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.viewer = cls._new_user("viewer", "group_voip_viewer")
        cls.approver = cls._new_user("approver", "group_voip_approver")

    def _dialog(self, invoice, user=None, **values):
        wizard = self.env["voip.dispute.wizard"].with_user(user or self.accountant)
        return wizard.create(
            {
                "move_id": invoice.id,
                "reason": "Never answered",
                "raised_by": "Jane, ticket 4711",
                "raised_on": "2026-11-09",
                **values,
            }
        )

    def _dispute(self, invoice, user=None, **values):
        dialog = self._dialog(invoice, user, **values)
        dialog.action_open()
        return dialog.dispute_id

    def _accept(self, dispute, **values):
        """Press Accept, then Credit in the wizard that it opens."""
        action = dispute.action_accept()
        wizard = self.env[action["res_model"]].with_user(self.accountant)
        dialog = wizard.with_context(**action["context"]).create(values)
        dialog.action_credit()
        return dialog.credit_id.sudo()


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestDispute(DisputeCommon):
    def test_the_disputed_amount_is_exact_from_the_calls(self):
        invoice = self._invoiced(self.tax)
        calls = self._usage(invoice)[:2]
        dispute = self._dispute(invoice, scope="calls", usage_ids=calls.ids)
        exact = sum(Decimal(str(amount)) for amount in calls.mapped("amount"))
        self.assertEqual(exact, Decimal("0.67"))
        self.assertRecordValues(
            dispute,
            [
                {
                    "state": "open",
                    "net": 0.67,
                    "tax": 0.13,
                    "total": 0.80,
                    "account_id": invoice.voip_account_id.id,
                    "asked_by_id": self.accountant.id,
                    "call_count": 2,
                }
            ],
        )
        pairs = {(call.id, call.source_ref) for call in calls}
        kept = {(call.usage_id, call.call_id) for call in dispute.call_ids}
        self.assertEqual(kept, pairs)
        self.assertEqual(calls.mapped("dispute_id"), dispute)
        found = self.env["voip.usage"].search(dispute.action_view_usage()["domain"])
        self.assertEqual(found.sorted("id"), calls.sorted("id"))
        trail = self.env["voip.audit"].search([("event", "=", "dispute_opened")])
        self.assertEqual((trail.res_id, trail.user_id), (dispute.id, self.accountant))
        self.assertIn("Jane, ticket 4711", trail.summary)

    def test_the_invoice_is_held_until_all_its_disputes_are_decided(self):
        invoice = self._invoiced()
        self.assertFalse(invoice.no_followup)
        calls = self._usage(invoice)
        first = self._dispute(invoice, scope="calls", usage_ids=calls[:1].ids)
        second = self._dispute(invoice, scope="calls", usage_ids=calls[1:2].ids)
        self.assertTrue(invoice.no_followup)
        self.assertEqual(invoice.voip_disputed, first.total + second.total)
        self.assertEqual(
            invoice._voip_withheld_reason(), "Never answered; Never answered"
        )
        self.assertIn("is disputed since", invoice.alerts["voip_dispute"]["message"])
        held = [("voip_dispute_ids.state", "in", ("open", "waiting"))]
        moves = self.env["account.move"]
        self.assertEqual(moves.search(held), invoice)
        first.with_user(self.accountant).action_withdraw()
        self.assertTrue(invoice.no_followup)
        second.with_user(self.accountant)._refuse("Your switch confirmed it.")
        self.assertFalse(invoice.no_followup)
        self.assertFalse(invoice._voip_withheld_reason())
        self.assertFalse(moves.search(held))
        invoice.invalidate_recordset()
        self.assertFalse(invoice.alerts and invoice.alerts.get("voip_dispute"))
        self.assertEqual(invoice.voip_dispute_count, 2)

    def _broken(self):
        found = self.env["voip.check"].sudo().run()
        return {one["name"] for one in found if one["violations"]}

    def test_the_check_sees_what_is_not_held_as_marked(self):
        invoice = self._invoiced(self.tax)
        calls = self._usage(invoice)[:2]
        dispute = self._dispute(invoice, scope="calls", usage_ids=calls.ids)
        self.assertWhole()
        items = invoice.line_ids.filtered(
            lambda item: item.account_id.account_type == "asset_receivable"
        )
        items.no_followup = False
        self.assertEqual(self._broken(), {"dispute_held"})
        items.no_followup = True
        dispute.call_ids[:1].sudo().unlink()
        self.assertEqual(self._broken(), {"dispute_held"})

    def test_a_dispute_of_no_lines_asks_for_lines_not_for_a_credit(self):
        dialog = self._dialog(self._invoiced(), scope="lines")
        self.assertEqual(dialog.problem, "Choose the lines that it is about.")

    def test_the_check_sees_an_outcome_that_is_not_the_credit_note(self):
        invoice = self._invoiced(self.tax)
        dispute = self._dispute(invoice)
        self._accept(dispute.with_user(self.accountant))
        self.assertEqual(dispute.state, "credited")
        self.assertWhole()
        dispute.sudo().credited -= 0.01
        self.assertEqual(self._broken(), {"dispute_outcome"})

    def test_what_was_left_out_of_follow_up_before_stays_so(self):
        invoice = self._invoiced()
        invoice.no_followup = True
        dispute = self._dispute(invoice)
        dispute.with_user(self.accountant).action_withdraw()
        self.assertTrue(invoice.no_followup)

    def test_accepted_calls_are_credited_exactly(self):
        invoice = self._invoiced(self.tax)
        calls = self._usage(invoice)[:3]
        dispute = self._dispute(invoice, scope="calls", usage_ids=calls.ids)
        mine = dispute.with_user(self.accountant)
        refused = mine.call_ids[-1]
        refused.write({"is_accepted": False, "note": "Answered after 3 s"})
        credit = self._accept(mine)
        accepted = (dispute.call_ids - refused).mapped("usage_id")
        self.assertEqual(credit.usage_ids, sorted(accepted))
        self.assertEqual(credit.note_id.amount_untaxed, 0.67)
        self.assertRecordValues(
            dispute,
            [
                {
                    "state": "partly",
                    "credited": credit.total,
                    "note_id": credit.note_id.id,
                    "decided_by_id": self.accountant.id,
                }
            ],
        )
        self.assertFalse(invoice.no_followup)
        trail = self.env["voip.audit"].search([("event", "=", "dispute_credited")])
        self.assertIn(credit.note_id.name, trail.data)
        with self.assertRefused(UserError, "not open any more"):
            mine.action_accept()
        with self.assertRefused(UserError, "not open any more"):
            refused.write({"is_accepted": True})
        self.assertBooks(invoice.voip_account_id)

    def test_a_disputed_line_is_credited_whole(self):
        invoice = self._invoiced(self.tax)
        line = invoice.invoice_line_ids.filtered(lambda x: x.name == "DE")
        action = line.action_voip_dispute()
        self.assertEqual(action["context"]["default_line_ids"], [(6, 0, line.ids)])
        dispute = self._dispute(invoice, scope="lines", line_ids=[(6, 0, line.ids)])
        self.assertEqual((dispute.net, dispute.total), (2.22, 2.64))
        self.assertEqual(dispute.call_count, 2)
        german = self._usage(invoice).filtered(lambda x: x.label == "DE")
        self.assertEqual(german.mapped("dispute_id"), dispute)
        credit = self._accept(dispute.with_user(self.accountant))
        self.assertEqual((dispute.state, credit.total), ("credited", 2.64))
        self.assertBooks(invoice.voip_account_id)

    def test_only_lines_of_calls_are_said_to_be_calls(self):
        dispute = self._dispute(self._invoiced())
        self.assertFalse(dispute.has_units)
        self.env.ref("voip_billing_base.service_term_intl").unit = "unit"
        dispute.invalidate_recordset(["has_units"])
        self.assertTrue(dispute.has_units)
        for model in ("voip.dispute", "voip.dispute.wizard", "voip.credit.wizard"):
            arch = self.env[model].get_view(view_type="form")["arch"]
            lines = "//field[@name='line_ids']"
            [heads] = etree.fromstring(arch).xpath(f"{lines}/list")
            cards = etree.fromstring(arch).xpath(f"{lines}/kanban//field/@name")
            self.assertIn("price_total", cards, f"{model} on a phone")
            told = {one.get("name"): one.get("string") for one in heads}
            self.assertEqual(told["voip_counted"], "Calls / Units", model)
            self.assertIn(told["name"], (None, "Description"), model)

    def test_on_a_phone_each_disputed_call_is_a_card_that_opens_to_be_accepted(self):
        arch = self.env["voip.dispute"].get_view(view_type="form")["arch"]
        [calls] = etree.fromstring(arch).xpath("//field[@name='call_ids']")
        told = {"called", "amount", "verdict", "is_accepted", "note"}
        self.assertLessEqual(told, set(calls.xpath("./kanban//field/@name")))
        typed = calls.xpath("./form//field[not(@readonly)]/@name")
        self.assertEqual(typed, ["is_accepted", "note"])
        # What a card says is readonly would not be saved from the form either.
        self.assertFalse(calls.xpath("./kanban//field[@readonly]"))

    def test_a_credit_above_the_limit_waits_with_its_dispute(self):
        self.env.company.voip_credit_limit = 1
        invoice = self._invoiced()
        dispute = self._dispute(invoice)
        credit = self._accept(dispute.with_user(self.accountant))
        self.assertEqual((credit.state, dispute.state), ("waiting", "waiting"))
        self.assertTrue(invoice.no_followup)
        credit.with_user(self.accountant).action_refuse()
        self.assertEqual(dispute.state, "open")
        credit = self._accept(dispute.with_user(self.accountant))
        credit.with_user(self.approver).action_approve()
        self.assertEqual((credit.state, dispute.state), ("done", "credited"))
        self.assertEqual(dispute.decided_by_id, self.approver)
        self.assertFalse(invoice.no_followup)
        self.assertBooks(invoice.voip_account_id)

    def test_a_preview_of_the_credit_decides_nothing(self):
        invoice = self._invoiced()
        dispute = self._dispute(invoice).with_user(self.accountant)
        action = dispute.action_accept()
        wizard = self.env[action["res_model"]].with_user(self.accountant)
        wizard.with_context(**action["context"]).create({}).action_preview()
        self.assertEqual(dispute.state, "open")
        self.assertTrue(invoice.no_followup)

    def test_no_more_is_credited_for_a_dispute_than_it_is_about(self):
        invoice = self._invoiced()
        calls = self._usage(invoice)
        dispute = self._dispute(invoice, scope="calls", usage_ids=calls[:1].ids)
        mine = dispute.with_user(self.accountant)
        for values in ({"scope": "whole"}, {"usage_ids": calls[:2].ids}):
            with self.assertRefused(UserError, "more than the dispute"):
                self._accept(mine, **values)
        other = self._invoiced()
        with self.assertRefused(UserError, "credit that invoice"):
            self._credit(other, dispute_id=dispute.id)
        mine.call_ids.is_accepted = False
        with self.assertRefused(UserError, "None of the disputed calls"):
            mine.action_accept()

    def test_the_same_is_not_disputed_twice(self):
        invoice = self._invoiced()
        calls = self._usage(invoice)
        self._dispute(invoice, scope="calls", usage_ids=calls[:1].ids)
        again = {"scope": "calls", "usage_ids": calls[:2].ids}
        with self.assertRefused(UserError, "disputes the same already"):
            self._dispute(invoice, **again)
        with self.assertRefused(UserError, "disputes the same already"):
            self._dispute(invoice)
        self.assertIn("disputes the same", self._dialog(invoice, **again).problem)
        self._dispute(invoice, scope="calls", usage_ids=calls[1:2].ids)

    def test_credited_calls_and_drafts_are_not_disputed(self):
        invoice = self._invoiced()
        calls = self._usage(invoice)[:1]
        self._credit(invoice, scope="calls", usage_ids=calls.ids)
        with self.assertRefused(UserError, "credited or undone already"):
            self._dispute(invoice, scope="calls", usage_ids=calls.ids)
        draft = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": invoice.partner_id.id}
        )
        with self.assertRefused(UserError, "no posted usage invoice"):
            self._dispute(draft)
        with self.assertRefused(UserError, "of one usage invoice: these are of none"):
            self.env["voip.usage"].action_dispute()

    def test_evidence_belongs_to_the_dispute(self):
        invoice = self._invoiced()
        files = self.env["ir.attachment"].with_user(self.accountant)
        file = files.create({"name": "cdr.csv", "raw": b"call_id"})
        dispute = self._dispute(invoice, evidence_ids=[(6, 0, file.ids)])
        self.assertEqual((file.res_model, file.res_id), ("voip.dispute", dispute.id))
        self.assertEqual(dispute.evidence_ids.ids, file.ids)

    def test_who_only_looks_decides_nothing(self):
        invoice = self._invoiced()
        dispute = self._dispute(invoice)
        looked = dispute.with_user(self.viewer)
        self.assertEqual(looked.read(["reason"])[0]["reason"], "Never answered")
        for attempt in (
            looked.action_accept,
            looked.action_refuse,
            looked.action_withdraw,
            lambda: self._dialog(invoice, self.viewer),
            lambda: dispute.with_user(self.accountant).write({"reason": "Other"}),
            lambda: dispute.with_user(self.accountant).write({"state": "refused"}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
        with self.assertRefused(UserError, "Disputes are kept"):
            dispute.sudo().unlink()

    def test_calls_are_matched_with_the_records_of_their_supplier(self):
        invoice = self._carried(4)
        calls = self._usage(invoice)
        dispute = self._dispute(invoice, scope="calls", usage_ids=calls.ids)
        self.assertEqual(set(dispute.call_ids.mapped("verdict")), {"unknown"})
        theirs = self._their_records("60", "55", "66")
        dispute.with_user(self.accountant).action_match()
        found = {
            call.call_id: (call.verdict, call.their_seconds)
            for call in dispute.call_ids
        }
        self.assertEqual(
            found,
            {
                "matched-0": ("same", 60),
                "matched-1": ("same", 55),
                "matched-2": ("differs", 66),
                "matched-3": ("missing", 0),
            },
        )
        self.assertEqual(dispute.call_ids.supplier_invoice_id.id, theirs)

    def _carried(self, number):
        """An invoice of calls of a minute that a carrier took."""
        carrier = self.env["res.partner"].create({"name": "Carrier", "ref": "carrier"})
        cost = self._create_deck(
            side="supplier",
            partner_id=carrier.id,
            rates=[{"prefix": "44", "price_per_minute": "0.1"}],
        )
        supplier = self._create_supplier_trunk(cost)
        account = self._create_account(deck_id=self.deck.id)
        trunk = self._create_trunk(account)
        records = [
            {
                "call_id": f"matched-{each}",
                "called": "442071234567",
                "start": f"2026-10-05T10:00:0{each}Z",
                "duration": "60",
                "answered": True,
                "trunk": trunk.code,
                "supplier_trunk": supplier.code,
            }
            for each in range(number)
        ]
        ingest = self.env["voip.cdr"].ingest
        ingest(switch=self.switch.code, records=records, rate_now=True)
        return self._run(account)

    def _their_records(self, *durations):
        """The carrier's invoice with records of the first calls; its id."""
        suppliers = self.env["voip.supplier.invoice"]
        theirs = suppliers.load(
            supplier="carrier",
            number="C-1",
            date="2026-11-02",
            period_start="2026-10-01",
            period_end="2026-10-31",
            currency=self.env.company.currency_id.name,
            total="0.3",
            lines=[{"prefix": "44", "amount": "0.3"}],
        )["invoice"]
        records = [
            {
                "call_id": f"matched-{number}",
                "called": "442071234567",
                "start": "2026-10-05T12:00:00",
                "duration": seconds,
                "amount": "0.1",
            }
            for number, seconds in enumerate(durations)
        ]
        answer = suppliers.load_records(theirs, records)
        self.assertEqual(answer["accepted"], len(durations), answer)
        return theirs

    def test_a_refusal_keeps_its_reason(self):
        dispute = self._dispute(self._invoiced())
        wizard = self.env["voip.dispute.refusal"].with_user(self.accountant)
        dialog = wizard.create({"dispute_id": dispute.id, "answer": "All answered."})
        dialog.action_apply()
        dialog.action_apply()
        self.assertEqual((dispute.state, dispute.answer), ("refused", "All answered."))
        trail = self.env["voip.audit"].search([("event", "=", "dispute_refused")])
        self.assertEqual(trail.mapped("res_id"), dispute.ids)
        self.assertIn("All answered.", trail.summary)
