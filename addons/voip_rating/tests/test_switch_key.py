from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.sql_db import Cursor
from odoo.tests import Form, HttpCase, tagged
from odoo.tests.common import new_test_user
from odoo.tools import mute_logger

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
class TestSwitchUser(VoipRatingCommon):
    def test_key_belongs_to_a_user_who_is_a_switch_and_nothing_else(self):
        switch = self._create_switch()
        key = switch.action_create_key()["context"]["default_key"]
        group = self.env.ref("voip_billing_base.group_voip_switch")
        user = switch.user_id
        self.assertEqual(user.all_group_ids, group)
        self.assertEqual(user.company_ids, switch.company_id)
        keys = self.env["res.users.apikeys"]
        self.assertEqual(keys._check_credentials(scope="rpc", key=key), user.id)
        second = switch.action_create_key()["context"]["default_key"]
        self.assertEqual(switch.user_id, user)
        self.assertNotEqual(key, second)
        self.env.invalidate_all()
        self.assertEqual(switch.key_count, 2)

    def test_a_key_reaches_no_statement_however_its_dialog_is_left(self):
        """A statement that fails is in the log with its values."""
        switch = self._create_switch()
        action = switch.action_create_key()
        key = action["context"]["default_key"]
        dialogs = self.env[action["res_model"]].with_context(**action["context"])
        said, execute = [], Cursor.execute

        def heard(cursor, query, params=None, log_exceptions=True):
            said.append(f"{query} {params}")
            return execute(cursor, query, params, log_exceptions)

        spec = {"key": {}, "address": {}, "switch_id": {}}
        with patch.object(Cursor, "execute", heard):
            form = Form(dialogs)
            self.assertEqual(form.key, key)
            self.assertIn(f"/voip/cdr/{switch.code}/generic", form.address)
            for values in ({}, {"key": key}, {"key": key, "switch_id": switch.id}):
                saved = dialogs.browse().web_save(values, spec)
                dialogs.browse(saved[0]["id"]).web_save({"key": key}, spec)
                self.env.flush_all()
        self.assertTrue([line for line in said if "INSERT" in line])
        # Odoo keeps the first eight characters to find a key by.
        self.assertFalse([line for line in said if key[8:] in line])
        columns = self.env[action["res_model"]]._fields
        self.assertFalse(columns["key"].store)

    def test_the_address_is_that_of_the_format_of_the_switch(self):
        switch = self._create_switch(
            format_id=self.env.ref("voip_rating.format_freeswitch_json").id
        )
        shown = self.env["voip.switch.key"].create({"switch_id": switch.id})
        self.assertEqual(
            shown.address,
            f"{switch.get_base_url()}/voip/cdr/{switch.code}/freeswitch_json",
        )

    def test_revoked_keys_are_invalid_at_once(self):
        keys = self.env["res.users.apikeys"]
        for revoke in ("action_revoke_keys", "action_archive"):
            with self.subTest(revoke=revoke):
                switch = self._create_switch()
                key = switch.action_create_key()["context"]["default_key"]
                getattr(switch, revoke)()
                self.assertFalse(keys._check_credentials(scope="rpc", key=key))

    def test_switches_of_two_companies_may_have_one_code(self):
        other = self.env["res.company"].create({"name": "Other"})
        one = self._create_switch(code="same")
        two = self._create_switch(code="same", company_id=other.id)
        one.action_create_key()
        two.action_create_key()
        self.assertNotEqual(one.user_id, two.user_id)

    def test_only_managers_handle_keys(self):
        switch = self._create_switch()
        for group in ("user", "manager"):
            user = new_test_user(
                self.env,
                f"key-{group}",
                groups=f"voip_billing_base.group_voip_{group}",
                company_id=self.env.company.id,
            )
            as_user = switch.with_user(user)
            if group == "manager":
                self.assertTrue(as_user.action_create_key())
                as_user.action_revoke_keys()
                continue
            with self.assertRaises(AccessError):
                as_user.action_create_key()
            with self.assertRaises(AccessError):
                as_user.action_revoke_keys()


@tagged("post_install", "-at_install")
class TestSwitchKey(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch = cls.env["voip.switch"].create({"name": "S", "code": "key-test"})
        cls.key = cls.switch.action_create_key()["context"]["default_key"]

    def _call(self, model, method, **arguments):
        return self.url_open(
            f"/json/2/{model}/{method}",
            json=arguments,
            headers={"Authorization": f"bearer {self.key}"},
        )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_switch_reads_no_model_at_all(self):
        answered = {}
        for name, model in self.env.items():
            if model._abstract:
                continue
            response = self._call(name, "search_read", domain=[], limit=1)
            if not 400 <= response.status_code < 500:
                answered[name] = response.text
        # Attachments are searched among the readable ones: none.
        self.assertTrue(self.env["ir.attachment"].search_count([], limit=1))
        self.assertEqual(answered, {"ir.attachment": "[]"})

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_switch_writes_and_calls_nothing_of_others(self):
        own = self.switch.user_id.ids
        cases = [
            ("voip.account", "create", {"vals_list": [{"name": "x"}]}),
            ("voip.rate.deck", "load", {"deck": "x", "rates": []}),
            ("voip.rate.deck", "quote", {"deck": "x", "called": "44"}),
            ("res.users", "write", {"ids": own, "vals": {"name": "x"}}),
            ("res.users", "read", {"ids": own, "fields": ["login"]}),
            ("res.users", "web_read", {"ids": own, "specification": {"name": {}}}),
            ("voip.switch", "action_create_key", {"ids": [self.switch.id]}),
            ("voip.switch", "action_revoke_keys", {"ids": [self.switch.id]}),
            ("voip.cdr", "search_count", {"domain": []}),
            ("ir.model", "search_count", {"domain": []}),
        ]
        for model, method, arguments in cases:
            with self.subTest(model=model, method=method):
                response = self._call(model, method, **arguments)
                self.assertEqual(response.status_code, 403, response.text[:200])

    def test_switch_pushes_records_and_asks_for_its_batch(self):
        record = {
            "call_id": "one",
            "called": "442079460000",
            "start": "2026-03-10T12:00:00Z",
            "duration": 0,
            "trunk": "none-such",
        }
        response = self._call(
            "voip.cdr", "ingest", switch=self.switch.code, records=[record]
        )
        self.assertEqual(response.status_code, 200, response.text[:400])
        answer = response.json()
        self.assertEqual(answer["received"], 1)
        status = self._call("voip.cdr", "batch_status", batch=answer["batch"])
        self.assertEqual(status.status_code, 200, status.text[:400])
        self.assertEqual(status.json()["received"], 1)

    @mute_logger("odoo.http")
    def test_revoked_key_is_refused(self):
        self.switch.action_revoke_keys()
        response = self._call("voip.cdr", "ingest", switch="key-test", records=[])
        self.assertEqual(response.status_code, 401)
