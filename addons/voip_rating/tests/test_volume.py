"""Searches of calls are cut by time, and find by batch, summary and call id."""

import re
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..records.voip_cdr_batch import SUMMARISE_SQL
from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestVolume(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rates = [{"prefix": "44", "price_per_minute": "0.01"}]
        account = cls._create_account(deck_id=cls._create_deck(rates=rates).id)
        cls.trunk, cls.switch = cls._create_trunk(account), cls._create_switch()
        now = cls.env.cr.now().replace(microsecond=0)
        cls.moments = [now - timedelta(days=days) for days in (1, 20, 40, 200)]
        answer = cls.env["voip.cdr"].ingest(
            switch=cls.switch.code,
            records=[
                {
                    "call_id": f"call-{number}",
                    "called": "442071234567",
                    "start": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                    "answer": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                    "duration": 60,
                    "trunk": cls.trunk.code,
                }
                for number, moment in enumerate(cls.moments)
            ],
            rate_now=True,
        )
        assert answer["rated"] == 4, answer
        cls.batch_id = answer["batch"]
        cls.viewer = new_test_user(
            cls.env, "v", "base.group_user,voip_billing_base.group_voip_viewer"
        )

    def _found(self, model, *domain):
        records = self.env[model].with_user(self.viewer).search([*domain])
        field = "call_id" if model == "voip.cdr" else "source_ref"
        return sorted(records.mapped(field))

    def test_without_a_span_the_last_month_is_searched(self):
        last = ["call-0", "call-1"]
        whole = [f"call-{number}" for number in range(4)]
        early = self.moments[3] - timedelta(days=1)
        cases = [
            ("voip.cdr", [], last),
            ("voip.cdr", [("called", "like", "4420")], last),
            ("voip.cdr", [("start", "<", self.moments[1])], ["call-2"]),
            ("voip.cdr", [("start", "<=", self.moments[3])], ["call-3"]),
            (
                "voip.cdr",
                ["|", ("call_id", "=", "call-3"), ("called", "!=", "")],
                last,
            ),
            (
                "voip.cdr",
                ["|", ("call_id", "=", "call-3"), ("call_id", "=", "call-1")],
                ["call-1", "call-3"],
            ),
            ("voip.cdr", [("start", ">=", early)], whole),
            ("voip.cdr", [("call_id", "=", "call-3")], ["call-3"]),
            ("voip.cdr", [("call_id", "in", whole)], whole),
            ("voip.cdr", [("call_id", "=", "nobody")], []),
            ("voip.cdr", [("batch_id", "=", self.batch_id)], whole),
            ("voip.cdr", [("batch_id", "=", 0)], []),
            ("voip.usage", [], last),
            ("voip.usage", [("account_id", "=", self.trunk.account_id.id)], last),
            ("voip.usage", [("started_at", ">=", early)], whole),
            ("voip.usage", [("source_ref", "=", "call-3")], ["call-3"]),
            ("voip.usage", [("source_ref", "in", ["call-2", "x"])], ["call-2"]),
            ("voip.usage", [("source_ref", "=", False)], []),
            ("voip.usage", [("batch_id", "=", self.batch_id)], whole),
        ]
        for model, domain, expected in cases:
            with self.subTest(model, domain=domain):
                self.assertEqual(self._found(model, *domain), expected)

    def test_calls_of_a_summary_are_found_in_its_account_and_day(self):
        usage = self.env["voip.usage"].search([("source_ref", "=", "call-3")])
        other = self.env["voip.usage"].search([("source_ref", "=", "call-0")])
        for summaries, expected in (
            (usage.summary_id, ["call-3"]),
            (usage.summary_id | other.summary_id, ["call-0", "call-3"]),
            (usage.summary_id.browse(), []),
        ):
            domain = summaries.action_view_usage()["domain"]
            self.assertEqual(self._found("voip.usage", *domain), expected)

    def test_calls_named_by_id_are_looked_for_in_their_months_alone(self):
        for model, moment in (("voip.cdr", "start"), ("voip.usage", "started_at")):
            calls = self.env[model].search([(moment, ">=", self.moments[3])])
            oldest = calls[-1]
            for known in (True, False):
                if not known:
                    self.env.invalidate_all()
                with self.subTest(model, known=known):
                    self.assertEqual(len(calls), 4)
                    self.assertEqual(
                        self._months([("id", "=", oldest.id)], model),
                        {f"{self.moments[3]:%Y%m}"},
                    )
                    everything = [("id", "in", [*calls.ids, 0])]
                    self.assertEqual(self.env[model].search(everything), calls)
                    self.assertFalse(self.env[model].search([("id", "=", 0)]))

    def _months(self, domain, model):
        """Months whose partitions PostgreSQL reads for a search."""
        query = self.env[model].with_user(self.viewer)._search(domain)
        plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        return set(re.findall(rf" on {query.table}_row_(\d+)", str(plan)))

    def test_a_database_plans_fast_unless_its_owner_says_otherwise(self):
        cr = self.env.cr
        for said, expected in (
            ("RESET ALL", {"jit=off", "constraint_exclusion=off"}),
            ("SET jit = on", {"jit=on", "constraint_exclusion=off"}),
        ):
            with self.subTest(said):
                for change in ("RESET ALL", said):
                    cr.execute(f'ALTER DATABASE "{cr.dbname}" {change}')
                self.env["voip.usage"]._register_hook()
                cr.execute(
                    "SELECT unnest(setconfig) FROM pg_db_role_setting"
                    " JOIN pg_database d ON d.oid = setdatabase"
                    " WHERE setrole = 0 AND datname = current_database()"
                )
                self.assertEqual({name for (name,) in cr.fetchall()}, expected)

    def test_access_to_what_a_search_has_read_is_checked_without_reading_again(self):
        shown = {
            "voip.cdr": ["call_id", "called", "duration_ms"],
            "voip.usage": ["source_ref", "label", "cost"],
        }
        for model, names in shown.items():
            with self.subTest(model):
                calls = self.env[model].with_user(self.viewer).search_fetch([], names)
                with self.assertQueryCount(0):
                    self.assertEqual(len(calls.read(names)), 2)

    def test_an_end_that_is_no_plain_moment_is_no_crash(self):
        calls = self.env["voip.cdr"].with_user(self.viewer)
        self.assertEqual(calls.search_count([("start", "<=", "today")]), 2)
        for end in ("0001-01-01", "1950-01-01 00:00:00", False):
            with self.subTest(end=end):
                self.assertEqual(calls.search_count([("start", "<", end)]), 0)

    def test_superuser_code_searches_what_it_asks(self):
        calls = self.env["voip.cdr"].sudo().search([("trunk", "=", self.trunk.code)])
        self.assertEqual(len(calls), 4)

    def test_groups_are_of_the_same_span(self):
        usage = self.env["voip.usage"].with_user(self.viewer)
        groups = usage._read_group([], ["account_id"], ["__count"])
        self.assertEqual(groups, [(self.trunk.account_id.with_user(self.viewer), 2)])

    def test_a_service_or_destination_that_charged_is_not_deleted(self):
        usage = self.env["voip.usage"].search([("source_ref", "=", "call-0")])
        for record in (usage.service_id, usage.destination_id):
            with self.subTest(record._name), self.assertRaisesRegex(
                UserError, "archive it instead"
            ):
                record.unlink()

    def test_pages_written_at_once_are_told_to_the_indexes(self):
        self.env["voip.cdr.batch"]._cron_summarise()
        for table in ("voip_cdr_row", "voip_usage_row"):
            self.env.cr.execute(SUMMARISE_SQL, [table])
            left = [pages for (pages,) in self.env.cr.fetchall()]
            self.assertTrue(left and not any(left), left)
