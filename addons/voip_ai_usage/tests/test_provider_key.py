"""The key of a provider: shown to nobody, sent nowhere else, kept by who may."""

import json
import logging

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from . import provider_samples as samples
from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
class TestProviderKeys(ProviderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            role: new_test_user(
                cls.env,
                login=f"ai_{role}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=cls.env.company.id,
            )
            for role in ("user", "manager", "admin")
        }

    def test_a_key_is_in_no_field_export_chatter_or_log(self):
        key = self.server.key
        self.people["admin"].group_ids += self.env.ref("base.group_allow_export")
        self.server.calls = [samples.vapi("c1", self.day)]
        with self.assertLogs(level=logging.DEBUG) as logs:
            one = self._import().with_user(self.people["admin"])
            one.key = key
            one.sudo()._work()
            self.server.faults = [(500, {"echo": key}, {})]
            one.sudo()._work()
        told = json.dumps(
            [
                one.read(),
                one.export_data(list(one._fields))["datas"],
                one.sudo().message_ids.mapped("body"),
                self.env["voip.audit"].search([]).mapped("data"),
                self._records(one).mapped("raw_text"),
                one.copy_data(),
            ],
            default=str,
        )
        self.assertNotIn(key, told)
        self.assertIn("HTTP 500", one.message)
        self.assertTrue(one.has_key)
        # SQL's own log shows what is stored, as it does of every secret.
        shown = [line for line in logs.output if ":odoo.sql_db:" not in line]
        self.assertFalse([line for line in shown if key in line])

    def test_a_key_goes_nowhere_else(self):
        one = self._import()
        one.base_url = "https://elsewhere.example"
        self.assertFalse(one.has_key)
        one.key = "sk-another"
        one.write({"base_url": self.server.url, "key": self.server.key})
        self.assertTrue(one.has_key)
        one.provider = "retell"
        self.assertFalse(one.has_key)
        for url in ("http://api.vapi.ai", "https://a:b@api.vapi.ai"):
            with self.assertRaises(ValidationError):
                one.base_url = url
        with self.assertRaises(UserError):
            one.key = "two words"

    def test_who_may_not_know_a_key_does_not_say_where_it_goes(self):
        one = self._import()
        manager = one.with_user(self.people["manager"])
        for vals in (
            {"key": "sk-x"},
            {"base_url": "https://elsewhere.example"},
            {"provider": "retell"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                manager.write(vals)
        manager.write({"interval_minutes": 60})
        manager.action_fetch()
        self.assertEqual(one.state, "on")
        with self.assertRaises(AccessError):
            manager.copy()
        user = one.with_user(self.people["user"])
        for name in ("action_fetch", "action_view_records"):
            with self.assertRaises(AccessError):
                getattr(user, name)()

    def test_without_a_key_nothing_is_asked(self):
        one = self.env["voip.ai.provider.import"].create(
            {"name": "New", "base_url": self.server.url}
        )
        self.assertFalse(one.has_key)
        with self.enter_registry_test_mode():
            self.env.ref("voip_ai_usage.ir_cron_fetch").method_direct_trigger()
        self.assertEqual((one.state, self.server.requests), ("on", []))
        one._work()
        self.assertIn("It has no API key", one.message)

    def test_the_scheduled_action_fetches_what_is_due(self):
        self._sessions_are_taken()
        self.server.calls = [samples.vapi("c1", self.day)]
        one = self._import()
        with self.enter_registry_test_mode():
            cron = self.env.ref("voip_ai_usage.ir_cron_fetch")
            cron.method_direct_trigger()
            asked = len(self.server.requests)
            cron.method_direct_trigger()
        self.assertEqual(self._records(one).state, "taken")
        self.assertEqual(len(self.server.requests), asked)

    def test_what_was_fetched_stays_with_its_import(self):
        self.server.calls = [samples.vapi("c1", self.day)]
        one = self._import()
        one._work()
        with self.assertRaises(UserError):
            one.unlink()
        with self.assertRaises(UserError):
            one.provider = "retell"
        other = self.setup_other_company(name="Other")["company"]
        with self.assertRaises(UserError):
            one.company_id = other
