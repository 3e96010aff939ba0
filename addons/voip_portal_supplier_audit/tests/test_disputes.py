"""A customer disputes calls and lines, and nobody else sees or answers for him."""

import re

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.voip_portal.tests.portal_common import PortalCommon
from odoo.addons.voip_portal.tests.test_axe import AxeCommon
from odoo.addons.voip_rating.tests.credit_common import CreditNoteCommon

PAGES = ("", "/new", "/one", "/file")
DAYS = "date_from=2026-10-01&date_to=2026-10-31"


@tagged("post_install", "-at_install")
class TestPortalDisputes(AxeCommon, CreditNoteCommon, HttpCase):
    _routes = PortalCommon._routes

    def setUp(self):
        super().setUp()
        self.invoice = self._invoiced(self.tax, code="mine")
        self.account = self.invoice.voip_account_id
        self.account.tz = "UTC"
        self.user = self._customer("own", self.account)
        self.authenticate("portal_own", "portal_own")

    def _customer(self, login, account):
        """A contact of an account's customer who logs in."""
        partner = self.env["res.partner"].create({"name": f"Customer {login}"})
        account.partner_id = account.partner_id or partner
        user = new_test_user(
            self.env,
            login=f"portal_{login}",
            password=f"portal_{login}",
            groups="base.group_portal",
            company_id=self.env.company.id,
            company_ids=[(6, 0, self.env.company.ids)],
        )
        user.partner_id.write(
            {"parent_id": account.partner_id.id, "email": f"{login}@example.com"}
        )
        return user

    def _get(self, path, **more):
        self.env.flush_all()
        return self.url_open(f"/my/voip{path}", **more)

    def _post(self, path, files=None, **form):
        page = self._get("?account=mine").text
        token = re.search(r'csrf_token: "([^"]+)"', page)[1]
        return self._get(path, data={"csrf_token": token, **form}, files=files)

    def _marks(self):
        page = self._get(f"/calls?account=mine&{DAYS}").text
        return re.findall(r'name="call"[^>]*value="([^"]+)"', page)

    def _made(self):
        return self.env["voip.dispute"].search([("move_id", "=", self.invoice.id)])

    def test_marked_calls_are_disputed_with_files_and_held(self):
        marks = self._marks()
        self.assertEqual(len(marks), 5)
        query = "&".join(f"call={one}" for one in marks[:2])
        page = self._get(f"/disputes/new?account=mine&{query}").text
        self.assertIn(self.invoice.name, page)
        form = {"call": marks[:2], "reason": "Never <b>answered</b>", "text": "Look"}
        files = [("file", ("../records.csv", b"a;b", "text/csv"))]
        page = self._post("/disputes/new?account=mine", files, **form).text
        dispute = self._made()
        self.assertRecordValues(
            dispute,
            [
                {
                    "state": "open",
                    "scope": "calls",
                    "asked_by_id": self.user.id,
                    "call_count": 2,
                }
            ],
        )
        self.assertTrue(self.invoice.no_followup)
        self.assertIn("Never &lt;b&gt;answered", page)
        self.assertIn("Look", page)
        link = re.search(r'href="(/my/voip/disputes/file[^"]+)"', page)[1]
        answer = self.url_open(link.replace("&amp;", "&"))
        self.assertEqual(answer.content, b"a;b")
        self.assertIn("records.csv", answer.headers["Content-Disposition"])
        again = self._post("/disputes/new?account=mine", **form).text
        self.assertIn("is about the same already", again)
        self.assertEqual(self._made(), dispute)

    def test_lines_are_disputed_by_their_invoice(self):
        name = self.invoice.name
        self.assertIn(name, self._get("/disputes/new?account=mine").text)
        path = "/disputes/new?account=mine"
        for form, told in (
            ({"line": "1"}, "what is wrong"),
            ({"line": "1", "reason": "x" * 201}, "what is wrong"),
            ({"reason": "Wrong"}, "Choose lines"),
            ({"line": "99", "reason": "Wrong"}, "Choose lines"),
            ({"line": "1", "reason": "Wrong", "text": "x" * 5001}, "at most"),
        ):
            page = self._post(path, invoice=name, **form).text
            self.assertIn(told, page)
        self.assertFalse(self._made())
        self._post(path, invoice=name, line="1", reason="Wrong price")
        dispute = self._made()
        line = self.invoice.invoice_line_ids.filtered(
            lambda one: one.display_type == "product"
        )[:1]
        self.assertEqual(dispute.line_ids, line)
        self.assertIn("Wrong price", self._get("/disputes?account=mine").text)

    def test_both_sides_write_and_notes_of_staff_stay_inside(self):
        self._post(
            "/disputes/new?account=mine",
            invoice=self.invoice.name, whole="1", reason="Wrong",
        )  # fmt: skip
        dispute = self._made()
        page = self._get("/disputes?account=mine").text
        one = re.search(r'href="/my/voip(/disputes/one[^"]+)"', page)[1]
        one = one.replace("&amp;", "&")
        staff = dispute.with_user(self.accountant)
        staff.message_post(body="Canary of Carrier Ltd")
        staff.message_post(body="We look at it", subtype_xmlid="mail.mt_comment")
        self.assertIn("Write something", self._post(one).text)
        page = self._post(one, text="Thank <b>you</b>").text
        self.assertIn("We look at it", page)
        self.assertIn("Thank &lt;b&gt;you", page)
        self.assertNotIn("Canary", page)
        staff._refuse("Your switch confirmed them.")
        page = self._get(one).text
        self.assertIn("Your switch confirmed them.", page)
        self.assertIn("Your dispute was decided: Refused.", page)
        self.assertIn("is not open any more", self._post(one, withdraw="1").text)
        self.assertEqual(dispute.state, "refused")

    def test_what_staff_opened_shows_no_words_or_files_among_staff(self):
        files = self.env["ir.attachment"].with_user(self.accountant)
        evidence = files.create({"name": "Canary records.csv", "raw": b"supplier"})
        dialog = self.env["voip.dispute.wizard"].with_user(self.accountant)
        dialog = dialog.create(
            {
                "move_id": self.invoice.id,
                "reason": "He called us",
                "evidence_ids": [(6, 0, evidence.ids)],
            }
        )
        dialog.action_open()
        dispute = dialog.dispute_id
        comment = {"subtype_xmlid": "mail.mt_comment"}
        dispute.message_post(body="Canary among ourselves", **comment)
        told = {"partner_ids": self.user.partner_id.ids, **comment}
        dispute.message_post(body="To the customer", **told)
        page = self._get("/disputes?account=mine").text
        self.assertIn("He called us", page)
        one = re.search(r'href="/my/voip(/disputes/one[^"]+)"', page)[1]
        page = self._get(one.replace("&amp;", "&")).text
        self.assertIn("To the customer", page)
        self.assertNotIn("Canary", page)

    def test_he_is_told_in_his_language_what_was_credited(self):
        self.env["res.lang"]._activate_lang("de_DE")
        for name in ("voip_portal_supplier_audit", "voip_supplier_audit"):
            module = self.env["ir.module.module"]._get(name)
            module.sudo()._update_translations(["de_DE"])
        self.user.lang = "de_DE"
        self.authenticate("portal_own", "portal_own")
        marks = self._marks()
        form = {"call": marks[:2], "reason": "Falsch"}
        page = self._post("/disputes/new?account=mine", **form).text
        self.assertIn("Reklamiert, mit Steuern", page)
        dispute = self._made()
        dispute.call_ids[:1].is_accepted = False
        action = dispute.with_user(self.accountant).action_accept()
        wizard = self.env[action["res_model"]].with_user(self.accountant)
        wizard.with_context(**action["context"]).create({}).action_credit()
        self.assertEqual(dispute.state, "partly")
        said = dispute.message_ids.sorted("id").mapped("body")
        self.assertTrue(
            [one for one in said if "entschieden: Teilweise gutgeschrieben" in one],
            said,
        )

    def test_he_withdraws_it(self):
        self._post(
            "/disputes/new?account=mine",
            invoice=self.invoice.name, whole="1", reason="Wrong",
        )  # fmt: skip
        page = self._get("/disputes?account=mine").text
        one = re.search(r'href="/my/voip(/disputes/one[^"]+)"', page)[1]
        page = self._post(one.replace("&amp;", "&"), withdraw="1").text
        self.assertIn("Withdrawn", page)
        self.invoice.invalidate_recordset()
        self.assertFalse(self.invoice.no_followup)

    def test_what_is_not_his_is_not_there(self):
        other = self._invoiced(code="CANARY", name="Canary account")
        stranger = self._customer("stranger", other.voip_account_id)
        marks = self._marks()
        self._post(
            "/disputes/new?account=mine",
            invoice=self.invoice.name, whole="1", reason="Secret",
        )  # fmt: skip
        page = self._get("/disputes?account=mine").text
        one = re.search(r"dispute=([0-9a-f]+)", page)[1]
        dispute = self._made()
        for page in PAGES:
            answer = self._get(f"/disputes{page}?account=CANARY")
            self.assertEqual(answer.status_code, 404, page)
        for key in ("", "1", str(dispute.id), "é", "%00", "'"):
            for page in ("one", "file"):
                path = f"/disputes/{page}?account=mine&dispute={key}"
                self.assertEqual(self._get(path).status_code, 404, path)
        path = f"/disputes/new?account=mine&invoice={other.name}"
        self.assertEqual(self._get(path).status_code, 404)
        self.assertTrue(stranger)
        self.authenticate("portal_stranger", "portal_stranger")
        path = f"/disputes/one?account=CANARY&dispute={one}"
        self.assertEqual(self._get(path).status_code, 404)
        page = self._get(f"/disputes/new?account=CANARY&call={marks[0]}").text
        self.assertNotIn(self.invoice.name, page)
        self.assertNotIn("Secret", self._get("/disputes?account=CANARY").text)

    def test_a_reader_opens_nothing(self):
        self.account.right_ids = [
            (0, 0, {"partner_id": self.user.partner_id.id, "right": "reader"})
        ]
        form = {"invoice": self.invoice.name, "whole": "1", "reason": "Wrong"}
        page = self._post("/disputes/new?account=mine", **form).text
        self.assertIn("You may look at this", page)
        self.assertFalse(self._made())

    @mute_logger("odoo.http")
    def test_a_form_of_another_site_opens_nothing(self):
        form = {"invoice": self.invoice.name, "whole": "1", "reason": "Wrong"}
        answer = self._get("/disputes/new?account=mine", data=form)
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._made())

    def test_the_pages_are_accessible(self):
        self._post(
            "/disputes/new?account=mine",
            invoice=self.invoice.name, line="1", reason="Wrong price",
        )  # fmt: skip
        page = self._get("/disputes?account=mine").text
        one = re.search(r'href="/my/voip(/disputes/one[^"]+)"', page)[1]
        pages = ["/disputes", one.replace("&amp;", "&"), f"/calls?{DAYS}"]
        new = f"/disputes/new?invoice={self.invoice.name}"
        self.assertAccessible([*pages, new], code="mine")

    def test_every_route_is_tried(self):
        pages = {f"/my/voip/disputes{page}" for page in PAGES}
        self.assertEqual(self._routes("voip_portal_supplier_audit")[0], pages)
        self.authenticate(None, None)
        for page in PAGES:
            answer = self._get(f"/disputes{page}", allow_redirects=False)
            self.assertEqual(answer.status_code, 303)
