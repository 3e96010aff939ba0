"""A billed month is sealed; what is changed behind the product's back shows."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from lxml import html

from odoo.modules import get_module_path
from odoo.tests import tagged

from odoo.addons.voip_billing_base.models.voip_seal import STUCK

from .common import VoipRatingCommon

EVENT = re.compile(r'\b_log(?:_load)?\(\s*"(\w+)"')
SUMMARY = "UPDATE voip_usage_summary SET {} WHERE id = %(summary)s"


@tagged("post_install", "-at_install")
class TestSeal(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = [{"prefix": "44", "price_per_minute": "0.01"}]
        cls.account = cls._create_account(
            deck_id=cls._create_deck(rates=rates).id, mode="postpaid"
        )
        cls.trunk, cls.switch = cls._create_trunk(cls.account), cls._create_switch()
        # A month that ended long enough ago to be sealed, not to be given up.
        today = cls.env.cr.now().date()
        ended = today.replace(day=1) - relativedelta(months=1)
        stuck = today >= ended + STUCK - timedelta(days=2)
        cls.month = ended if stuck else ended - relativedelta(months=1)

    def _call(self, call_id, day=5, month=None, answered=True):
        moment = f"{(month or self.month).replace(day=day)}T12:00:00Z"
        return self.env["voip.cdr"].ingest(
            switch=self.switch.code,
            records=[
                {
                    "call_id": call_id,
                    "called": "442071234567",
                    "start": moment,
                    "answer": moment if answered else "",
                    "duration": 60 if answered else 0,
                    "trunk": self.trunk.code,
                }
            ],
            rate_now=True,
        )

    def _bill(self):
        run = self.env["voip.billing.run"].create({"account_ids": self.account.ids})
        run.action_run()
        self.assertEqual(
            run.line_ids.mapped("state"), ["invoiced"], run.line_ids.message
        )

    def _seal(self):
        self.env.cr.execute(
            "INSERT INTO voip_seal_mark SELECT now() - interval '1 day',"
            " last_value + 99 FROM voip_cdr_row_block_seq"
        )
        Seal = self.env["voip.seal"]
        for month in Seal._due(self.env.company):
            Seal._seal(self.env.company, month)
        return [data for _id, _company, _month, data in Seal._seals(self.env.company)]

    def _violations(self, full=True):
        found = self.env["voip.check"].sudo().run(full=full)
        return {row["name"]: row["violations"] for row in found if row["violations"]}

    def _tamper(self, table, statement):
        cr = self.env.cr
        cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cr.execute(statement)
        self.assertEqual(cr.rowcount, 1, statement)
        cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def test_an_unbilled_month_stays_open_a_billed_one_is_sealed_in_order(self):
        self._call("a")
        self.assertEqual(self._seal(), [])
        self._bill()
        seals = self._seal()
        self.assertEqual(
            [seal["month"] for seal in seals],
            [str(self.month), str(self.month + relativedelta(months=1))][: len(seals)],
        )
        self.assertEqual(seals[0]["usage"]["rows"], 1)
        self.assertEqual(seals[0]["calls"]["rows"], 1)
        self.assertEqual(seals[0]["usage"]["seconds"], "60")
        self.assertEqual(float(seals[0]["usage"]["sale"]), 0.01)
        summary = self.env["voip.usage"].search([("source_ref", "=", "a")]).summary_id
        self.assertTrue(summary.seal_id)
        self.assertEqual(self._violations(), {})
        self.assertEqual(self._violations(full=False), {})
        self.assertEqual(self._seal(), seals)

    def test_what_nobody_answered_does_not_hold_a_month_open(self):
        self._call("z", answered=False)
        self._call("other", day=9)
        self._bill()
        self.assertEqual(self._seal()[0]["usage"]["rows"], 2)

    def test_a_seal_is_shown_as_a_table_of_what_it_covers(self):
        self._call("a")
        self._bill()
        data = self._seal()[0]
        seal = self.env["voip.audit"].search(
            [("event", "=", "month_sealed"), ("data", "like", data["usage"]["hash"])]
        )
        month = f"{self.month:%B %Y}"
        self.assertEqual(seal.display_name, f"{seal.seq}: Month sealed")
        self.assertTrue(seal.summary.startswith(month), seal.summary)
        rows = html.fromstring(seal.particulars).findall(".//tbody/tr")
        self.assertEqual(
            [[cell.text for cell in row][0::3] for row in rows],
            [
                [name, data[part]["hash"]]
                for name, part in (
                    ("Rated usage", "usage"),
                    ("Usage summaries", "summaries"),
                    ("Call records", "calls"),
                    ("Rate versions", "rates"),
                )
            ],
        )
        self.assertEqual(
            [cell.text for cell in rows[0]][1:3],
            ["1", "Cost 0.00, Sale 0.01, Billed seconds 60"],
        )
        self.assertNotIn("{", seal.summary + seal.particulars)
        covered = self.env["voip.usage.summary"].search(
            seal.action_view_summaries()["domain"]
        )
        self.assertEqual(covered.account_id, self.account)

    def test_every_event_has_words(self):
        events = set()
        for module in ("voip_billing_base", "voip_rating"):
            for path in Path(get_module_path(module)).rglob("*.py"):
                if path.parent.name != "tests":
                    events |= set(EVENT.findall(path.read_text()))
        self.assertGreater(len(events), 10)
        known = dict(self.env["voip.audit"]._select_event())
        self.assertEqual(events - known.keys(), set())

    def test_a_late_call_of_a_sealed_month_gets_a_summary_and_a_seal_of_its_own(self):
        self._call("a")
        self._bill()
        first = self._seal()
        self._call("late", day=5)
        late = self.env["voip.usage"].search([("source_ref", "=", "late")])
        self.assertTrue(late.late)
        self.assertFalse(late.summary_id.seal_id)
        self.assertEqual(self._violations(full=False), {})
        self.assertEqual(len(self._seal()), len(first))
        self.env.cr.execute(
            "UPDATE voip_usage_summary SET amount = amount + 1 WHERE id = %s",
            [late.summary_id.id],
        )
        self.env.invalidate_all()
        self.assertIn("usage_summary", self._violations(full=False))
        self.env.cr.execute(
            "UPDATE voip_usage_summary SET amount = amount - 1 WHERE id = %s",
            [late.summary_id.id],
        )
        # Billed by the next invoice, it is sealed with a seal of its own.
        line = self.env["account.move.line"].search([("voip_amount", "!=", 0)], limit=1)
        self.env.cr.execute(
            "UPDATE voip_usage_summary SET move_line_id = %s, move_id = %s"
            " WHERE id = %s",
            [line.id, line.move_id.id, late.summary_id.id],
        )
        seals = self._seal()
        self.assertEqual(len(seals), len(first) + 1)
        self.assertEqual(seals[-1]["month"], str(self.month))
        self.assertEqual(seals[-1]["usage"]["rows"], 1)
        self.assertEqual(self.env["voip.seal"]._broken(), [])

    def test_a_sealed_summary_takes_nothing_any_more(self):
        self._call("a", answered=False)
        self._call("b", day=9)
        self._bill()
        self._seal()
        zero = self.env["voip.usage"].search([("source_ref", "=", "a")]).summary_id
        self.env.cr.execute(
            "UPDATE voip_usage_summary SET move_line_id = NULL, move_id = NULL,"
            " late = true WHERE id = %s",
            [zero.id],
        )
        self._call("a2")
        after = self.env["voip.usage"].search([("source_ref", "=", "a2")]).summary_id
        self.assertNotEqual(after, zero)

    def test_tampering_with_a_sealed_month_shows(self):
        self._call("a")
        self._bill()
        self._seal()
        usage = self.env["voip.usage"].search([("source_ref", "=", "a")])
        at = f"id = {usage.id}"
        call = f"id = {usage.source_id}"
        rate = f"id = {usage.rate_id}"
        for table, statement in (
            ("voip_usage_row", f"UPDATE voip_usage_row SET amount = 9 WHERE {at}"),
            ("voip_usage_row", f"UPDATE voip_usage_row SET prefix = '4' WHERE {at}"),
            ("voip_usage_row", f"DELETE FROM voip_usage_row WHERE {at}"),
            ("voip_rate", f"UPDATE voip_rate SET connect_fee = 9 WHERE {rate}"),
            ("voip_rate", f"UPDATE voip_rate SET first_price = 9 WHERE {rate}"),
            ("voip_rate", f"UPDATE voip_rate SET attempt_fee = 9 WHERE {rate}"),
            ("voip_rate", f"DELETE FROM voip_rate WHERE {rate}"),
            ("voip_cdr_row", f"UPDATE voip_cdr_row SET called = '4' WHERE {call}"),
            ("voip_cdr_row", f"DELETE FROM voip_cdr_row WHERE {call}"),
            (
                "voip_usage_summary",
                "UPDATE voip_usage_summary SET amount = amount + 1, cost = cost + 1"
                f" WHERE id = {usage.summary_id.id}",
            ),
            (
                "voip_usage_summary",
                f"UPDATE voip_usage_summary SET seal_id = seal_id + 1"
                f" WHERE id = {usage.summary_id.id}",
            ),
        ):
            with self.subTest(statement):
                savepoint = self.env.cr.savepoint(flush=False)
                self._tamper(table, statement)
                self.assertIn("seals", self._violations())
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a_seal_that_is_rewritten_shows(self):
        self._call("a")
        self._bill()
        self._seal()
        seal = self.env["voip.audit"].search([("event", "=", "month_sealed")])[-1]
        data = json.loads(seal.data)
        data["usage"]["hash"] = "0" * 64
        self._tamper(
            "voip_audit",
            f"UPDATE voip_audit SET data = '{json.dumps(data)}' WHERE id = {seal.id}",
        )
        self.assertIn("audit_chain", self._violations(full=False))

    def test_a_month_waits_for_call_records_that_may_not_be_written_yet(self):
        self._call("a")
        self._bill()
        Seal = self.env["voip.seal"]
        self.env.cr.execute("DELETE FROM voip_seal_mark")
        self.assertFalse(Seal._may_seal(self.env.company.id, self.month))
        self._seal()
        self.assertTrue(Seal._may_seal(self.env.company.id, self.month))

    def test_a_summary_names_a_seal_of_its_month_and_company(self):
        self._call("a")
        self._call("b", day=9)
        self._bill()
        self._seal()
        usage = self.env["voip.usage"].search([("source_ref", "=", "b")])
        for table, statement in (
            ("voip_audit", "DELETE FROM voip_audit WHERE event = 'month_sealed'"),
            ("voip_usage_summary", SUMMARY.format("seal_id = 999999999")),
            (
                "voip_usage_summary",
                SUMMARY.format("local_day = local_day + interval '1 month'"),
            ),
            (
                "voip_usage_summary",
                SUMMARY.format("local_day = local_day - interval '1 month'"),
            ),
            ("voip_usage_summary", SUMMARY.format("company_id = company_id + 1000")),
        ):
            with self.subTest(statement):
                savepoint = self.env.cr.savepoint(flush=False)
                self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                self.env.cr.execute(statement, {"summary": usage.summary_id.id})
                self.env.invalidate_all()
                self.assertIn("seal_links", self._violations(full=False))
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_what_guards_the_tables_shows_when_it_is_off(self):
        self._call("a")
        usage = self.env["voip.usage"].search([("source_ref", "=", "a")])
        part = f"{usage.started_at:%Y%m}"
        for name, statement in (
            ("append_only", "DROP TRIGGER voip_no_change ON voip_wallet_entry"),
            ("append_only", f"ALTER TABLE voip_usage_row_{part} DISABLE TRIGGER ALL"),
            ("cdr_append_only", f"ALTER TABLE voip_cdr_row_{part} DISABLE TRIGGER ALL"),
            ("wallet_kept", "ALTER TABLE voip_wallet ALTER balance DROP EXPRESSION"),
            (
                "stray_keys",
                "UPDATE voip_cdr_key SET cdr_id = -cdr_id WHERE cdr_id ="
                f" {usage.source_id}",
            ),
        ):
            with self.subTest(statement):
                savepoint = self.env.cr.savepoint(flush=False)
                self.env.cr.execute(statement)
                self.assertIn(name, self._violations())
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_a_crash_between_closing_and_sealing_is_finished_by_the_next_run(self):
        self._call("a")
        self._bill()
        self.env["voip.seal"]._close(self.env.company.id, self.month)
        summary = self.env["voip.usage"].search([("source_ref", "=", "a")]).summary_id
        self.assertFalse(summary.seal_id)
        self.assertEqual(self._violations(), {})
        self.assertEqual(self._seal()[0]["usage"]["rows"], 1)
        self.assertEqual(self._violations(), {})

    def test_months_are_due_in_order_once_they_ended_everywhere_and_are_billed(self):
        may, june, july = (date(2026, month, 1) for month in (5, 6, 7))
        billed, unbilled = [0, 4], [2, 4]
        for now, found, due in (
            ("2026-06-02 23:59:59", {may: billed}, []),
            ("2026-06-03 00:00:01", {may: billed}, [may]),
            ("2026-07-15 00:00:00", {may: billed, june: billed}, [may, june]),
            ("2026-07-15 00:00:00", {may: billed}, [may, june]),
            ("2026-07-15 00:00:00", {may: unbilled, june: billed}, []),
            ("2026-07-30 23:59:59", {may: unbilled, june: billed}, []),
            ("2026-08-01 00:00:00", {may: unbilled, june: billed}, [may, june]),
            ("2026-08-04 00:00:00", {may: unbilled, july: unbilled}, [may, june]),
        ):
            with self.subTest(now=now, found=found), freeze_time(now):
                self.assertEqual(self.env["voip.seal"]._due_in_order(found, may), due)
