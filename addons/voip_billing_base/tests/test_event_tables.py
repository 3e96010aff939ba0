"""Events and their charges by month: kept once whatever the month, ids of 64 bits."""

import importlib.util
from datetime import timedelta
from pathlib import Path

from odoo.tests import new_test_user, tagged

from ..events.voip_witness import CHARGES, EVENTS, PRICES, REFUSED
from .test_event_price import EventPriceCommon

SCRIPT = "migrations/19.0.3.4.0/post-events.py"
BEFORE_SQL = """
SET LOCAL session_replication_role = replica;
CREATE TABLE voip_usage_event_v1 AS SELECT * FROM voip_usage_event;
CREATE TABLE voip_usage_event_charge_v1 AS SELECT * FROM voip_usage_event_charge;
DELETE FROM voip_usage_event_row;
DELETE FROM voip_usage_event_charge_row;
DELETE FROM voip_usage_event_key;
SET LOCAL session_replication_role = origin;
"""
SUMS = (
    "voip_usage_event_day",
    "voip_usage_event_volume",
    "voip_usage_summary",
    "voip_wallet",
)
BEYOND_SQL = """
SELECT setval('voip_usage_event_row_id_seq', 5000000000),
       setval('voip_usage_event_charge_row_id_seq', 6000000000)
"""

WRONG = "WHERE error <> ''"


@tagged("post_install", "-at_install")
class TestEventTables(EventPriceCommon):
    def _moment(self, days):
        return f"{(self.at - timedelta(days=days)).isoformat()}Z"

    def test_sent_again_with_a_time_of_another_month_it_is_a_conflict(self):
        first = self.Event.record([self._event(1, occurred_at=self._moment(60))])
        again = self.Event.record(
            [
                self._event(1, occurred_at=self._moment(60)),
                self._event(1, occurred_at=self._moment(0)),
            ]
        )
        self.assertEqual((first["accepted"], again["accepted"]), (1, 0))
        self.assertEqual(again["errors"][0]["code"], "conflict")
        again = self.Event.record([self._event(1)])
        self.assertEqual(again["errors"][0]["code"], "conflict")

    def test_an_event_is_in_the_table_of_its_month(self):
        self._price(1)
        days = (0, 40, 80)
        self._send(*(self._event(n, occurred_at=self._moment(n)) for n in days))
        self.env.cr.execute(
            "SELECT tableoid::regclass::text, to_char(occurred_at, 'YYYYMM')"
            "  FROM voip_usage_event_row WHERE source = 'smsc'"
        )
        for table, month in self.env.cr.fetchall():
            self.assertEqual(table, f"voip_usage_event_row_{month}")
        self.assertWhole()

    def test_sums_that_are_written_again_have_room_on_their_page(self):
        self.env.cr.execute(
            "SELECT relname, reloptions FROM pg_class WHERE relname = ANY(%s)",
            [list(SUMS)],
        )
        for table, options in self.env.cr.fetchall():
            self.assertEqual(options, ["fillfactor=60"], table)

    def test_ids_of_more_than_32_bits_are_read_mended_explained_and_taken_back(self):
        self.env.cr.execute(BEYOND_SQL)
        self._price(0.5)
        self._send(self._event(1), self._event(2, account="nobody"))
        groups = "voip_billing_base.group_voip_manager"
        user = new_test_user(self.env, "beyond", groups=groups)
        events = self.Event.with_user(user).search(
            [("source", "=", "smsc")], order="id"
        )
        self.assertGreater(min(events.ids), 2**32)
        events[1].account_code = "events-1"
        self.assertIn("1 counted", events[1].action_again()["params"]["message"])
        self.assertEqual(events.mapped("amount"), [0.5, 0.5])
        self.assertIn("0.5", events[0].explanation)
        domain = events[0].action_view_usage()["domain"]
        self.assertEqual(len(self.env["voip.usage"].with_user(user).search(domain)), 1)
        events.action_price_again()
        charges = self.env["voip.usage.event.charge"].with_user(user)
        some = charges.search([("event_id", "in", events.ids)])
        self.assertEqual(len(some), 6)
        self.assertGreater(min(some.ids), 2**32)
        self.assertEqual(len(some.read(["reversal_of", "event_id"])), 6)
        self.assertWhole()

    def test_what_is_open_or_of_a_day_is_found_whenever_it_occurred(self):
        old = self._moment(90)
        self._price(1, effective_from=self.at.date() - timedelta(days=200))
        self._send(
            self._event(1, occurred_at=old),
            self._event(2, occurred_at=old, account="nobody"),
        )
        groups = "voip_billing_base.group_voip_viewer"
        mine = self.Event.with_user(new_test_user(self.env, "finds", groups=groups))
        counted, wrong = self._sent(1), self._sent(2)
        own = [("account_id", "=", self.account.id)]
        for domain, found in (
            ([("state", "=", "error")], wrong),
            ([("state", "in", ["waiting", "error"])], wrong),
            ([("error", "=", "no_account")], wrong),
            ([*own, ("local_day", "=", counted.local_day)], counted),
            ([*own, ("local_day", ">=", counted.local_day)], counted),
            ([*own, ("local_day", "<=", counted.local_day)], counted),
            (own, self.Event),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(mine.search(domain).ids, found.ids)
        charges = self.env["voip.usage.event.charge"].with_user(mine.env.user)
        self.assertTrue(charges.search([("event_id", "=", counted.id)]))

    def test_events_of_before_are_moved_and_sent_again_are_duplicates(self):
        self._price(1)
        before = [self._event(1), self._event(2, occurred_at=self._moment(45))]
        self._send(*before, self._event(3, account="nobody"))
        self._sent(1).action_price_again()
        self.env.flush_all()
        rows = self._rows()
        self.env.cr.execute(BEFORE_SQL)
        path = Path(__file__).resolve().parents[1] / SCRIPT
        spec = importlib.util.spec_from_file_location("upgrade", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.env.cr, "19.0.3.3.0")
        self.env.invalidate_all()
        self.assertEqual(self._rows(), rows)
        self.assertEqual(self.Event.record(before)["duplicates"], 2)
        self.assertEqual(self.Event.record([self._event(4)])["accepted"], 1)
        self.assertGreater(self._sent(4).id, self._sent(3).id)
        self._count()
        self.assertWhole()

    def _rows(self):
        found = []
        for table in ("voip_usage_event", "voip_usage_event_charge"):
            self.env.cr.execute(f"SELECT x::text FROM {table} x ORDER BY id")
            found += self.env.cr.fetchall()
        return found

    def test_an_event_without_its_key_is_found(self):
        self._price(1)
        self._send(self._event(1))
        self.env.cr.execute("DELETE FROM voip_usage_event_key")
        found = self.env["voip.check"].sudo().run()
        broken = [check["name"] for check in found if check["violations"]]
        self.assertEqual(broken, ["event_keys"])

    def test_whatever_was_witnessed_and_is_changed_is_found(self):
        self._price(1, tiering="progressive", tiers=[(2, 0.5)])
        self._send(
            self._event(1, units=3),
            self._event(2, account="nobody"),
            self._event(3, units=-1),
        )
        self._witness()
        self.assertWhole()
        row, charge = "voip_usage_event_row", "voip_usage_event_charge_row"
        for name, tamper in (
            ("same_refused_events", "DELETE FROM voip_usage_event_refused"),
            ("event_volume", "DELETE FROM voip_usage_event_volume"),
            ("event_dismissed", f"UPDATE {row} SET state = 'dismissed' {WRONG}"),
            ("event_dismissed", f"UPDATE {REFUSED.table} SET state = 'dismissed'"),
            ("same_events", f"UPDATE {row} SET units = 7 {WRONG}"),
            ("same_events", f"DELETE FROM {row} {WRONG}"),
            ("same_event_charges", f"UPDATE {charge} SET unit_price = 2"),
            ("same_event_prices", "UPDATE voip_event_price SET price = 2"),
            ("same_event_prices", "UPDATE voip_event_price_tier SET price = 2"),
        ):
            with self.subTest(tamper=tamper), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute("SET LOCAL session_replication_role = replica")
                self.env.cr.execute(tamper)
                found = self.env["voip.check"].sudo().run()
                broken = [check["name"] for check in found if check["violations"]]
                self.assertIn(name, broken)
                savepoint.rollback()

    def _witness(self):
        """What the scheduled action does, in this transaction."""
        for span in (EVENTS, CHARGES, REFUSED):
            self.env["voip.witness"]._witness(span, 0, 2**40)
        self.env.cr.execute(PRICES.take_sql())
