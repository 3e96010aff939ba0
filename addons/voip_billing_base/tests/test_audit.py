import hashlib
import json
from decimal import Decimal

from psycopg2 import Error

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import VoipBillingCommon


@tagged("post_install", "-at_install")
class TestAudit(VoipBillingCommon):
    def setUp(self):
        super().setUp()
        self.audit = self.env["voip.audit"]
        self.account = self._create_account()

    def _log(self, count=1):
        for number in range(count):
            self.audit._log("test_event", self.account, {"number": number})
        return self.audit.search([("event", "=", "test_event")], order="seq")

    def _broken(self):
        self.env.flush_all()
        self.env.cr.execute(self.audit._chain_sql())
        return self.env.cr.fetchone()[0]

    def _tamper(self, statement, *params):
        """What someone with access to the database could do."""
        self.env.cr.execute("ALTER TABLE voip_audit DISABLE TRIGGER USER")
        self.env.cr.execute(statement, params)
        self.env.cr.execute("ALTER TABLE voip_audit ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def test_an_entry_says_who_what_and_where(self):
        entry = self._log()
        self.assertRecordValues(
            entry,
            [
                {
                    "company_id": self.account.company_id.id,
                    "user_id": self.env.uid,
                    "res_model": "voip.account",
                    "res_id": self.account.id,
                }
            ],
        )
        self.assertEqual(json.loads(entry.data), {"number": 0})

    def test_data_is_canonical_json(self):
        self.audit._log("test_event", None, {"b": Decimal("1.10"), "a": "Zürich\x00"})
        entry = self._log()[0]
        self.assertEqual(json.loads(entry.data), {"a": "Zürich\x00", "b": "1.10"})
        self.assertLess(entry.data.index('"a"'), entry.data.index('"b"'))
        self.assertFalse(self._broken())

    def test_each_entry_holds_the_hash_of_the_one_before(self):
        entries = self._log(5)
        for before, after in zip(entries, entries[1:], strict=False):
            self.assertEqual(after.prev_hash, before.hash)
            self.assertEqual(after.seq, before.seq + 1)
            self.assertEqual(len(after.hash), hashlib.sha256().digest_size * 2)
        self.assertFalse(self._broken())

    def test_companies_have_chains_of_their_own(self):
        other = self.setup_other_company()["company"]
        self.audit._log("test_event", None, {}, company=other)
        self.audit._log("test_event", None, {}, company=self.env.company)
        self.audit._log("test_event", None, {}, company=other)
        entries = self.audit.sudo().search(
            [("event", "=", "test_event"), ("company_id", "=", other.id)], order="seq"
        )
        self.assertEqual(entries[1].prev_hash, entries[0].hash)
        self.assertEqual(entries[1].seq - entries[0].seq, 1)
        self.assertFalse(self._broken())

    def test_the_orm_refuses_every_change_even_for_the_superuser(self):
        entry = self._log().sudo()
        for attempt in (
            lambda: self.audit.sudo().create({"event": "forged"}),
            lambda: entry.write({"data": "{}"}),
            entry.unlink,
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_the_database_refuses_every_change(self):
        entry = self._log()
        for statement in (
            f"UPDATE voip_audit SET data = '' WHERE id = {entry.id}",
            f"DELETE FROM voip_audit WHERE id = {entry.id}",
            "TRUNCATE voip_audit",
        ):
            with self.subTest(statement), mute_logger("odoo.sql_db"):
                with self.assertRaises(Error), self.env.cr.savepoint():
                    self.env.cr.execute(statement)

    def test_tampering_behind_the_triggers_is_found(self):
        entries = self._log(6)
        first, second, third, last = entries[1], entries[2], entries[3], entries[-1]
        attempts = {
            "data": "UPDATE voip_audit SET data = '{}' WHERE id = %s",
            "event": "UPDATE voip_audit SET event = 'other' WHERE id = %s",
            "user": "UPDATE voip_audit SET user_id = 1 WHERE id = %s",
            "time": "UPDATE voip_audit SET at = at - interval '1 day' WHERE id = %s",
            "record": "UPDATE voip_audit SET res_id = res_id + 1 WHERE id = %s",
            "model": "UPDATE voip_audit SET res_model = NULL WHERE id = %s",
            "hash": "UPDATE voip_audit SET hash = repeat('a', 64) WHERE id = %s",
            "link": "UPDATE voip_audit SET prev_hash = hash WHERE id = %s",
            "removed": "DELETE FROM voip_audit WHERE id = %s",
        }
        for name, statement in attempts.items():
            with self.subTest(name), _undone(self.env.cr):
                self._tamper(statement, second.id)
                self.assertTrue(self._broken())
        others = {
            "cut off": ("DELETE FROM voip_audit WHERE id = %s", last.id),
            "renumbered": (
                "UPDATE voip_audit SET seq = 1000000 - seq WHERE id IN (%s, %s)",
                first.id,
                third.id,
            ),
            "head moved": ("UPDATE voip_audit_head SET seq = seq - 1",),
            "head removed": ("DELETE FROM voip_audit_head",),
            "all removed": ("DELETE FROM voip_audit",),
            "added at the end": (
                "INSERT INTO voip_audit (company_id, seq, at, user_id, event, data,"
                " prev_hash, hash) SELECT company_id, seq + 1, at, user_id, event,"
                " data, hash, repeat('b', 64) FROM voip_audit WHERE id = %s",
                last.id,
            ),
        }
        for name, (statement, *params) in others.items():
            with self.subTest(name), _undone(self.env.cr):
                self._tamper(statement, *params)
                self.assertTrue(self._broken())
        self.assertFalse(self._broken())

    def test_an_entry_appended_with_a_right_hash_but_without_the_head_is_found(self):
        last = self._log(2)[-1]
        sql = self.audit._chain_sql()
        with _undone(self.env.cr):
            self.env.cr.execute("SELECT * FROM voip_audit_head")
            heads = self.env.cr.dictfetchall()
            self._log(1)
            for head in heads:
                self._tamper(
                    "UPDATE voip_audit_head SET seq = %s, hash = %s"
                    " WHERE company_id = %s",
                    head["seq"],
                    head["hash"],
                    head["company_id"],
                )
            self.env.cr.execute(sql)
            self.assertTrue(self.env.cr.fetchone()[0])
        self.assertEqual(self._log()[1], last)

    def test_changes_of_limits_state_and_terms_are_on_record(self):
        account = self._create_account(mode="postpaid", credit_limit=10)
        account.credit_limit = 20
        account.profile_id = self.env.ref(
            "voip_billing_base.voip_billing_profile_15n15"
        )
        account._set_state("suspended", "Late")
        self._topup(account, 5)
        entries = self.audit.search(
            [("res_model", "=", "voip.account"), ("res_id", "=", account.id)]
        )
        text = " ".join(entries.mapped("data"))
        for words in ("credit_limit", "profile_id", "suspended", "Late", "postpaid"):
            with self.subTest(words):
                self.assertIn(words, text)
        topups = self.audit.search([("event", "=", "topup")])
        self.assertIn("5", topups[0].data)
        self.assertFalse(self._broken())

    def test_writing_what_is_there_already_leaves_no_entry(self):
        account = self._create_account(credit_limit=10)
        count = self.audit.search_count([])
        account.write({"credit_limit": 10, "kind": "reseller"})
        self.assertEqual(self.audit.search_count([]), count)


class _undone:
    """A savepoint that is always rolled back."""

    def __init__(self, cr):
        self.savepoint = cr.savepoint(flush=False)

    def __enter__(self):
        self.savepoint.__enter__()

    def __exit__(self, *_exc):
        self.savepoint.close(rollback=True)
