"""A customer's programs read by a key what he may see, and nothing else."""

import re
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.voip_billing_base.tests.doors import Doors

from ..technical import voip_api_use
from .test_calls_rates import CallsCommon

PAGE = "/keys?account=auto-1"
DOORS = {f"/voip/api/v1/{door}" for door in ("balance", "calls", "rates")}


@tagged("post_install", "-at_install")
class TestKeys(Doors, CallsCommon):
    def test_the_public_methods_are_the_reviewed_ones(self):
        reviewed = {"voip.trunk": {"action_refuse_wanted", "action_take_wanted"}}
        self.assertDoors("voip_portal", reviewed)

    def _make(self, **form):
        """The page after a key was asked for."""
        given = {
            "name": "Billing robot", "scope": "voip_portal.read", "days": "30",
            "password": "portal_own", **form,
        }  # fmt: skip
        return self._post(PAGE, **given).text

    def _key(self, **form):
        return re.search(r'id="made">([0-9a-f]{40})<', self._make(**form))[1]

    def _ask(self, door, key, **asked):
        """Without a session, as a program asks."""
        self.env.flush_all()
        self.opener.cookies.clear()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self.url_open(
            f"/voip/api/v1/{door}", params=asked, headers=headers, method="GET"
        )

    def test_a_key_is_shown_once_and_opens_until_it_is_revoked(self):
        key = self._key()
        page = self._get(PAGE).text
        self.assertIn(key[:8], page)
        self.assertIn("Never", page)
        self.assertNotIn(key, page)
        answer = self._ask("balance", key, account="auto-1")
        self.assertEqual(answer.status_code, 200)
        told = answer.json()
        self.assertEqual((told["available"], told["currency"]), ("100.00", "USD"))
        self.assertEqual(told["accounts"], ["SECOND", "auto-1"])
        self._login()
        self.assertNotIn("Never", self._get(PAGE).text)
        use = self.env["voip.api.use"].search([])
        self.assertRecordValues(
            use,
            [{"account_id": self.account.id, "requests": 1, "prefix": key[:8]}],
        )
        self.assertEqual(self._post(PAGE, revoke="00000000").status_code, 404)
        self.assertIn("Revoked", self._post(PAGE, revoke=key[:8]).text)
        self.assertEqual(self._ask("balance", key).status_code, 401)

    def test_a_form_that_is_wrong_makes_no_key(self):
        for wrong, told in (
            ({"password": "wrong"}, "password is wrong"),
            ({"name": " "}, "Name the key"),
            ({"scope": "rpc"}, "Choose what the key opens"),
            ({"days": "9999"}, "Choose what the key opens"),
        ):
            with self.subTest(wrong):
                self.assertIn(told, self._make(**wrong))
        self.assertIn("You have no key", self._get(PAGE).text)
        with mute_logger("odoo.http"):
            answer = self._get(PAGE, data={"name": "x"})
        self.assertEqual(answer.status_code, 400)
        self.account.right_ids = [
            (0, 0, {"partner_id": self.user.partner_id.id, "right": "billing"})
        ]
        self.assertIn("You may look at this", self._make())

    def test_who_may_make_no_keys_any_more_ends_his_own(self):
        key = self._key()
        self.account.right_ids = [
            (0, 0, {"partner_id": self.user.partner_id.id, "right": "reader"})
        ]
        page = self._get(PAGE).text
        self.assertNotIn("Make a key", page)
        self.assertIn('name="revoke"', page)
        self.assertIn("Revoked", self._post(PAGE, revoke=key[:8]).text)
        self.assertIn("You have no key", self._get(PAGE).text)

    def test_how_often_is_for_staff_of_the_company(self):
        self._ask("balance", self._key(), account="auto-1")
        use = self.env["voip.api.use"].search([])
        viewer = "voip_billing_base.group_voip_viewer"
        own = new_test_user(self.env, login="use_viewer", groups=viewer)
        self.assertTrue(use.with_user(own).read(["requests"]))
        other = self.env["res.company"].create({"name": "Other"})
        foreign = new_test_user(
            self.env, login="use_foreign", groups=viewer, company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )  # fmt: skip
        self.assertFalse(self.env["voip.api.use"].with_user(foreign).search([]))
        keys = ("group_voip_switch", "group_voip_events")
        machines = [
            new_test_user(self.env, login=key, groups=f"voip_billing_base.{key}")
            for key in keys
        ]
        for user in (self.user, foreign, *machines):
            with self.assertRaises(AccessError):
                use.with_user(user).read(["requests"])
        with self.assertRaises(AccessError):
            use.with_user(own).write({"requests": 7})

    def test_a_key_opens_its_doors_alone(self):
        key = self._key(scope="voip_portal.balance")
        self.assertEqual(self._ask("balance", key).status_code, 200)
        for door in ("calls", "rates"):
            answer = self._ask(door, key, account="auto-1", number="4930123")
            self.assertEqual(answer.status_code, 403)
            self.assertEqual(answer.json()["error"]["code"], "scope")
        keys = self.env["res.users.apikeys"]
        self.assertFalse(keys._check_credentials(scope="rpc", key=key))
        for bad in (None, "x", "0" * 40):
            self.assertEqual(self._ask("balance", bad).status_code, 401)
        # A session is no key.
        self._login()
        self.assertEqual(self.url_open("/voip/api/v1/balance").status_code, 401)

    def test_accounts_of_others_are_not_there(self):
        key = self._key()
        for door in ("balance", "calls", "rates"):
            for code in ("CANARY", "nobody", "0", "\0"):
                answer = self._ask(door, key, account=code)
                self.assertEqual(answer.status_code, 404, door)
                self.assertEqual(answer.json()["error"]["code"], "not_found")
                self.assertNotIn("Canary", answer.text)

    def test_calls_come_page_by_page_and_without_costs(self):
        for number in range(3):
            self._call(f"44163296012{number}", 47, f"call-{number}")
        key, day, after, seen = self._key(), f"{self.start:%Y-%m-%d}", "", []
        while after is not None:
            answer = self._ask(
                "calls", key, account="auto-1", date_from=day, date_to=day, limit=1,
                after=after,
            )  # fmt: skip
            self.assertEqual(answer.status_code, 200, answer.text)
            for hidden in ("0.777", "cost", "margin", '"id"'):
                self.assertNotIn(hidden, answer.text)
            (call,) = answer.json()["calls"]
            seen.append((call["called"], call["amount"], call["seconds"]))
            after = answer.json()["next"]
        wanted = [(f"44163296012{n}", "0.51680000", "47") for n in range(3)]
        self.assertEqual(seen, wanted)
        for wrong in (
            {"after": "x"}, {"limit": "0"}, {"date_from": "x"}, {"number": "x"},
        ):  # fmt: skip
            answer = self._ask("calls", key, account="auto-1", **wrong)
            self.assertEqual(answer.status_code, 422, wrong)

    def test_a_rate_is_that_of_his_deck(self):
        key = self._key()
        told = self._ask("rates", key, account="auto-1", number="+441632960123").json()
        self.assertEqual(told["rate"]["prefix"], "44")
        self.assertNotIn("cost", told)
        for number in ("", "33123", "999"):
            answer = self._ask("rates", key, account="auto-1", number=number)
            self.assertEqual(answer.status_code, 422)

    def test_a_minute_has_so_many_requests(self):
        key = self._key()
        with patch.object(voip_api_use, "MOST_A_MINUTE", 0):
            answer = self._ask("balance", key, account="auto-1")
        self.assertEqual(answer.status_code, 429)
        self.assertEqual(answer.headers["Retry-After"], "60")

    def test_every_door_is_tried(self):
        served = {
            rule.rule
            for rule in self.env["ir.http"].routing_map().iter_rules()
            if rule.rule.startswith("/voip/api/")
        }
        self.assertEqual(served, DOORS)
