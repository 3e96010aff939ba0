"""Each page shows the customer what is his, and nobody else's."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal

from lxml import html

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..controllers.chart import columns
from ..marks import mark
from .portal_common import PortalCommon

PAGES = (
    "",
    "/topup",
    "/recharge",
    "/methods",
    "/postpaid",
    "/movements",
    "/usage",
    "/usage/file",
    "/calls",
    "/calls/file",
    "/events",
    "/events/file",
    "/rates",
    "/contacts",
    "/invoices",
    "/invoices/pay",
    "/technical",
    "/notifications",
    "/keys",
)


@tagged("post_install", "-at_install")
class TestPages(PortalCommon):
    def setUp(self):
        super().setUp()
        self._login()
        self.today = self.env.cr.now().date()

    def test_the_overview_says_what_is_left_and_what_it_is_made_of(self):
        self._topup(self.account, 100)
        page = self._get("?account=auto-1").text
        self.assertIn("100.00", page)
        self.assertIn('href="/my/voip"', self.url_open("/my/home").text)
        self.assertIn("Set up auto-recharge", page)

    def test_spend_is_told_by_day_and_month_with_taxes(self):
        self._use(self.account, self.today, "Germany", "1.10", tax="0.21")
        self._use(self.account, self.today.replace(day=1), "France", "2.00")
        page = self._get("?account=auto-1").text
        month = "3.31"
        today = month if self.today.day == 1 else "1.31"
        told = re.findall(r"<dd[^>]*>([^<]*)</dd>", page)
        self.assertIn(today, told[0])
        self.assertIn(month, told[1])
        self.assertNotIn("777", page.split("<main>")[1], "a cost")
        self.assertIn("<rect", page)

    def test_usage_adds_up_by_what_is_asked(self):
        first = self.today - timedelta(days=3)
        self._use(self.account, first, "Germany", "1.10", seconds=90, calls=2)
        self._use(self.account, self.today, "Germany", "0.90")
        self._use(self.account, self.today, "France", "5.00")
        for by, names in (
            ("day", [str(self.today), str(first)]),
            ("destination", ["France", "Germany"]),
            ("service", [self.service.name]),
            ("account", [self.account.display_name]),
        ):
            query = f"?account=auto-1&by={by}&date_from={first}&date_to={self.today}"
            page = self._get(f"/usage{query}")
            self.assertEqual(page.status_code, 200)
            self.assertIn("7.00", page.text)
            text = self._get(f"/usage/file{query}").content.decode("utf-8-sig")
            rows = list(csv.reader(io.StringIO(text)))[1:]
            self.assertEqual([row[0] for row in rows], names)
            self.assertEqual(sum(float(row[3]) for row in rows), 7)

    def test_a_formula_in_a_destination_stays_text(self):
        self._use(self.account, self.today, "=HYPERLINK(1)", "1")
        text = self._get("/usage/file?account=auto-1&by=destination").text
        self.assertNotIn("\n=", text.replace("\r", ""))

    def test_movements_show_the_balance_after_each(self):
        self._topup(self.account, 100)
        self._topup(self.account, 11)
        page = self._get("/movements?account=auto-1").text
        self.assertIn("111.00", page)
        self.assertIn("Top-up", page)

    def test_usage_between_two_movements_of_a_day_is_one(self):
        def use(amount):
            self.env["voip.wallet"]._move(
                [
                    {
                        "account_id": self.account.id,
                        "kind": "usage",
                        "unbilled": Decimal(amount),
                        "origin": "B77",
                    }
                ]
            )

        self._topup(self.account, 100)
        use("1")
        use("2")
        self._topup(self.account, 10)
        use("4")
        page = self._get("/movements?account=auto-1")
        table = html.fromstring(page.text).xpath("//table")[0]
        told = [
            [cell.text_content().replace("$", "").strip() for cell in row][2:]
            for row in table.xpath("tbody/tr")
        ]
        self.assertEqual(
            told,
            [
                ["-4.00", "103.00"],
                ["10.00", "107.00"],
                ["-3.00", "97.00"],
                ["100.00", "100.00"],
            ],
        )
        self.assertNotIn("B77", page.text)

    def test_wrong_days_and_sums_are_told(self):
        for path, told in (
            ("/usage?date_from=tomorrow", "is no day"),
            ("/usage?date_from=2026-02-02&date_to=2026-02-01", "lies before"),
            ("/usage?date_from=1999-01-01", "a year at most"),
            ("/usage?by=cost", "added up by"),
            ("/movements?date_from=9999-99-99", "is no day"),
            ("/topup?amount=nan", "write an amount"),
            ("/topup?amount=-5", "write an amount"),
            ("/topup?amount=0", "more than zero"),
            ("/topup?amount=1e5", "write an amount"),
            ("/topup?amount=1.001", "decimals"),
        ):
            with self.subTest(path):
                page = self._get(path)
                self.assertEqual(page.status_code, 200)
                self.assertIn(told, page.text)

    def test_what_is_not_his_is_not_there(self):
        self._topup(self.foreign, 100)
        self._use(self.foreign, self.today, "Canary", "9.99")
        for page in PAGES:
            for code in ("CANARY", "nobody", "0", "-1", "'", "%00"):
                with self.subTest(page=page, code=code):
                    answer = self._get(f"{page}?account={code}")
                    self.assertEqual(answer.status_code, 404)
                    self.assertNotIn("Canary", answer.text)
            for mine in ("auto-1", "SECOND"):
                answer = self._get(f"{page}?account={mine}")
                self.assertEqual(answer.status_code, 200, page)
                self.assertNotIn("Canary", answer.text)
                self.assertNotIn("CANARY", answer.text)

    def test_who_does_not_pay_sees_no_balance(self):
        self._topup(self.foreign, 4321)
        self.account.sudo().write(
            {"parent_id": self.foreign.id, "pay_by_parent": True}
        )
        for page in ("", "/topup", "/recharge", "/postpaid", "/movements"):
            text = self._get(f"{page}?account=auto-1").text
            self.assertIn("Another customer pays", text, page)
            self.assertNotIn("4,321", text)
            self.assertNotIn("Canary", text)

    def test_a_customer_without_an_account_is_told_so(self):
        self.env["res.partner"].create({"name": "New"})
        user = self._customer(self.env["res.partner"].create({"name": "New"}), "new")
        self.assertTrue(user)
        self._login("new")
        for page in ("", "/topup", "/recharge", "/movements", "/usage"):
            answer = self._get(page)
            self.assertEqual(answer.status_code, 200)
            self.assertIn("no phone account yet", answer.text)

    def test_pages_ask_for_a_login(self):
        self.authenticate(None, None)
        for page in PAGES:
            answer = self._get(page, allow_redirects=False)
            self.assertEqual(answer.status_code, 303)

    def test_the_settings_of_recharges_are_his_to_change(self):
        def save(**form):
            page = self._get("/recharge?account=auto-1").text
            found = re.search(r'name="csrf_token" value="([^"]+)"', page)
            return self._get(
                "/recharge?account=auto-1", data={"csrf_token": found[1], **form}
            )

        good = {
            "on": "1", "token": str(self.token.id), "threshold": "10",
            "amount": "20.50", "daily_cap": "50", "monthly_cap": "0",
        }
        self.assertIn("Saved.", save(**good).text)
        self.account.invalidate_recordset()
        self.assertEqual(self.account.auto_recharge_token_id, self.token)
        self.assertEqual(self.account.auto_recharge_amount, 20.5)
        stranger = self._token(self.stranger.partner_id)
        for wrong, told in (
            ({"token": str(stranger.id)}, "stored payment methods"),
            ({"amount": "0"}, "more than zero"),
            ({"amount": "60"}, "less than the amount of one"),
            ({"monthly_cap": "5"}, "less than the amount of one"),
            ({"threshold": "nan"}, "write an amount"),
        ):
            with self.subTest(wrong):
                self.assertIn(told, save(**{**good, **wrong}).text)
        self.account.invalidate_recordset()
        self.assertEqual(self.account.auto_recharge_amount, 20.5)
        save()
        self.account.invalidate_recordset()
        self.assertFalse(self.account.auto_recharge)

    def _count(self, account, code, source, events):
        """Sums of today's events of a type."""
        kind = self.env["voip.usage.event.type"].search([("code", "=", code)])
        self.env["voip.usage.event.day"].sudo().create(
            {
                "company_id": self.company.id,
                "account_id": account.id,
                "type_id": kind.id,
                "source": source,
                "local_day": self.today,
                "events": events,
                "units": 3 * events,
            }
        )

    def test_events_are_told_by_type_and_source(self):
        self._count(self.account, "sms_outbound", "gateway", 1234)
        self._count(self.account, "email_sent", "=odoo", 8)
        self._count(self.foreign, "sms_outbound", "Canary", 777)
        path = f"/events?account=auto-1&date_to={self.today}"
        page = self._get(path).text
        for told in ("1,234", "3,702", "=odoo", "<rect", "At most 1,242 a day"):
            self.assertIn(told, page)
        for hidden in ("Canary", "777"):
            self.assertNotIn(hidden, page)
        for more, left in (
            ("&category=email", "=odoo"),
            ("&kind=sms_outbound", "gateway"),
            ("&source=gateway", "gateway"),
            ("&source=Canary", None),
        ):
            found = html.fromstring(self._get(path + more).text)
            sources = found.xpath("//tbody/tr/td[3]/text()")
            self.assertEqual(sources, [left] if left else [])
        self.assertIn("one of the categories", self._get(f"{path}&category=x").text)
        data = self._get(path.replace("?", "/file?")).content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(data)))[1:]
        self.assertEqual({row[0] for row in rows}, {str(self.today)})
        self.assertEqual({row[3] for row in rows}, {"gateway", "'=odoo"})

    def test_he_removes_a_stored_method_unless_it_recharges(self):
        self.token.payment_details = "4242"
        other = self._token(self.user.partner_id)
        strange = self._token(self.stranger.partner_id)
        strange.payment_details = "7777"
        self.account.write(
            {
                "auto_recharge": True,
                "auto_recharge_token_id": self.token.id,
                "auto_recharge_threshold": 10,
                "auto_recharge_amount": 20,
                "auto_recharge_daily_cap": 50,
            }
        )
        path = "/methods?account=auto-1"
        page = self._get(path).text
        self.assertIn("4242", page)
        self.assertNotIn("7777", page.split("<main>")[1])
        refused = self._post(path, method=mark(self.token)).text
        self.assertIn("auto-1 tops itself up by this method", refused)
        for text in (mark(strange), str(other.id), "", "é"):
            self.assertEqual(self._post(path, method=text).status_code, 404)
        self.assertIn("Removed.", self._post(path, method=mark(other)).text)
        tokens = self.token | other | strange
        tokens.invalidate_recordset()
        self.assertEqual(tokens.mapped("active"), [True, False, True])

    def test_he_asks_to_pay_afterwards(self):
        def ask(**form):
            page = self._get("/postpaid?account=auto-1").text
            found = re.search(r'name="csrf_token" value="([^"]+)"', page)
            return self._get(
                "/postpaid?account=auto-1", data={"csrf_token": found[1], **form}
            )

        for wrong, told in (
            ({"limit": "0", "reason": "x"}, "more than zero"),
            ({"limit": "nan", "reason": "x"}, "write an amount"),
            ({"limit": "10", "reason": " "}, "Say why"),
            ({"limit": "10", "reason": "x" * 2001}, "Say why"),
        ):
            self.assertIn(told, ask(**wrong).text)
        requests = self.env["voip.postpaid.request"].search
        mine = [("account_id", "=", self.account.id)]
        self.assertFalse(requests(mine))
        form = {"limit": "500", "reason": "<b>Three</b> years"}
        page = ask(**form).text
        self.assertIn("Waiting", page)
        self.assertNotIn("<b>Three", page)
        asked = requests(mine)
        self.assertRecordValues(
            asked,
            [{"wanted_limit": 500, "asked_by_id": self.user.id, "state": "waiting"}],
        )
        self.assertEqual(self.account.mode, "prepaid")
        self.assertEqual(self._again(form), asked)
        asked.granted_limit = 300
        asked.action_approve()
        page = self._get("/postpaid?account=auto-1").text
        self.assertIn("Approved", page)
        self.assertIn("300.00", page)
        self.assertNotIn("<form method=\"post\"", page)

    def _again(self, form):
        """The requests of his account after the form was sent once more."""
        page = self._get("/topup?account=auto-1&amount=5").text
        token = re.search(r'csrf_token: "([^"]+)"', page)[1]
        answer = self._get(
            "/postpaid?account=auto-1", data={"csrf_token": token, **form}
        )
        self.assertEqual(answer.status_code, 200)
        return self.env["voip.postpaid.request"].search(
            [("account_id", "=", self.account.id)]
        )

    @mute_logger("odoo.http")
    def test_a_form_of_another_site_saves_nothing(self):
        answer = self._get("/recharge?account=auto-1", data={"on": "1"})
        self.assertEqual(answer.status_code, 400)

    def test_the_pages_speak_the_customers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        for name in ("voip_portal", "voip_billing_base"):
            module = self.env["ir.module.module"]._get(name)
            module.sudo()._update_translations(["de_DE"])
        self.user.lang = "de_DE"
        self._login()
        page = self._get("?account=auto-1").text
        for words in ("Übersicht", "Verfügbar", "Automatisch aufladen", "Bewegungen"):
            self.assertIn(words, page)
        self.assertIn("Schreiben Sie", self._get("/topup?amount=x").text)
        # As it is written there.
        self.assertIn("25,50", self._get("/topup?amount=25,50").text)

    def test_every_route_is_tried(self):
        plain = {f"/my/voip{page}" for page in PAGES}
        others = {
            "/my/voip/movements/page/<int:page>",
            "/my/voip/rates/file/<any(csv,xlsx):kind>",
            "/my/voip/topup/pay/<code>",
            "/my/voip/topup/result",
            "/my/voip/invoices/page/<int:page>",
            "/my/voip/invoices/pay/<code>/<ids>",
            "/my/voip/invoices/<int:invoice>/pdf",
            # Only there for resellers and their customers, with tests of their own.
            "/my/voip/resale",
            "/my/voip/resale/sub",
            "/my/voip/resale/file",
            "/my/voip/resold",
            "/my/voip/resold/usage/file",
            "/my/voip/resold/calls",
            "/my/voip/resold/calls/file",
            "/my/voip/resold/rates",
            "/my/voip/resold/rates/file/<any(csv,xlsx):kind>",
            "/my/voip/resold/events",
            "/my/voip/resold/events/file",
            "/my/voip/subaccounts",
            "/my/voip/subaccount",
        }
        mine, served = self._routes("voip_portal")
        self.assertLessEqual(mine, plain | others, "addresses that no test tries")
        self.assertLessEqual(plain | others, served)

    def test_a_chart_is_as_high_as_its_days(self):
        made = columns(["a", "b"], [("x", {"a": 1, "b": 3}), ("y", {"a": 1})])
        self.assertEqual(made["top"], 3)
        heights = [bar["height"] for bar in made["bars"]]
        self.assertEqual(heights, ["60.00", "60.00", "180.00"])
