"""The recorder of other modules: beside their transaction, whatever becomes of it."""

import time
from datetime import UTC
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo import SUPERUSER_ID
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..events import record_usage_event, recorder
from .common import execute
from .event_records import forget_sql
from .test_event import EventCommon

SOURCE = "test-recorder"


@tagged("post_install", "-at_install")
class TestRecorder(EventCommon):
    def _record(self, **values):
        given = {
            "account": "beside",
            "source": SOURCE,
            "event_type": "ai_message",
            "units": 1,
            "event_id": "r-1",
            **values,
        }
        return record_usage_event(self.env, **given)

    def test_what_a_module_records_is_counted(self):
        for answer in (
            self._record(account=self.account, metadata={"model": "x"}),
            self._record(account=self.account, event_id=None),
        ):
            self.assertTrue(answer["accepted"] and answer["event_id"])
        self._count()
        self.assertEqual(
            [(kind, events) for kind, _s, _d, events, _u in self._days()],
            [("ai_message", 2)],
        )

    def test_a_moment_with_a_zone_is_that_moment(self):
        there = self.at.replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Kolkata"))
        self._record(account=self.account, occurred_at=there)
        self._record(account=self.account, occurred_at=self.at, event_id="r-2")
        events = self.Event.search([("source", "=", SOURCE)])
        self.assertEqual(events.mapped("occurred_at"), [self.at, self.at])

    @mute_logger(recorder.__name__)
    def test_what_is_wrong_is_said_and_nothing_is_raised(self):
        for code, values in (
            ("bad_units", {"units": -1}),
            ("missing_field", {"account": ""}),
            ("bad_metadata", {"metadata": {"a": object()}}),
            ("not_kept", {"account": None}),
            ("not_kept", {"occurred_at": "yesterday"}),
        ):
            with self.subTest(code=code, values=str(values)):
                answer = self._record(**values)
                self.assertFalse(answer["accepted"])
                self.assertEqual(answer["error"]["code"], code)
                self.assertTrue(answer["error"]["message"])

    # === REAL CONNECTIONS === #

    def _beside(self, **values):
        """Record as outside of a test: with a commit of its own."""
        self.addCleanup(
            execute,
            self.env.cr.dbname,
            forget_sql(SOURCE),
        )
        env = self.env(user=SUPERUSER_ID, context={"allowed_company_ids": [1]})
        with (
            patch.object(recorder.odoo_module, "current_test", None),
            patch.object(type(self.Event), "_wake_counting", lambda events: None),
        ):
            return record_usage_event(
                env, "beside", SOURCE, "ai_message", 1, event_id="r-1", **values
            )

    def _kept(self):
        return execute(
            self.env.cr.dbname,
            f"SELECT event_ref, state FROM voip_usage_event WHERE source = '{SOURCE}'",
        )

    def test_a_caller_that_rolls_back_leaves_the_event(self):
        with self.env.cr.savepoint(flush=False) as savepoint:
            answer = self._beside()
            savepoint.rollback()
        self.assertTrue(answer["accepted"], answer)
        self.assertEqual(self._kept(), [("r-1", "waiting")])

    @mute_logger("odoo.sql_db", recorder.__name__)
    def test_a_table_that_is_locked_holds_nobody_up(self):
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("LOCK TABLE voip_usage_event IN ACCESS EXCLUSIVE MODE")
            begun = time.monotonic()
            answer = self._beside()
            took = time.monotonic() - begun
        self.assertEqual(answer["error"]["code"], "not_kept")
        self.assertIn("did not answer", answer["error"]["message"])
        self.assertLess(took, 2)
        self.env.cr.execute("SELECT 1")
        self.assertEqual(self.env.cr.fetchone(), (1,))
        self.assertEqual(self._kept(), [])

    @mute_logger("odoo.sql_db")
    def test_a_caller_whose_transaction_has_failed_still_records(self):
        savepoint = self.env.cr.savepoint(flush=False)
        with self.assertRaises(Exception):  # noqa: B017 any error of the database
            self.env.cr.execute("SELECT 1 / 0")
        answer = self._beside()
        savepoint.rollback()
        savepoint.close()
        self.assertTrue(answer["accepted"], answer)
        self.assertEqual(self._kept(), [("r-1", "waiting")])
