"""Inbound calls after they were billed: credited, rated again, sealed, witnessed."""

from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.voip_rating.tests.credit_common import CreditNoteCommon
from odoo.addons.voip_rating.tests.tamper_common import TABLES, TamperCommon

TOLL_FREE = "18005550100"


@tagged("post_install", "-at_install")
class TestCallsBooks(TamperCommon, CreditNoteCommon):
    guarded = (*TABLES, "voip_did_caller", "voip_did_charge", "voip_did_cost")

    def setUp(self):
        super().setUp()
        self._make_decks()
        self.terms = self._make_terms()
        self.account = self._create_account(mode="postpaid", deck_id=self.deck.id)
        self.local = self._number("4930555000")
        self.free = self._number(TOLL_FREE, kind="toll_free")

    def _make_decks(self):
        """What inbound calls cost their owner, and at the supplier."""
        self.inbound = self._create_deck(
            [
                {"prefix": "49", "destination": "DE", "price_per_minute": "0.06"},
                {
                    "prefix": "49",
                    "origin_prefix": "4917",
                    "destination": "DE",
                    "price_per_minute": "0.12",
                },
            ]
        )
        self.toll_free = self._create_deck(
            [
                {"prefix": "44", "destination": "UK", "price_per_minute": "1.20"},
                {"prefix": "999900", "destination": "UK", "price_per_minute": "2.40"},
            ]
        )
        self.supplier = self.env["res.partner"].create({"name": "Number Carrier"})
        self.costs = self._create_deck(
            [
                {"prefix": "49", "price_per_minute": "0.02"},
                {"prefix": "44", "price_per_minute": "0.50"},
                {"prefix": "999900", "price_per_minute": "0.80"},
            ],
            side="supplier",
            partner_id=self.supplier.id,
        )

    def _make_terms(self):
        """A plan whose numbers cost nothing, and their inbound prices."""
        by_caller = {"by_caller": True, "unknown_as": "999900"}
        free = {"fee": "monthly", "price": 0.0, "effective_from": "2025-01-01"}
        return self.env["voip.did.plan"].create(
            {
                "name": "Calls",
                "code": "calls",
                "quarantine_days": 0,
                "price_ids": [(0, 0, free)],
                "inbound_ids": [
                    (0, 0, {"deck_id": self.inbound.id}),
                    (
                        0,
                        0,
                        {
                            "kind": "toll_free",
                            "deck_id": self.toll_free.id,
                            **by_caller,
                        },
                    ),
                ],
            }
        )

    def _number(self, number, **values):
        did = self.env["voip.did"].create(
            {"number": number, "cost_deck_id": self.costs.id, **values}
        )
        self._give(did, self.account, "2026-10-01")
        return did

    def _give(self, did, account, start, end=False):
        return self.env["voip.did.assignment"].create(
            {
                "did_id": did.id,
                "account_id": account.id,
                "plan_id": self.terms.id,
                "date_start": start,
                "date_end": end,
            }
        )

    def _ring(self, called, caller, rated=1, **values):
        type(self).count += 1
        record = {
            "call_id": f"inbound-{self.count}",
            "called": called,
            "caller": caller,
            "start": f"2026-10-05T10:00:{self.count % 60:02}Z",
            "duration": "60",
            "answered": True,
            "direction": "inbound",
            **values,
        }
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=[record], rate_now=True
        )
        self.assertEqual(answer["rated"], rated, answer)
        return self.env["voip.cdr.batch"].browse(answer["batch"])

    def _billed(self):
        self._ring("4930555000", "4989123456")
        self._ring("4930555000", "491701234567")
        self._ring(TOLL_FREE, "442071838750")
        self._ring(TOLL_FREE, "anonymous")
        return self._run(self.account)

    def _sums(self, invoice):
        usage = self._usage(invoice).sorted("id")
        return [(one.called, one.amount, one.cost) for one in usage]

    def test_the_invoice_bills_inbound_calls_at_price_and_cost(self):
        invoice = self._billed()
        self.assertAlmostEqual(invoice.amount_untaxed, 0.06 + 0.12 + 1.2 + 2.4, 6)
        self.assertEqual(
            self._sums(invoice),
            [
                ("4930555000", 0.06, 0.02),
                ("4930555000", 0.12, 0.02),
                (TOLL_FREE, 1.2, 0.5),
                (TOLL_FREE, 2.4, 0.8),
            ],
        )
        self.assertBooks(self.account)

    def test_what_no_rate_fits_is_named_by_the_number_that_is_rated(self):
        batch = self._ring(TOLL_FREE, "33123456789", rated=0)
        self.assertIn(
            f"has no rate for 33123456789, by which calls to {TOLL_FREE} are rated",
            batch.error_ids.message,
        )
        batch = self._ring("4930555000", "anonymous", lrn="18005550199")
        self.assertFalse(batch.error_ids)

    def test_a_credit_gives_inbound_calls_back(self):
        invoice = self._billed()
        credit = self._credit(invoice, scope="whole", outcome="credited")
        self.assertEqual(credit.note_id.amount_total, invoice.amount_total)
        self.assertAlmostEqual(self.account.wallet_id.balance, 0, 6)
        self.assertBooks(self.account)

    def test_rated_again_they_cost_the_inbound_price_that_is_valid_now(self):
        invoice = self._billed()
        dearer = self._create_deck(
            [{"prefix": "49", "destination": "DE", "price_per_minute": "0.60"}]
        )
        self.terms.inbound_ids.filtered(lambda one: not one.kind).deck_id = dearer
        again = self._credit(invoice, scope="whole", outcome="now").again_id
        self.assertAlmostEqual(again.amount_untaxed, 0.6 + 0.6 + 1.2 + 2.4, 6)
        self.assertEqual(self._sums(again)[2:], self._sums(invoice)[2:])
        self.assertBooks(self.account)

    def test_rated_again_they_go_to_who_had_the_number_by_what_is_known_now(self):
        invoice = self._billed()
        other = self._create_account(mode="postpaid", deck_id=self.deck.id)
        # A mistake of the desk: the local number was another customer's all the time.
        self.local.assignment_ids.unlink()
        self._give(self.local, other, "2026-10-01")
        self._credit(invoice, scope="whole", outcome="next")
        self.assertAlmostEqual(self.account.wallet_id.unbilled, 1.2 + 2.4, 6)
        self.assertAlmostEqual(other.wallet_id.unbilled, 0.06 + 0.12, 6)
        self.assertBooks(self.account)

    def test_a_batch_of_inbound_calls_is_taken_back_whole(self):
        batch = self._ring("4930555000", "4989123456")
        self.assertAlmostEqual(self.account.wallet_id.unbilled, 0.06, 6)
        batch.action_undo()
        self.assertAlmostEqual(self.account.wallet_id.unbilled, 0, 6)
        self.assertBooks(self.account)

    def test_costs_and_decks_of_inbound_calls_are_witnessed(self):
        self._billed()
        self._witness()
        self.assertEqual(self._violated(full=True), set())
        own = """UPDATE voip_usage_row SET {} WHERE id = (
                 SELECT max(id) FROM voip_usage_row
                  WHERE account_id = %(account)s AND cost > 0)"""
        for change in (
            "cost = cost + 1",
            "supplier_id = NULL",
            "cost_rate_id = rate_id",
            "called_number = called_number + 1",
        ):
            with self.subTest(change):
                self.assertSeen(
                    "same_usage", own.format(change), account=self.account.id
                )

    def test_noted_callers_are_witnessed(self):
        self.account.caller_foreign = "flag"
        trunk = self._create_trunk(self.account)
        out = {"direction": "outbound", "trunk": trunk.code}
        self._ring("442071234567", "33123456789", **out)
        self.assertEqual(self.account.did_caller_count, 1)
        self._witness()
        self.assertEqual(self._violated(), set())
        own = "voip_did_caller WHERE account_id = %(account)s"
        for statement in (
            f"DELETE FROM {own}",
            *(
                f"UPDATE {own.replace(' WHERE', f' SET {change} WHERE')}"
                for change in (
                    "caller = '4930555000'",
                    "why = 'of_others'",
                    "holder_id = account_id",
                    "cdr_id = cdr_id + 1",
                )
            ),
        ):
            with self.subTest(statement):
                own = {"account": self.account.id}
                self.assertSeen("same_noted_callers", statement, **own)

    def test_a_call_to_a_suspended_number_is_paid_and_its_caller_is_an_own_one(self):
        with freeze_time("2026-10-04 12:00:00"):
            self.local._suspend("Asked for.")
        self.account.write({"caller_foreign": "refuse", "caller_of_others": "refuse"})
        trunk = self._create_trunk(self.account)
        self._ring("4930555000", "4989123456")
        own = {"direction": "outbound", "trunk": trunk.code}
        self._ring("442071234567", "4930555000", **own)
        self.assertAlmostEqual(self.account.wallet_id.unbilled, 0.06 + 0.335, 6)
        self.assertBooks(self.account)


@tagged("post_install", "-at_install")
class TestTamperNumbers(TestCallsBooks):
    """Rental, costs, assignments, suspensions and lists behind the product's back."""

    def _rented(self):
        price = {"fee": "channel", "price": 2.0, "effective_from": "2025-01-01"}
        self.terms.price_ids = [(0, 0, price)]
        held = {"cost_monthly": 1.0, "held_from": "2026-10-01"}
        self.local.write({"supplier_id": self.supplier.id, **held})
        with freeze_time("2026-10-01 12:00:00"):
            self.local._suspend("Asked for.")
        with freeze_time("2026-10-03 12:00:00"):
            self.local._resume()
        with freeze_time(datetime(2026, 11, 29, 12)):
            self.local.assignment_ids._charge_now()
            self.env["voip.did.cost"]._accrue(self.env.company.id)
        self._witness()
        self.assertEqual(self._violated(full=True), set())

    def test_charges_costs_and_their_causes_are_as_they_were(self):
        self._rented()
        for name, table, changes in (
            (
                "same_number_charges",
                "voip_did_charge",
                ("unit_price = 0", "days = 0", "through = month_first", "tier = 9"),
            ),
            (
                "same_number_costs",
                "voip_did_cost",
                (
                    "amount = 0",
                    "unit_cost = 9",
                    "amount_company = 0",
                    "days = days %% 2 + 1",
                ),
            ),
            (
                "same_charged_assignments",
                "voip_did_assignment",
                ("date_start = date_start + 1", "is_continued = true"),
            ),
            (
                "same_suspensions",
                "voip_did_suspension",
                ("date_end = date_end + 9", "cause = 'unpaid'", "reason = 'none'"),
            ),
        ):
            newest = f"(SELECT max(id) FROM {table} WHERE did_id = %(did)s)"
            for change in changes:
                with self.subTest(table=table, change=change):
                    statement = f"UPDATE {table} SET {change} WHERE id = {newest}"
                    self.assertSeen(name, statement, did=self.local.id)

    def test_prices_of_days_that_are_over_and_charged_are_as_they_were(self):
        self._rented()
        price = self.terms.price_ids.filtered(lambda x: x.fee == "channel")
        newest = f"WHERE id = {price.id}"
        for change in (
            "SET price = 9",
            "SET effective_from = '2020-01-01'",
            "SET kind = 'mobile'",
            "SET min_numbers = 2",
            "SET fee = 'cnam'",
        ):
            with self.subTest(change):
                statement = f"UPDATE voip_did_price {change} {newest}"
                self.assertSeen("same_number_prices", statement)
        gone = f"DELETE FROM voip_did_price {newest}"
        self.assertSeen("same_number_prices", gone)

    def test_what_an_uninstallation_takes_along_is_not_lost(self):
        self._rented()
        kinds = ["number_charges", "number_costs", "charged_assignments"]
        self.env.cr.execute("DELETE FROM voip_witness WHERE kind = ANY(%s)", [kinds])
        self.assertTrue(self.env.cr.rowcount)
        self.assertIn("anchor", self._violated())
        self.anchor._forget(kinds)
        self.assertEqual(self._violated(full=True), set())
