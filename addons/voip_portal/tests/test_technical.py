"""A customer changes addresses of his trunks as staff lets him, and who gets mails."""

import re

from odoo.exceptions import UserError
from odoo.tests import BaseCase, new_test_user, tagged

from odoo.addons.voip_rating.tests.common import VoipRatingCommon

from ..marks import mark
from ..technical.addresses import BadAddress, is_usual, networks_of
from .portal_common import PortalCommon

PAGE = "/technical?account=auto-1"
MAILS = "/notifications?account=auto-1"


@tagged("post_install", "-at_install")
class TestAddresses(BaseCase):
    def test_addresses_are_those_of_a_customer(self):
        for text, code in (
            ("", "none"),
            (" , ", "none"),
            ("1.2.3.4 x", "wrong"),
            ("1.2.3.4/24", "wrong"),
            ("0.0.0.0/0", "large"),
            ("::/0", "large"),
            (" ".join(f"1.2.3.{n}" for n in range(21)), "many"),
            ("1.2.3.4" + " " * 1000, "many"),
        ):
            with self.subTest(text), self.assertRaises(BadAddress) as caught:
                networks_of(text)
            self.assertEqual(caught.exception.code, code)
        found = networks_of("8.8.8.8, 8.8.8.8;2606:4700::/64")
        self.assertEqual(list(map(str, found)), ["8.8.8.8/32", "2606:4700::/64"])
        for text, usual in (
            ("8.8.8.0/28", True),
            ("8.8.8.0/27", False),
            ("10.0.0.1", False),
            ("224.0.1.1", False),
            ("127.0.0.1", False),
        ):
            self.assertEqual(is_usual(networks_of(text)[0]), usual, text)


@tagged("post_install", "-at_install")
class TestTechnical(PortalCommon, VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trunk = cls._create_trunk(cls.account, code="own-trunk")
        cls.canary = cls._create_trunk(
            cls.foreign, code="canary-trunk", ip_addresses="8.8.4.4"
        )

    def setUp(self):
        super().setUp()
        self._login()

    def _send(self, path, **form):
        page = self._get("?account=auto-1").text
        token = re.search(r'csrf_token: "([^"]+)"', page)[1]
        return self._get(path, data={"csrf_token": token, **form})

    def _want(self, addresses, trunk=None):
        return self._send(PAGE, trunk=mark(trunk or self.trunk), addresses=addresses)

    def test_addresses_are_asked_for_and_staff_decides(self):
        page = self._get(PAGE).text
        self.assertIn("own-trunk", page)
        self.assertNotIn("canary", page.lower())
        self.assertIn("we look at the addresses", self._want("8.8.8.8").text)
        self.assertFalse(self.trunk.ip_addresses)
        self.assertEqual(self.trunk.wanted_addresses, "8.8.8.8")
        self.assertEqual(self.trunk.wanted_by_id, self.user)
        with self.assertRaisesRegex(UserError, "State the reason"):
            self.trunk.action_refuse_wanted()
        self.trunk.wanted_answer = "Not from there."
        self.trunk.action_refuse_wanted()
        self.assertIn("Not from there.", self._get(PAGE).text)
        self._want("8.8.8.8 8.8.8.9")
        self.assertFalse(self.trunk.wanted_answer)
        self.trunk.action_take_wanted()
        self.assertEqual(self.trunk.ip_addresses, "8.8.8.8 8.8.8.9")
        self.assertFalse(self.trunk.wanted_addresses)
        with self.assertRaisesRegex(UserError, "Nothing is asked for"):
            self.trunk.action_take_wanted()

    def test_at_once_are_public_addresses_that_nobody_has(self):
        self.account.portal_addresses = "changed"
        self.assertIn("addresses are changed", self._want("8.8.8.8").text)
        self.assertEqual(self.trunk.ip_addresses, "8.8.8.8")
        for addresses in ("8.8.4.4", "8.8.4.0/28", "10.0.0.1", "8.8.8.0/27"):
            page = self._want(addresses).text
            self.assertIn("we look at the addresses", page, addresses)
            self.assertNotIn("canary", page.lower())
            self.assertEqual(self.trunk.ip_addresses, "8.8.8.8")
        for addresses in ("", "nonsense", "0.0.0.0/0"):
            self.assertIn('role="alert"', self._want(addresses).text)
        self.account.portal_addresses = "shown"
        self.assertIn("Please ask us", self._want("8.8.8.9").text)
        self.assertEqual(self.trunk.ip_addresses, "8.8.8.8")

    def test_trunks_of_others_are_not_there(self):
        for trunk in (mark(self.canary), str(self.canary.id), "", "é"):
            answer = self._send(PAGE, trunk=trunk, addresses="8.8.8.8")
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(self.canary.ip_addresses, "8.8.4.4")
        self.assertFalse(self.canary.wanted_addresses)

    def test_only_technicians_change_addresses(self):
        self.account.right_ids = [
            (0, 0, {"partner_id": self.user.partner_id.id, "right": "billing"})
        ]
        self.assertNotIn('name="addresses"', self._get(PAGE).text)
        self.assertIn("You may look at this", self._want("8.8.8.8").text)
        self.assertIn("You may look at this", self._send(MAILS).text)
        self.assertFalse(self.trunk.wanted_addresses)

    def test_an_owner_chooses_who_gets_which_mail(self):
        clerk = self.env["res.partner"].create(
            {"name": "Clerk", "parent_id": self.partner.id, "email": "c@example.com"}
        )
        self.account.contact_ids = [
            (0, 0, {"partner_id": clerk.id, "kind": "invoice"}),
            (0, 0, {"partner_id": clerk.id, "kind": "rates"}),
        ]
        own = self.user.partner_id
        page = self._get(MAILS).text
        self.assertIn("c@example.com", page)
        self.assertNotIn("stranger@example.com", page)
        stranger = mark(self.stranger.partner_id)
        form = {
            f"rates_{mark(clerk)}": "1",
            f"alert_{mark(own)}": "1",
            f"alert_{stranger}": "1",
            f"cost_{mark(own)}": "1",
        }
        self.assertIn("Saved.", self._send(MAILS, **form).text)
        self.account.invalidate_recordset()
        found = {(c.partner_id, c.kind) for c in self.account.contact_ids}
        self.assertEqual(found, {(clerk, "rates"), (own, "alert")})

    def test_staff_that_is_no_manager_decides_nothing(self):
        viewer = new_test_user(
            self.env, login="trunk_viewer", groups="voip_billing_base.group_voip_viewer"
        )
        self.trunk.sudo().wanted_addresses = "8.8.8.8"
        with self.assertRaises(UserError):
            self.trunk.with_user(viewer).action_take_wanted()
        self.assertFalse(self.trunk.ip_addresses)
