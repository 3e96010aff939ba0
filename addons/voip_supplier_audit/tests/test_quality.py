"""Quality of suppliers: measures by hand, terms at their borders, proposals."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, new_test_user, tagged

from ..costs import kept
from ..engine.quality import BONUS, PENALTY, Term, acd, asr, share
from .cost_common import CostCommon


@tagged("post_install", "-at_install")
class TestShare(BaseCase):
    def test_measures_are_exact(self):
        self.assertEqual(asr(1, 3), Fraction(100, 3))
        self.assertEqual(acd(100, 3), Fraction(1, 30))
        self.assertIsNone(asr(0, 0))
        self.assertIsNone(acd(0, 0))

    def test_terms_at_their_borders(self):
        fifty = {"threshold": Decimal(50), "percent": Decimal("1.5")}
        stepped = {**fifty, "step": Decimal(2)}
        cases = [
            (Term(PENALTY, **fifty), 50, 0),
            (Term(PENALTY, **fifty), Fraction(99999, 2000), "1.5"),
            (Term(PENALTY, **fifty), 0, "1.5"),
            (Term(BONUS, **fifty), 50, "1.5"),
            (Term(BONUS, **fifty), Fraction(99999, 2000), 0),
            (Term(PENALTY, **stepped), 49, 0),
            (Term(PENALTY, **stepped), 48, "1.5"),
            (Term(PENALTY, **stepped), Fraction(951, 20), "1.5"),
            (Term(PENALTY, **stepped), 40, "7.5"),
            (Term(PENALTY, **stepped, most=Decimal(4)), 40, 4),
            (Term(BONUS, **stepped), 50, 0),
            (Term(BONUS, **stepped), 54, 3),
            (Term(PENALTY, **fifty), None, 0),
        ]
        for term, value, expected in cases:
            with self.subTest(term=term, value=value):
                self.assertEqual(share(term, value), Fraction(expected))


@tagged("post_install", "-at_install")
class TestQuality(CostCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._agree(tz="Europe/Berlin")
        cls.proposals = cls.env["voip.supplier.proposal"]
        cls.manager = new_test_user(
            cls.env, "quality_boss", "voip_billing_base.group_voip_manager"
        )

    def _term(self, **values):
        values = {"threshold": 60, "percent": 10, "least_attempts": 4, **values}
        return self.env["voip.supplier.quality"].create(
            {"agreement_id": self.agreement.id, **values}
        )

    def _attempts(self, *calls):
        """(start, seconds); of none nobody answered."""
        records = [
            {
                "call_id": f"q{next(self._codes)}",
                "called": "447700900123",
                "start": start,
                "duration": seconds or "0",
                "answered": bool(seconds),
                "trunk": self.trunk.code,
                "supplier_trunk": self.way.code,
            }
            for start, seconds in calls
        ]
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=records, rate_now=True
        )
        self.assertFalse(answer["in_error"], answer)

    def _september_calls(self):
        """In Berlin's September: 2 of 4 answered, 180 s, at 0.1 a minute 0.30."""
        self._attempts(
            ("2026-08-31T22:30:00Z", "120"),
            ("2026-09-05T10:00:00Z", "60"),
            ("2026-09-06T10:00:00Z", None),
            ("2026-09-07T10:00:00Z", None),
            ("2026-09-30T22:30:00Z", "600"),
        )

    def _propose(self):
        self.proposals._propose(date(2026, 10, 2))
        return self.proposals.search([("partner_id", "=", self.supplier.id)])

    def test_a_month_below_what_was_agreed_is_a_debit_note_once_confirmed(self):
        self._term()
        self._september_calls()
        proposal = self._propose()
        self.assertRecordValues(
            proposal,
            [
                {
                    "month": date(2026, 9, 1),
                    "kind": "penalty",
                    "attempts": 4,
                    "answered": 2,
                    "asr": 50.0,
                    "acd": 90.0,
                    "cost": 0.3,
                    "amount": 0.03,
                    "state": "draft",
                }
            ],
        )
        self.assertFalse(proposal.move_id)
        proposal.with_user(self.manager).action_confirm()
        move = proposal.move_id
        self.assertRecordValues(
            move,
            [{"move_type": "in_refund", "state": "posted", "amount_untaxed": 0.03}],
        )
        self.assertIn("2 of 4 attempts", move.invoice_line_ids.name)
        self.assertWhole()
        with self.assertRaisesRegex(UserError, "is decided already"):
            proposal.action_confirm()
        self._attempts(("2026-09-09T10:00:00Z", None))
        self.assertEqual(self._propose().attempts, 4, "what is confirmed stays")
        with self.assertRaisesRegex(UserError, "which stays"):
            proposal.term_id.unlink()
        with self.assertRaisesRegex(UserError, "which stays"):
            self.agreement.unlink()

    def test_a_bonus_is_a_bill_and_a_draft_follows_late_calls(self):
        self._term(kind="bonus", measure="acd", threshold=90, percent=50)
        self._september_calls()
        self.assertEqual(self._propose().amount, 0.15)
        self._attempts(("2026-09-10T10:00:00Z", "120"))
        proposal = self._propose()
        self.assertEqual((proposal.acd, proposal.amount), (100.0, 0.25))
        proposal.action_confirm()
        self.assertEqual(proposal.move_id.move_type, "in_invoice")
        self.assertWhole()

    def test_a_draft_whose_reason_is_gone_goes(self):
        term = self._term()
        self._september_calls()
        self.assertTrue(self._propose())
        term.threshold = 40
        self.assertFalse(self._propose())
        term.write({"threshold": 60, "least_attempts": 5})
        self.assertFalse(self._propose(), "four attempts say nothing")

    def test_to_drop_one_needs_a_reason_and_a_manager(self):
        self._term()
        self._september_calls()
        proposal = self._propose().with_user(self.manager)
        with self.assertRaisesRegex(UserError, "say why it is dropped"):
            proposal.action_drop()
        proposal.reason = "An outage of ours."
        proposal.action_drop()
        self.assertEqual(proposal.state, "dropped")
        self.assertEqual(len(self._propose()), 1)

    def test_the_daily_run_proposes(self):
        self._term()
        self._september_calls()
        with freeze_time("2026-10-02 05:00"), self.enter_registry_test_mode():
            self.env.ref("voip_supplier_audit.ir_cron_daily").method_direct_trigger()
        found = self.proposals.search([("partner_id", "=", self.supplier.id)])
        self.assertEqual(found.month, date(2026, 9, 1))

    def test_terms_are_audited_and_checked(self):
        term = self._term()
        last = self.env["voip.audit"].search(
            [("event", "=", "supplier_agreement")], order="id desc", limit=1
        )
        self.assertIn("quality", str(last.data))
        with self.assertRaisesRegex(ValidationError, "at most 100"):
            term.threshold = 101

    def test_the_scorecard_has_asr_and_acd_of_the_month(self):
        self._september_calls()
        invoice = self._september([{"prefix": "447", "amount": "0.30"}])
        invoice.action_reconcile()
        with patch.object(kept.witness, "REACHED_SQL", "SELECT 2 ^ 62, %s"):
            kept.advance(self.env.cr)
        self.env.flush_all()
        score = self.env["voip.supplier.score"].search(
            [("partner_id", "=", self.supplier.id)]
        )
        # In UTC the call of August is out, the one of the last evening in.
        self.assertRecordValues(
            score, [{"attempts": 4, "calls": 2, "asr": 50.0, "acd": 330.0}]
        )
