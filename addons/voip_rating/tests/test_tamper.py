"""What is changed in the database behind the product's back is seen by the check.

The drill ``tamper`` does some 250 such changes; here stand those that show what each
invariant is about, and that what is done rightly is no violation.
"""

import json
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.voip_billing_base.checks.voip_check_definitions import WANTED

from .credit_common import CreditNoteCommon
from .tamper_common import TamperCommon


@tagged("post_install", "-at_install")
class TestTamper(TamperCommon, CreditNoteCommon):
    def setUp(self):
        super().setUp()
        self.invoice = self._invoiced(self.tax, mode="postpaid", credit_limit=50.0)
        self.account = self.invoice.voip_account_id
        self._post_payment(self.account, 3)

    def _post_payment(self, account, amount):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": account.partner_id.id,
                "amount": amount,
                "voip_account_id": account.id,
            }
        )
        payment.action_post()
        return payment

    # === Witnesses === #

    def test_what_is_done_rightly_is_no_violation(self):
        rerated = self._invoiced(self.tax, mode="postpaid")
        self._witness()
        self._credit(self.invoice, scope="percent", percentage=10)
        self._credit(rerated, outcome="now")
        answer = self._calls(self.account.trunk_ids[:1], 2, "44")
        self._witness()
        self.env["voip.cdr.batch"].browse(answer["batch"]).action_undo()
        self.account.sudo().credit_limit = 80
        self.invoice.invoice_date_due = "2027-01-31"
        for full in (False, True):
            self.assertEqual(self._violated(full), set())
        self._witness()
        self.assertEqual(self._violated(full=True), set())

    def test_records_are_as_they_were_witnessed(self):
        self._credit(self.invoice, scope="percent", percentage=10)
        self._witness()
        self.assertEqual(self._violated(), set())
        newest = "(SELECT max(id) FROM {0} WHERE company_id = %(company)s)"
        for name, table, change in (
            ("same_calls", "voip_cdr_row", "called = '4930999'"),
            ("same_calls", "voip_cdr_row", "duration_ms = duration_ms + 1"),
            ("same_calls", "voip_cdr_row", "trunk = 'another'"),
            ("same_usage", "voip_usage_row", "label = 'another'"),
            ("same_usage", "voip_usage_row", "unit_price = 5"),
            ("same_usage", "voip_usage_row", "called_number = 4930999"),
            ("same_summaries", "voip_usage_summary", "label = 'another'"),
            ("same_summaries", "voip_usage_summary", "destination_id = NULL"),
            ("same_entries", "voip_wallet_entry", "at = at - interval '1 day'"),
            ("same_entries", "voip_wallet_entry", "user_id = NULLIF(1, user_id)"),
            ("same_batches", "voip_cdr_batch", "file_name = 'another'"),
            ("same_credits", "voip_credit", "reason = 'another'"),
        ):
            with self.subTest(name, change=change):
                self.assertSeen(
                    name,
                    f"UPDATE {table} SET {change} WHERE id = {newest.format(table)}",
                    company=self.env.company.id,
                )

    def test_a_rate_that_was_used_is_as_it_was(self):
        self._witness()
        for change in ("min_charge = 1", "price_per_minute = 9", "prefix = '449'"):
            with self.subTest(change):
                self.assertSeen(
                    "same_rates",
                    f"UPDATE voip_rate SET {change} WHERE deck_id = %(deck)s"
                    " AND prefix = '44'",
                    deck=self.deck.id,
                )
        ended = self.deck.rate_ids.filtered(lambda rate: rate.prefix == "44")
        ended.write({"effective_to": "2027-01-01", "label": "Britain"})
        self.assertNotIn("same_rates", self._violated())

    def test_rows_that_come_after_the_witness_are_not_missed_in_it(self):
        self._witness()
        self._calls(self.account.trunk_ids[:1], 1, "49")
        self.assertEqual(self._violated(), set())
        self.assertSeen(
            "same_usage",
            "DELETE FROM voip_usage_row WHERE id = ("
            " SELECT min(id) FROM voip_usage_row WHERE account_id = %(account)s)",
            account=self.account.id,
        )

    def test_what_is_still_being_written_is_not_witnessed(self):
        """A mark is the last number taken; what comes after it is above it."""
        cr = self.env.cr
        for span in self.env["voip.witness"]._spans():
            with self.subTest(span.kind):
                # A table that nobody ever wrote to has no mark.
                cr.execute("SELECT nextval(%s)", [span.sequence])
                cr.execute(span.mark_sql(), {"kind": span.kind})
                cr.execute(
                    "SELECT upto FROM voip_witness_mark WHERE kind = %s"
                    " ORDER BY at DESC LIMIT 1",
                    [span.kind],
                )
                upto = cr.fetchone()[0]
                cr.execute("SELECT nextval(%s)", [span.sequence])
                self.assertEqual(cr.fetchone()[0], upto + 1)
                self.assertEqual(self.env["voip.witness"]._reached(span), 0)

    def test_numbers_that_were_never_written_are_passed_at_once(self):
        self._witness()
        found, cr = self.env["voip.witness"], self.env.cr
        witnessed = (
            "SELECT COALESCE(max(upto), 0), COALESCE(sum(rows), 0)"
            " FROM voip_witness WHERE kind = %s"
        )
        for span in found._spans():
            cr.execute(witnessed, [span.kind])
            before, rows = cr.fetchone()
            if not before:
                # Nobody ever wrote to the table.
                continue
            with self.subTest(span.kind):
                self.assertFalse(found._take(span, before + 10**12))
                cr.execute(witnessed, [span.kind])
                self.assertEqual(cr.fetchone(), (before + 10**12, rows))

    def test_pieces_begin_at_rows(self):
        found, cr = self.env["voip.witness"], self.env.cr
        span = next(s for s in found._spans() if s.kind == "usage")
        cr.execute(f"SELECT count(*), max(id) FROM {span.table}")
        count, last = cr.fetchone()
        pieces = 1
        with patch("odoo.addons.voip_billing_base.checks.voip_witness.PIECE", 1):
            while found._take(span, last):
                pieces += 1
        cr.execute("SELECT sum(rows) FROM voip_witness WHERE kind = 'usage'")
        self.assertEqual((cr.fetchone()[0], pieces), (count, count))

    def test_another_way_to_hash_begins_anew(self):
        self._witness()
        cr = self.env.cr
        cr.execute("UPDATE voip_witness SET version = 'old', mark = 0")
        cr.execute("UPDATE voip_witness_record SET version = 'old', mark = 0")
        self.anchor._path().unlink()
        self.assertEqual(self._violated(), set())
        self._witness()
        self.assertEqual(self._violated(), set())
        cr.execute("SELECT count(*) FROM voip_witness WHERE version = 'old'")
        self.assertEqual(cr.fetchone()[0], 0)

    # === Documents, accounts === #

    def test_a_document_is_what_its_items_and_its_account_say(self):
        other = self._create_account()
        move = "UPDATE account_move SET {} WHERE id = %(move)s"
        line = (
            "UPDATE account_move_line SET {} WHERE move_id = %(move)s"
            " AND display_type = 'product'"
        )
        for name, statement in (
            ("document_total", move.format("amount_total = amount_total + 1")),
            ("document_total", move.format("amount_tax = amount_tax + 1")),
            ("document_total", move.format("amount_residual_signed = 0")),
            ("document_total", line.format("balance = balance - 1")),
            ("document_paid", move.format("payment_state = 'paid'")),
            ("document_paid", move.format("payment_state = 'partial'")),
            ("document_number", move.format("name = name || '0'")),
            ("document_number", move.format("name = 'X' || name")),
            ("document_customer", move.format("partner_id = %(partner)s")),
            ("document_customer", move.format("voip_payer_id = %(account)s")),
            ("document_customer", line.format("partner_id = %(partner)s")),
            ("document_date", move.format("date = date - 40")),
            ("billed_payer", move.format("voip_payer_id = %(account)s")),
            ("line_rate", line.format("voip_rate = voip_rate + 1")),
        ):
            with self.subTest(name, statement=statement):
                self.assertSeen(
                    name,
                    statement,
                    move=self.invoice.id,
                    partner=other.partner_id.id,
                    account=other.id,
                )

    def test_a_credit_is_its_credit_note(self):
        credit = self._credit(self.invoice, scope="percent", percentage=10)
        for change in ("total = total + 1", "note_id = NULL", "state = 'refused'"):
            with self.subTest(change):
                self.assertSeen(
                    "credits",
                    f"UPDATE voip_credit SET {change} WHERE id = %(credit)s",
                    credit=credit.id,
                )

    def test_a_payment_is_what_its_entry_says(self):
        payment = self._post_payment(self.account, 7)
        for change in ("amount = amount + 1", "partner_id = %(partner)s"):
            with self.subTest(change):
                self.assertSeen(
                    "payments",
                    f"UPDATE account_payment SET {change} WHERE id = %(payment)s",
                    payment=payment.id,
                    partner=self.env.company.partner_id.id,
                )

    def test_terms_of_an_account_are_those_last_audited(self):
        for change in (
            "credit_limit = 900",
            "mode = 'hybrid'",
            "overdraft_amount = 5",
            "state = 'closed'",
        ):
            with self.subTest(change):
                self.assertSeen(
                    "terms",
                    "WITH w AS (UPDATE voip_wallet SET limit_amount = 900"
                    "            WHERE account_id = %(account)s)"
                    f" UPDATE voip_account SET {change} WHERE id = %(account)s",
                    account=self.account.id,
                )
        self.account._set_state("suspended", "Test")
        self.account.sudo().write({"mode": "hybrid", "credit_limit": 12.34})
        self.account.sudo().write({"overdraft_until": "2027-01-31"})
        self.assertNotIn("terms", self._violated())

    def test_who_pays_follows_the_parent(self):
        child = self._create_account(parent_id=self.account.id, pay_by_parent=True)
        self.assertEqual(self._violated(), set())
        for change in ("payer_id = id", "pay_by_parent = false", "parent_id = NULL"):
            with self.subTest(change):
                self.assertSeen(
                    "payer",
                    f"UPDATE voip_account SET {change} WHERE id = %(child)s",
                    child=child.id,
                )

    # === Anchor === #

    def _log(self, count=3):
        for number in range(count):
            self.env["voip.audit"]._log("test_event", self.account, {"n": number})

    def test_a_tail_that_is_cut_off_with_its_head_is_seen(self):
        self._log()
        self.anchor._write()
        self._log()
        self.assertEqual(self._violated(), set())
        self.assertSeen(
            "anchor",
            "WITH last AS (DELETE FROM voip_audit a USING voip_audit_head h"
            "               WHERE h.company_id = %(company)s"
            "                 AND a.company_id = h.company_id AND a.seq >= h.seq - 3)"
            " UPDATE voip_audit_head h SET seq = a.seq, hash = a.hash"
            "   FROM voip_audit a WHERE h.company_id = %(company)s"
            "    AND a.company_id = h.company_id AND a.seq = h.seq - 4",
            company=self.env.company.id,
        )

    def test_a_head_is_written_down_once_and_lines_are_never_changed(self):
        self._log()
        self.anchor._write()
        before = self.anchor._path().read_text()
        self.anchor._write()
        self.assertEqual(self.anchor._path().read_text(), before)
        self._log(1)
        self.anchor._write()
        after = self.anchor._path().read_text()
        self.assertTrue(after.startswith(before))
        line = json.loads(after.splitlines()[-1])
        self.assertEqual(line["company_id"], self.env.company.id)

    def test_an_anchored_witness_is_kept(self):
        self._witness()
        for statement in (
            "DELETE FROM voip_witness WHERE kind = 'usage'",
            "DELETE FROM voip_witness_record WHERE kind = 'documents'",
            "UPDATE voip_witness SET mark = mark + 1 WHERE kind = 'calls'",
        ):
            with self.subTest(statement):
                self.assertSeen("anchor", statement)

    def test_the_head_is_mailed_to_the_address_of_the_settings(self):
        self._log()
        self.env.company.voip_anchor_email = "auditor@example.com"
        self.anchor._cron_mail()
        mail = self.env["mail.mail"].search([("email_to", "=", "auditor@example.com")])
        self.env.cr.execute(
            "SELECT hash FROM voip_audit_head WHERE company_id = %s",
            [self.env.company.id],
        )
        self.assertEqual(len(mail), 1)
        self.assertIn(self.env.cr.fetchone()[0], mail.body_html)

    # === Definitions === #

    def test_what_the_database_keeps_is_as_installed(self):
        for statement in (
            "ALTER TABLE voip_wallet DROP CONSTRAINT voip_wallet_bounds",
            "ALTER TABLE voip_usage_row DROP CONSTRAINT voip_usage_row_amount_check",
            "ALTER TABLE voip_wallet_entry"
            " DROP CONSTRAINT voip_wallet_entry_wallet_id_fkey",
            "ALTER TABLE voip_usage_row ALTER amount DROP NOT NULL",
            "DROP INDEX voip_usage_summary_key_idx",
            "DROP INDEX voip_cdr_row_id_idx",
            "ALTER TABLE voip_rate DISABLE TRIGGER voip_rate_touch_update",
            "DROP TRIGGER voip_line_gone ON account_move_line",
            "CREATE OR REPLACE FUNCTION voip_rate_deck_touch() RETURNS trigger"
            " LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$",
        ):
            with self.subTest(statement):
                savepoint = self.env.cr.savepoint(flush=False)
                self.env.cr.execute(statement)
                self.assertIn("definitions", self._violated())
                savepoint.close(rollback=True)

    def test_a_new_month_and_a_fresh_look_are_no_difference(self):
        self.env.cr.execute(
            "SELECT voip_ensure_partition('voip_usage_row', '2031-05-01')"
        )
        vars(self.env.registry).pop(WANTED, None)
        self.assertNotIn("definitions", self._violated())
        self.assertNotIn("append_only", self._violated())
