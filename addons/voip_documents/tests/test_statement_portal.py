"""The customer reads his statement in the portal, and nobody else's."""

import csv
import io
from unittest.mock import patch

from odoo.tests import HttpCase, new_test_user, tagged

from ..engine.faults import NoWorker
from ..engine.pool import Pool
from .statement_common import StatementCommon

MARCH = "date_from=2026-03-01&date_to=2026-03-31"


@tagged("post_install", "-at_install")
class TestStatementPortal(StatementCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, login="own", password="own-password", groups="base.group_portal"
        )
        cls.user.partner_id.parent_id = cls.customer

    def setUp(self):
        super().setUp()
        self.mine = self._account(code="MINE")
        self.foreign = self._account(code="FOREIGN", partner=self.other)
        self.authenticate("own", "own-password")

    def _get(self, path):
        self.env.flush_all()
        return self.url_open(f"/my/statement{path}")

    def test_he_sees_what_he_owes_and_finds_the_page_from_home(self):
        self._invoice(100, account=self.mine)
        self.assertIn('href="/my/statement"', self.url_open("/my/home").text)
        page = self._get(f"?whose=MINE&view=ledger&{MARCH}")
        self.assertEqual(page.status_code, 200)
        self.assertIn("100.00", page.text)
        self.assertNotIn("FOREIGN", page.text)

    def test_without_a_choice_it_shows_last_month_and_this_one(self):
        page = self._get("")
        self.assertEqual(page.status_code, 200)
        self.assertIn("MINE", page.text)

    def test_files_close_with_what_is_open(self):
        self._invoice(100, account=self.mine)
        self._invoice(20, account=self.mine)
        query = f"?whose=MINE&view=ledger&{MARCH}"
        for format_, start in (("pdf", b"%PDF"), ("xlsx", b"PK")):
            with self.subTest(format=format_):
                answer = self._get(f"/file/{format_}{query}")
                self.assertEqual(answer.status_code, 200)
                self.assertEqual(answer.content[: len(start)], start)
        text = self._get(f"/file/csv{query}").content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        self.assertEqual(rows[-1][-1], "120.00")

    def test_what_is_not_his_is_not_there(self):
        child = self._account(code="CHILD", partner=self.customer)
        child.sudo().write({"parent_id": self.foreign.id, "pay_by_parent": True})
        for whose in ("FOREIGN", "CHILD", "NOBODY", "all"):
            for path in ("", "/file/csv", "/file/pdf", "/file/xlsx"):
                with self.subTest(whose=whose, path=path):
                    answer = self._get(f"{path}?whose={whose}&{MARCH}")
                    self.assertEqual(answer.status_code, 404)
                    self.assertNotIn(self.other.name, answer.text)

    def test_all_accounts_together(self):
        second = self._account(code="SECOND")
        self._invoice(100, account=self.mine)
        self._invoice(11, account=second)
        page = self._get(f"?whose=all&{MARCH}")
        self.assertIn("111.00", page.text)

    def test_an_account_that_names_others_is_not_in_it(self):
        second = self._account(code="SECOND")
        self._invoice(100, account=self.mine)
        self._account(code="THIRD")
        for account in (self.mine, second):
            self._invoice(11, account=account)
        self.assertEqual(self._get(f"?whose=all&{MARCH}").status_code, 200)
        second.right_ids = [(0, 0, {"partner_id": self.customer.id, "right": "owner"})]
        for path in (f"?whose=all&{MARCH}", f"?whose=SECOND&{MARCH}"):
            self.assertEqual(self._get(path).status_code, 404)
            self.assertEqual(self._get(f"/file/csv{path}").status_code, 404)
        self.assertEqual(self._get(f"?whose=MINE&{MARCH}").status_code, 200)

    def test_wrong_days_are_told(self):
        for query, told in (
            ("date_from=2026-03-31&date_to=2026-03-01", "before the first"),
            ("date_from=2010-01-01&date_to=2026-03-01", "five years"),
            ("date_from=31.12.2026", "is no day"),
            ("date_from=<b>x</b>", "&lt;b&gt;x&lt;/b&gt; is no day"),
            ("date_to=0001-01-01", "before the first"),
            ("date_from=0001-01-01&date_to=9999-12-31", "five years"),
        ):
            with self.subTest(query=query):
                page = self._get(f"?whose=MINE&{query}")
                self.assertEqual(page.status_code, 200)
                self.assertIn(told, page.text)
                self.assertEqual(
                    self._get(f"/file/csv?whose=MINE&{query}").status_code, 404
                )

    def test_a_file_that_a_busy_server_cannot_make_is_to_be_asked_for_again(self):
        with patch.object(Pool, "perform", side_effect=NoWorker("busy")):
            answer = self._get(f"/file/pdf?whose=MINE&view=ledger&{MARCH}")
        self.assertEqual(answer.status_code, 503)
        self.assertEqual(answer.headers["Retry-After"], "60")
        self.assertIn("try again", answer.text)

    def test_a_customer_without_account_is_told_so(self):
        self.user.partner_id.parent_id = False
        self.assertIn("no VoIP account yet", self._get("").text)

    def test_a_guest_logs_in_first(self):
        self.authenticate(None, None)
        self.assertIn("/web/login", self._get("").url)
