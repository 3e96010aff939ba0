"""What a partner, and anybody else, reaches by a link."""

import re
from datetime import timedelta
from hashlib import sha256

from lxml import html

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..netting.voip_netting_try import MOST
from .netting_common import NettingCommon

XSS = "<script>alert(1)</script>"


@tagged("post_install", "-at_install")
class TestNettingLink(NettingCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self._account()
        self.invoice, self.bill = self._invoice(100), self._bill(60, ref="THEIR-7")
        self.netting = self._netting()
        self.token = self._ask(self.netting)
        self.line = self._line(self.netting, self.bill)
        self.env.flush_all()

    def _get(self, token=None):
        return self.url_open(f"/voip/netting/{token or self.token}")

    def _answer(self, token=None, csrf=None, **form):
        if csrf is None:
            csrf = self._csrf(self._get(token).text)
        data = {"name": "Ann Partner", "csrf_token": csrf, **form}
        data["token"] = token or self.token
        return self.url_open("/voip/netting", data=data)

    def _csrf(self, page):
        found = re.search(r'csrf_token"\s+value="([^"]+)"', page)
        return found[1] if found else "none"

    def _fresh(self):
        self.netting.invalidate_recordset(flush=False)
        self.line.invalidate_recordset(flush=False)
        return self.netting

    def test_the_page_shows_both_sides_and_the_result(self):
        answer = self._get()
        self.assertEqual(answer.status_code, 200)
        for text in (self.invoice.name, "THEIR-7", "100.00", "60.00", "40.00"):
            self.assertIn(text, answer.text)
        for name in ("Cache-Control", "Referrer-Policy", "Content-Security-Policy"):
            self.assertIn(name, answer.headers)
        self.assertIn("no-store", answer.headers["Cache-Control"])

    def test_the_page_is_in_the_language_and_direction_of_the_partner(self):
        for code, lang, direction, word in (
            ("he_IL", "he", "rtl", "בקשת קיזוז"),
            ("de_DE", "de", "ltr", "Verrechnungsanfrage"),
        ):
            with self.subTest(language=code):
                self.env["res.lang"].sudo()._activate_lang(code)
                self.netting.partner_id.sudo().lang = code
                page = html.document_fromstring(self._get().content)
                self.assertEqual(page.get("lang"), lang)
                self.assertEqual(page.get("dir"), direction)
                self.assertIn(word, page.text_content())

    def test_only_a_hash_of_the_key_is_kept(self):
        hashed = self.netting.sudo().token_hash
        self.assertEqual(hashed, sha256(self.token.encode()).hexdigest())
        self.assertGreaterEqual(len(self.token), 43)
        self.env.cr.execute("SELECT to_jsonb(n)::text FROM voip_netting n")
        self.assertNotIn(self.token, str(self.env.cr.fetchall()))
        self.assertNotIn("token_hash", self.netting.fields_get())

    def test_the_partner_accepts_once(self):
        answer = self._answer(answer="accept", note="Paid on the 5th <b>")
        self.assertEqual(answer.status_code, 200)
        netting = self._fresh()
        self.assertEqual(netting.agreed_note, "Paid on the 5th <b>")
        self.assertIn("Paid on the 5th &lt;b&gt;", self._notes(netting))
        self.assertEqual(netting.state, "agreed")
        self.assertEqual(
            (netting.agreed_how, netting.agreed_name, netting.agreed_ip),
            ("link", "Ann Partner", "127.0.0.1"),
        )
        self.assertFalse(netting.agreed_by_id)
        self.assertIn(self.approver, netting.sudo().activity_ids.user_id)
        self.assertIn("Ann Partner", self._notes(netting))
        [last] = netting.message_ids.sudo().tracking_value_ids.sorted("id")[-1:]
        self.assertEqual(last.new_value_char, "Agreed")
        self.assertEqual(last.create_uid, self.env.ref("base.user_root"))
        again = self._get()
        self.assertEqual(again.status_code, 410)
        self.assertNotIn(self.invoice.name, again.text)
        netting.with_user(self.approver).action_approve()
        self.assertEqual(self._residuals(self.invoice, self.bill), [40, 0])
        self.assertFalse(netting.sudo().activity_ids)

    def _notes(self, netting):
        return "".join(netting.message_ids.mapped("body"))

    def test_an_answer_that_is_sent_again_changes_nothing(self):
        csrf = self._csrf(self._get().text)
        self._answer(csrf=csrf, answer="accept")
        replay = self._answer(
            csrf=csrf, answer="counter", note="no", name="Somebody Else"
        )
        self.assertEqual(replay.status_code, 410)
        self.assertEqual(self._fresh().state, "agreed")
        self.assertEqual(self.netting.agreed_name, "Ann Partner")

    def test_the_partner_counters_item_by_item(self):
        form = {f"reason_{self.line.id}": XSS, f"amount_{self.line.id}": "70.50"}
        answer = self._answer(answer="counter", note=XSS + "=1+1", **form)
        self.assertEqual(answer.status_code, 200)
        netting = self._fresh()
        self.assertEqual(netting.state, "countered")
        self.assertEqual(self.line.counter_reason, XSS)
        self.assertEqual(self.line.counter_amount, f"70.50 {self.own.name}")
        self.assertFalse(self._line(netting, self.invoice).counter_reason)
        body = self._notes(netting)
        self.assertIn("&lt;script&gt;", body)
        self.assertNotIn("<script", body)
        self.line.amount = 50
        old, self.token = self.token, self._ask(netting)
        self.env.flush_all()
        self.assertEqual(netting.state, "requested")
        self.assertFalse(self.line.counter_reason)
        self.assertEqual(self._get(old).status_code, 404)
        self.assertIn("50.00", self._get().text)

    def test_an_amount_may_be_in_the_digits_of_the_partners_script(self):
        form = {f"reason_{self.line.id}": "x"}
        form[f"amount_{self.line.id}"] = "\u0661\u0662\u066b\u0665"
        self.assertEqual(self._answer(answer="counter", **form).status_code, 200)
        self._fresh()
        self.assertEqual(self.line.counter_amount, f"12.5 {self.own.name}")

    def test_the_comma_of_a_phone_that_has_no_point_is_one(self):
        form = {f"reason_{self.line.id}": "x", f"amount_{self.line.id}": "1300,50"}
        self.assertEqual(self._answer(answer="counter", **form).status_code, 200)
        self._fresh()
        self.assertEqual(self.line.counter_amount, f"1300.50 {self.own.name}")

    def test_what_is_not_complete_is_said_and_changes_nothing(self):
        reason, amount = f"reason_{self.line.id}", f"amount_{self.line.id}"
        for form in (
            {"answer": "counter"},
            {"answer": "counter", "note": "\u200b \n"},
            {"answer": "accept", "name": "  "},
            {"answer": "counter", amount: "5"},
            {"answer": "counter", amount: "1,000", reason: "x"},
            {"answer": "counter", amount: "1.000,50", reason: "x"},
            {"answer": "counter", amount: "1,2,50", reason: "x"},
            {"answer": "counter", amount: "-5", reason: "x"},
            {"answer": "counter", amount: "NaN", reason: "x"},
            {"answer": "counter", amount: "1e999", reason: "x"},
            {"answer": "counter", amount: XSS, reason: XSS},
            {"answer": "counter", "reason_1": "x", "amount_1": "1"},
            {"answer": "counter", reason: "\x00\x07"},
            {"answer": "accept", reason: "3 minutes too many"},
            {"answer": "accept", amount: "5"},
        ):
            with self.subTest(form):
                answer = self._answer(**form)
                self.assertEqual(answer.status_code, 422)
                self.assertNotIn(XSS, answer.text)
                self.assertEqual(self._fresh().state, "requested")

    def test_texts_are_cut(self):
        form = {f"reason_{self.line.id}": "r" * 9000}
        self._answer(answer="counter", name="n" * 9000, note="t" * 90000, **form)
        netting = self._fresh()
        self.assertEqual(len(netting.counter_name), 100)
        self.assertEqual(len(netting.counter_note), 2000)
        self.assertEqual(len(self.line.counter_reason), 500)

    @mute_logger("odoo.http")
    def test_a_form_of_another_site_is_refused(self):
        for csrf in ("", "forged"):
            with self.subTest(csrf):
                answer = self._answer(csrf=csrf, answer="accept")
                self.assertEqual(answer.status_code, 400)
                self.assertEqual(self._fresh().state, "requested")

    def test_a_link_ends(self):
        csrf = self._csrf(self._get().text)
        for name, values in (
            ("expired", {"token_until": fields.Datetime.now() - timedelta(seconds=1)}),
            ("cancelled", {"state": "cancelled"}),
            ("opened again", {"state": "draft"}),
            ("agreed on paper", {"state": "agreed"}),
        ):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.netting.sudo().write(values)
                self.env.flush_all()
                answer = self._get()
                self.assertEqual(answer.status_code, 410)
                for secret in (self.invoice.name, "THEIR-7", "100.00", "Acme"):
                    self.assertNotIn(secret, answer.text)
                late = self._answer(csrf=csrf, answer="accept")
                self.assertEqual(late.status_code, 410)
                self.assertEqual(self._fresh().state, values.get("state", "requested"))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_wrong_link_shows_nothing_and_many_close_the_door(self):
        wrong = [
            self.token[:-1],
            self.token + "A",
            self.token.swapcase(),
            self.netting.sudo().token_hash,
            "x",
            "%00",
            "' OR 1=1 --",
            "A" * 5000,
        ]
        for token in wrong:
            with self.subTest(token[:60]):
                answer = self._get(token)
                self.assertEqual(answer.status_code, 404)
                self.assertNotIn(self.company.name, answer.text)
        for _number in range(MOST - len(wrong)):
            self._get("A" * 43)
        closed = self._get()
        self.assertEqual(closed.status_code, 429)
        self.assertEqual(closed.headers["Retry-After"], "3600")
        self.assertNotIn(self.invoice.name, closed.text)
        tries = self.env["voip.netting.try"].sudo().search([])
        self.assertEqual(len(tries), MOST)
        tries.at = fields.Datetime.now() - timedelta(hours=2)
        self.env.flush_all()
        self.assertEqual(self._get().status_code, 200)
        tries._gc_tries()
        self.assertFalse(tries.exists())

    def test_addresses_count_by_the_network_of_a_line(self):
        tries = self.env["voip.netting.try"].sudo()
        addresses = ("2001:db8::1", "2001:db8::2", "198.51.100.7", "junk")
        for address in (*addresses, "::ffff:198.51.100.8", "::ffff:198.51.100.9"):
            tries._note(address)
        self.assertEqual(
            tries.search([], order="id").mapped("address"),
            ["2001:db8::/64", "2001:db8::/64", "198.51.100.7", "?"]
            + ["198.51.100.8", "198.51.100.9"],
        )
