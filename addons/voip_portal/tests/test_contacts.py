"""Contacts of a customer see and change what an owner lets them."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PortalCommon

# Pages with something that changes the account, and whether the right lets one.
FORMS = {
    "/topup": {"owner", "billing"},
    "/recharge": {"owner", "billing"},
    "/postpaid": {"owner", "billing"},
    "/contacts": {"owner"},
}
MARK = "You may look at this, but not change it"


@tagged("post_install", "-at_install")
class TestContacts(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._customer(cls.partner, "colleague")

    def _give(self, right, user=None):
        """The colleague has this right; he who logs in first stays an owner."""
        self.account.right_ids = [(5, 0, 0)] + [
            (0, 0, {"partner_id": partner.id, "right": kind})
            for partner, kind in (
                (self.user.partner_id, "owner"),
                ((user or self.colleague).partner_id, right),
            )
            if kind
        ]
        self.env.flush_all()

    def test_each_right_changes_what_it_may(self):
        self._login("colleague")
        answers = {
            "/recharge": {"on": "1"},
            "/postpaid": {"limit": "5", "reason": "x"},
            "/contacts": {},
        }
        for right in ("owner", "billing", "technical", "reader"):
            self._give(right)
            for page, who in FORMS.items():
                with self.subTest(right=right, page=page):
                    text = self._get(f"{page}?account=auto-1").text
                    if page != "/contacts":
                        self.assertEqual(MARK in text, right not in who)
                    if page in answers and right not in who:
                        sent = self._post(f"{page}?account=auto-1", **answers[page])
                        self.assertIn(MARK.split(",")[0], sent.text)
        self.account.invalidate_recordset()
        self.assertFalse(self.account.auto_recharge)
        self.assertFalse(self.env["voip.postpaid.request"].search_count([]))

    @mute_logger("odoo.http")
    def test_a_reader_pays_nothing_with_a_form_of_before(self):
        self.provider.is_published = True
        self._login("colleague")
        form = self._form("/topup?account=auto-1&amount=25")
        self._give("reader")
        self.assertIn("error", self._pay(form))

    def test_who_is_not_named_does_not_see_the_account(self):
        self._topup(self.account, 100)
        self._give(None)
        self._login("colleague")
        for page in ("", "/calls", "/movements", "/rates", "/invoices", "/contacts"):
            self.assertEqual(self._get(f"{page}?account=auto-1").status_code, 404)
            self.assertEqual(self._get(f"{page}?account=SECOND").status_code, 200)
        models = ("voip.account", "voip.wallet", "voip.wallet.entry")
        for name in models:
            seen = self.env[name].with_user(self.colleague).search([])
            key = "id" if name == "voip.account" else "account_id"
            self.assertNotIn(self.account, seen.mapped(key) if key != "id" else seen)
        self.assertTrue(self.env["voip.wallet.entry"].with_user(self.user).search([]))

    def test_who_is_not_named_sees_no_invoice_in_odoos_own_pages(self):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "voip_account_id": self.account.id,
                "invoice_line_ids": [(0, 0, {"name": "Calls", "price_unit": 7})],
            }
        )
        move.action_post()
        move.message_subscribe(self.partner.ids)
        self._login("colleague")
        path = f"/my/invoices/{move.id}"
        seen = self.env["account.move"].with_user(self.colleague)
        lines = self.env["account.move.line"].with_user(self.colleague)
        mine = [("move_id", "=", move.id)]
        self.assertEqual(self.url_open(path, allow_redirects=False).status_code, 200)
        self.assertTrue(lines.search(mine))
        self._give(None)
        self.assertEqual(self.url_open(path, allow_redirects=False).status_code, 303)
        self.assertFalse(seen.search([("id", "=", move.id)]))
        self.assertFalse(lines.search(mine))

    def test_what_is_not_seen_does_not_pay_for_others(self):
        self._topup(self.account, 4321)
        self.second.write({"parent_id": self.account.id, "pay_by_parent": True})
        self._give(None)
        self._login("colleague")
        text = self._get("/movements?account=SECOND").text
        self.assertIn("Another customer pays", text)
        self.assertNotIn("4,321", text)

    def test_an_owner_names_the_others_and_stays_one(self):
        self._login()
        page = self._get("/contacts?account=auto-1").text
        self.assertIn("Each contact of yours", page)
        mine, other = (u.partner_id.id for u in (self.user, self.colleague))
        sent = self._post(
            "/contacts?account=auto-1",
            **{f"right_{mine}": "owner", f"right_{other}": "technical"},
        )
        self.assertIn("Saved.", sent.text)
        self.account.invalidate_recordset()
        rights = {r.partner_id.id: r.right for r in self.account.right_ids}
        self.assertEqual(rights, {mine: "owner", other: "technical"})
        log = self.env["voip.audit"].search([("event", "=", "portal_rights")])
        self.assertEqual(len(log), 1)
        for wrong in ({f"right_{mine}": "reader"}, {f"right_{mine}": ""}):
            sent = self._post("/contacts?account=auto-1", **wrong)
            self.assertIn("You stay an owner", sent.text)
        sent = self._post("/contacts?account=auto-1", **{f"right_{other}": "king"})
        self.assertIn("Choose one of the rights", sent.text)
        stranger = self.stranger.partner_id.id
        self._post("/contacts?account=auto-1", **{f"right_{stranger}": "owner"})
        self.account.invalidate_recordset()
        self.assertEqual(
            {r.partner_id.id: r.right for r in self.account.right_ids}, rights
        )

    def test_a_contact_of_another_customer_gets_no_right(self):
        with self.assertRaises(ValidationError):
            self._give("reader", self.stranger)

    def test_an_invited_contact_sees_this_account(self):
        self._login()
        form = {"invite": "1", "name": "New <b>", "email": "new@example.com"}
        sent = self._post("/contacts?account=auto-1", **form, right="reader")
        self.assertIn("Saved.", sent.text)
        self.assertNotIn("New <b>", sent.text)
        user = self.env["res.users"].search([("login", "=", "new@example.com")])
        self.assertEqual(user.commercial_partner_id, self.partner)
        self.assertTrue(user.share)
        seen = self.env["voip.account"].with_user(user).search([])
        # Of the other account nobody is named: each contact is an owner.
        self.assertEqual(seen, self.account | self.second)
        self.account.invalidate_recordset()
        self.assertEqual(self.account._portal_right(user.partner_id), "reader")
        colleague = self.colleague.partner_id
        self.assertEqual(self.account._portal_right(colleague), "owner")
        for wrong, told in (
            ({"email": "portal_stranger"}, "Give an email address"),
            ({"email": "new@example.com"}, "cannot be invited"),
            ({"name": " "}, "Give a name"),
        ):
            sent = self._post(
                "/contacts?account=auto-1", **{**form, "right": "reader", **wrong}
            )
            self.assertIn(told, sent.text)
        sent = self._post("/contacts?account=auto-1", **form, right="")
        self.assertIn("Choose one of the rights", sent.text)
        found = [("email", "=", "new@example.com")]
        self.assertEqual(self.env["res.partner"].search_count(found), 1)
