"""The reseller's customer sees his prices everywhere and ours nowhere."""

import csv
import io
import re
import zipfile
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from lxml import html

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..resale import voip_account
from .resale_common import ResaleCommon
from .test_axe import AxeCommon

SUB = "account=auto-1-1"
ONE = "/resale/sub?account=auto-1&sub=auto-1-1"
RESOLD = {
    "/my/voip/resold",
    "/my/voip/resold/usage/file",
    "/my/voip/resold/calls",
    "/my/voip/resold/calls/file",
    "/my/voip/resold/rates",
    "/my/voip/resold/rates/file/csv",
    "/my/voip/resold/rates/file/xlsx",
    "/my/voip/resold/events",
    "/my/voip/resold/events/file",
}
# Names, our prices and sums of them, costs, the mark-up and what it earns.
CANARIES = re.compile(
    r"CANARY|Canary|SECOND|0\.777|777\.77|33\.3333|1\.333333|"
    r"0\.5168|0\.0210*\b|0\.050*\b|0\.172266|\b0\.57\b|\b0\.19\b"
)


@tagged("post_install", "-at_install")
class TestResold(AxeCommon, ResaleCommon):
    def setUp(self):
        super().setUp()
        self.deck.name = "CANARY deck"
        self.first = self.today - timedelta(10)
        self._mark("33.3333", self.first)
        self.at = self._midnight(self.today - timedelta(1)) + timedelta(hours=3)
        self._resold_call("441632960123", 47, self.at)
        self._resold_call("4915112345", 60, self.at)
        # Neither his own calls nor those of a sub-account that is not resold.
        self._resold_call("49777", 60, self.at, "own-trunk")

    def _days(self, first=None):
        first = first or self.first
        return f"{SUB}&date_from={first}&date_to={self.today}"

    def _text(self, answer):
        """What is in an answer: of a page the part that is ours, of a workbook all."""
        kind = answer.headers.get("Content-Type", "")
        if "spreadsheet" in kind:
            book = zipfile.ZipFile(io.BytesIO(answer.content))
            return " ".join(book.read(name).decode() for name in book.namelist())
        if "html" not in kind:
            return answer.text
        main = html.fromstring(answer.content).xpath("//main")
        return html.tostring(main[0]).decode() if main else answer.text

    # === THE CUSTOMER OF THE RESELLER === #

    def test_he_begins_at_what_is_resold_to_him(self):
        self._customer_of()
        self._login("end")
        page = self._get("")
        self.assertTrue(page.url.endswith("/my/voip/resold"), page.url)
        self.assertIn("Shop", page.text)
        menu = html.fromstring(page.text).xpath("//ul[@id='voip_pages']//a/@href")
        self.assertEqual(len(menu), 4)
        self.assertTrue(all(link.startswith("/my/voip/resold") for link in menu))

    def test_usage_calls_and_files_say_his_prices(self):
        self._customer_of()
        self._login("end")
        # 0.5168 and 0.05 of ours at 33.3333 %.
        call, other = Decimal("0.6890664944"), Decimal("0.06666665")
        for by in ("day", "service", "destination"):
            page = self._get(f"/resold?{self._days()}&by={by}")
            self.assertIn("0.76", self._text(page), by)
            file = self._get(f"/resold/usage/file?{self._days()}&by={by}")
            rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[1:]
            self.assertEqual(sum(Decimal(row[3]) for row in rows), call + other)
        self.assertEqual(self._by_hand(), call + other)
        page = self._text(self._get(f"/resold/calls?{self._days()}"))
        self.assertIn(f"{call}", page)
        self.assertIn(f"{other}", page)
        self.assertNotIn("49777", page)
        file = self._get(f"/resold/calls/file?{self._days()}&number=44")
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[1:]
        self.assertEqual([Decimal(row[7]) for row in rows], [call])
        wrong = self._get(f"/resold/calls?{SUB}&number=x")
        self.assertIn("digits only", wrong.text)

    def test_rates_are_marked_up_and_those_to_come_by_their_day(self):
        self._customer_of()
        later = self.today + timedelta(3)
        self._mark("100", later)
        self._login("end")
        page = self._text(self._get(f"/resold/rates?{SUB}"))
        for told in ("0.06666665", "0.027999993", "0.6666665", "1.5000"):
            self.assertIn(told, page)
        self.assertIn(f"day={later}", page)
        page = self._text(self._get(f"/resold/rates?{SUB}&day={later}"))
        for told in ("0.1000", "0.0420", "1.0000"):
            self.assertIn(told, page)
        asked = f"/resold/rates?{SUB}&number=441632960123&seconds=47"
        self.assertIn("0.6890664944", self._text(self._get(asked)))
        for day in ("x", str(self.today - timedelta(1))):
            page = self._get(f"/resold/rates?{SUB}&day={day}")
            self.assertIn('role="alert"', page.text)
        file = self._get(f"/resold/rates/file/csv?{SUB}&day={later}").content
        rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))
        self.assertIn("0.042", next(row for row in rows if row[0] == "44"))

    def test_days_before_it_was_his_are_not_his(self):
        self._customer_of()
        self.env.cr.execute(
            "UPDATE voip_account SET resale_since = %s WHERE id = %s",
            [self.today, self.sub.id],
        )
        self.env.invalidate_all()
        self._login("end")
        page = self._text(self._get(f"/resold/calls?{self._days()}"))
        self.assertNotIn("441632960123", page)
        past = self.today - timedelta(2)
        page = self._get(f"/resold?{SUB}&date_from={past}&date_to={past}")
        self.assertIn("choose later days", page.text)
        file = f"/resold/calls/file?{SUB}&date_from={past}&date_to={past}"
        with mute_logger("odoo.http"):
            self.assertEqual(self._get(file).status_code, 404)

    def _everywhere(self):
        """Each address under /my/voip and of the doors, with plain values in it."""
        for rule in self.env["ir.http"].routing_map().iter_rules():
            if rule.rule.startswith(("/my/voip", "/voip/api")):
                path = re.sub(r"<any\((\w+),?.*?>", r"\1", rule.rule)
                path = re.sub(r"<int:\w+>", "1", path)
                path = path.replace("<code>", "auto-1-1").replace("<ids>", "1")
                yield path
        yield "/my/voip/resold/rates/file/xlsx"
        yield from ("/my/home", "/my", "/my/invoices", "/my/account")

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule")
    def test_no_address_tells_our_price_the_margin_or_others(self):
        self._customer_of()
        self._login("end")
        codes = ("", "auto-1-1", "auto-1", "SECOND", "CANARY", "nothing")
        answered = set()
        for path in sorted(set(self._everywhere())):
            for code in codes:
                asked = f"account={code}" if code else ""
                if code == "auto-1-1":
                    asked = f"{self._days()}&number=44&search=4&sub=auto-1-1"
                if code == "auto-1":
                    asked += "&sub=auto-1-1&month=2026-12"
                self.env.flush_all()
                answer = self.url_open(f"{path}?{asked}")
                with self.subTest(path=path, account=code):
                    # His own pages repeat what he asked for; nothing else is there.
                    text = self._text(answer).replace(f"account={code}", "")
                    self.assertFalse(CANARIES.findall(text))
                    if code:
                        own = path in RESOLD and code == "auto-1-1"
                        self.assertEqual(answer.status_code == 200, own or "/my/voip"
                                         not in path and "api" not in path)  # fmt: skip
                if answer.status_code == 200 and code == "auto-1-1":
                    answered.add(path)
        self.assertLessEqual(RESOLD, answered)

    @mute_logger("odoo.http")
    def test_his_key_opens_no_door(self):
        user = self._customer_of()
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            .sudo()
            ._generate(
                "voip_portal.read", "x", self.env.cr.now() + timedelta(days=1)
            )
        )
        self.env.flush_all()
        for door in ("balance", "calls", "rates"):
            for code in ("", "auto-1-1", "auto-1"):
                answer = self.url_open(
                    f"/voip/api/v1/{door}",
                    params={"account": code, "number": "44163"},
                    headers={"Authorization": f"Bearer {key}"},
                    method="GET",
                )
                self.assertEqual(answer.status_code, 404, (door, code))

    @mute_logger("odoo.http")
    def test_others_do_not_find_it(self):
        """Nor does he, once it is taken back or the reseller may not resell."""
        user = self._customer_of()
        addresses = [path.removeprefix("/my/voip") for path in sorted(RESOLD)]
        for who in ("own", "stranger"):
            self._login(who)
            for path in addresses:
                self.assertEqual(self._get(f"{path}?{SUB}").status_code, 404)
        self._login("end")
        self.assertEqual(self._get(f"/resold?{SUB}").status_code, 200)
        self.account.may_resell = False
        self.assertEqual(self._get(f"/resold?{SUB}").status_code, 404)
        self.account.may_resell = True
        user.partner_id.parent_id = self.other
        self.assertEqual(self._get("/resold").status_code, 404)

    def test_pages_of_both_are_accessible(self):
        later = self._mark("5", self.today + timedelta(2)).date_from
        self._customer_of()
        pages = ["/subaccounts", "/resale", "/resale/sub?sub=auto-1-1"]
        self.assertAccessible(pages)
        rates = f"/resold/rates?number=4412&day={later}"
        pages = ["/resold", "/resold/calls", "/resold/events", "/resold/rates", rates]
        self.assertAccessible(pages, "auto-1-1", "portal_end")

    # === THE RESELLER === #

    def test_he_sees_our_price_his_own_and_the_margin(self):
        self.assertIn("/my/voip/resale?", self._get("/subaccounts?account=auto-1").text)
        month = self.today - timedelta(1)
        page = self._text(self._get(f"/resale?account=auto-1&month={month:%Y-%m}"))
        for told in ("0.57", "0.76", "0.19"):
            self.assertIn(told, page)
        page = self._text(self._get(ONE))
        for told in ("0.57", "0.76", "0.19", "33.3333"):
            self.assertIn(told, page)

    def test_the_file_that_he_sends_has_his_prices_alone(self):
        month = f"{self.today - timedelta(1):%Y-%m}"
        file = self._get(f"/resale/file?account=auto-1&sub=auto-1-1&month={month}")
        text = file.content.decode("utf-8-sig")
        self.assertFalse(CANARIES.findall(text))
        rows = list(csv.reader(io.StringIO(text)))[1:]
        self.assertEqual(sum(Decimal(row[5]) for row in rows), Decimal("0.7557331444"))

    def test_he_sets_and_withdraws_mark_ups(self):
        later = self.today + timedelta(2)
        form = {"do": "mark", "percent": "12.5", "day": str(later)}
        self.assertIn("Saved.", self._post(ONE, **form).text)
        self.env.invalidate_all()
        made = self.sub.resale_markup_ids.filtered(lambda m: m.date_from == later)
        self.assertEqual(made.percent, 12.5)
        service = str(self.deck.service_id.id)
        self.assertIn("Saved.", self._post(ONE, **form, service=service).text)
        for wrong, told in (
            ({"percent": "1001"}, "from -50 to 1000"),
            ({"percent": "-50.5"}, "from -50 to 1000"),
            ({"percent": "1,5"}, "from -50 to 1000"),
            ({"percent": "nan"}, "from -50 to 1000"),
            ({"percent": "0.00001"}, "from -50 to 1000"),
            ({"day": ""}, "which day"),
            ({"day": str(self.today - timedelta(1))}, "today or later"),
            ({"day": "x"}, "is no day"),
            ({"service": "0"}, "one of the services"),
            ({}, "choose another day"),
        ):
            with self.subTest(wrong):
                self.assertIn(told, self._post(ONE, **{**form, **wrong}).text)
        self.assertIn("Saved.", self._post(ONE, do="withdraw", markup=made.id).text)
        self.env.invalidate_all()
        self.assertFalse(made.exists())

    def test_he_gives_it_to_a_customer_invites_and_takes_it_back(self):
        told = self._post(ONE, do="give", name="End  GmbH ").text
        self.assertIn("Nobody is invited yet", told)
        self.env.invalidate_all()
        customer = self.sub.resale_partner_id
        self.assertEqual((customer.name, customer.is_company), ("End GmbH", True))
        self.assertEqual(customer.parent_id, self.partner)
        sent = self._post(ONE, do="give", name="x")
        self.assertIn("has a customer already", sent.text)
        mail = {"do": "invite", "name": "Eve", "email": "Eve@End.example"}
        self.assertIn("eve@end.example", self._post(ONE, **mail).text)
        self.assertIn("cannot be invited", self._post(ONE, **mail).text)
        self.assertIn("email address", self._post(ONE, **{**mail, "email": "x"}).text)
        user = self.env["res.users"].search([("login", "=", "eve@end.example")])
        self.assertEqual(user.partner_id.commercial_partner_id, customer)
        self.assertTrue(user.share)
        self.env.invalidate_all()
        self.assertEqual(self.sub._resale_contacts(), user.partner_id)
        with patch.object(voip_account, "CONTACTS", 1):
            more = {**mail, "email": "two@end.example"}
            self.assertIn("have access already", self._post(ONE, **more).text)
        # On the reseller's own list of contacts they are not.
        self.assertNotIn("eve@end", self._get("/contacts?account=auto-1").text)
        log = self.env["voip.audit"].search([("event", "=", "sub_account")])
        self.assertIn("eve@end.example", "".join(log.mapped("data")))
        self.assertIn("It is your own", self._post(ONE, do="end").text)
        self.env.invalidate_all()
        self.assertFalse(self.sub.resale_partner_id)

    def test_without_a_price_it_is_given_to_nobody(self):
        self.account._make_sub_account("Bare", "auto-1-2", 0, self.partner)
        bare = ONE.replace("auto-1-1", "auto-1-2")
        sent = self._post(bare, do="give", name="x")
        self.assertIn("for all services first", sent.text)
        sent = self._post(bare, do="invite", name="x", email="x@example.com")
        self.assertIn("whose this sub-account is", sent.text)

    @mute_logger("odoo.http")
    def test_another_resellers_sub_accounts_are_not_there(self):
        self.foreign.write({"sub_account_limit": 1, "may_resell": True})
        theirs = self.foreign._make_sub_account("Canary", "CANARY-1", 0, self.other)
        none = self.env["voip.service"]
        mark = self.foreign._set_markup(
            theirs, none, Decimal(5), theirs._resale_today(), self.other
        )
        for path in (
            "/resale?account=CANARY",
            "/resale?account=SECOND",
            "/resale/sub?account=auto-1&sub=CANARY-1",
            "/resale/sub?account=auto-1&sub=nothing",
            "/resale/file?account=auto-1&sub=CANARY-1",
            "/resale/file?account=CANARY&sub=CANARY-1",
            "/resale?account=auto-1-1",
        ):
            with self.subTest(path):
                self.assertEqual(self._get(path).status_code, 404)
        sent = self._post(ONE, do="withdraw", markup=mark.id)
        self.assertEqual(sent.status_code, 404)
        self.assertEqual(self._post(ONE, do="nonsense").status_code, 404)
        self.account.may_resell = False
        self.assertEqual(self._get(ONE).status_code, 404)
