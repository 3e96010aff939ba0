"""A customer has numbers, orders one, and gives it back, for prices he saw first."""

import re

from lxml import html

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_portal.tests.test_axe import AxeCommon

from ..models.voip_did import tried
from .numbers_common import PortalNumbersCommon

ORDER = "/numbers/order?account=auto-1&number=4930555001"
RELEASE = "/numbers/release?account=auto-1&number=4930555001"


@tagged("post_install", "-at_install")
class TestPortalNumbers(AxeCommon, PortalNumbersCommon):
    def setUp(self):
        super().setUp()
        self._login()

    def _order(self, **more):
        page = self._get(ORDER).text
        seen = re.search(r'name="seen" value="([^"]+)"', page)
        return self._post(ORDER, seen=seen[1] if seen else "", **more)

    def test_free_numbers_are_those_that_staff_offers(self):
        self._did("4930555002", is_withheld=True)
        self._did("33155500003", country_id=self.env.ref("base.fr").id)
        page = self._get("/numbers/free?account=auto-1").text
        self.assertIn("+4930555001", page)
        self.assertIn("2.00 USD", page)
        self.assertIn("3.50 USD", page)
        self.assertNotIn("4930555002", page, "kept back by staff")
        self.assertNotIn("33155500003", page, "a number without a price")
        # The page's head has a token that changes, with any digits.
        shown = page.split("<main>")[1]
        self.assertIn("+4930555001", shown)
        for hidden in ("777", "Canary"):
            self.assertNotIn(hidden, shown)
        found = "/numbers/free?account=auto-1&country=DE&kind=local&pattern="
        self.assertIn("4930555001", self._get(f"{found}*5001").text)
        self.assertIn("No free number", self._get(f"{found}*9999").text)
        wrong = self._get("/numbers/free?account=auto-1&country=XX").text
        self.assertIn("is not known", wrong)
        self.plan.is_offered = False
        page = self._get("/numbers/free?account=auto-1").text
        self.assertIn("cannot be ordered here", page)
        self.assertNotIn("4930555001", page)

    def test_on_a_narrow_screen_the_way_to_give_back_is_in_sight(self):
        self._topup(self.account, 100)
        self._order()
        page = html.fromstring(self._get("/numbers?account=auto-1").text)
        wide = "d-none d-md-table-cell"
        for cell in ("th", "td"):
            cells = page.xpath(f"//main//table//tr[{cell}]/{cell}")
            shown = [wide not in one.get("class", "") for one in cells]
            # Number, kind, a month, since, state, what to do.
            self.assertEqual(shown, [True, False, True, False, True, True], cell)

    def test_an_order_is_paid_at_once_by_the_balance(self):
        self._topup(self.account, 100)
        page = self._get(ORDER).text
        for words in ("Charged at once", "2.00", "3.50"):
            self.assertIn(words, page)
        self.assertFalse(self._of(self.free), "looked at, not ordered")
        self.assertIn("The number is yours", self._order().text)
        one = self._of(self.free)
        self.assertRecordValues(
            one, [{"account_id": self.account.id, "plan_id": self.plan.id}]
        )
        self.account.invalidate_recordset()
        # 5.50, and 15 % of taxes.
        self.assertAlmostEqual(self.account.available, 93.675, 6)
        self.assertIn("+4930555001", self._get("/numbers?account=auto-1").text)
        # Sent twice it is one order.
        self.assertIn("The number is yours", self._post(ORDER, seen="x").text)
        self.assertEqual(self._of(self.free), one)

    def test_an_order_that_the_balance_does_not_pay_changes_nothing(self):
        self._topup(self.account, 5)
        page = self._get(ORDER).text
        self.assertIn("top up first", page)
        self.assertNotIn("Order at these prices", page)
        self.assertIn("top up first", self._post(ORDER, seen="2|3.5").text)
        self.account.mode = "postpaid"
        self.account.credit_limit = 0.4
        self.assertIn("top up first", self._post(ORDER, seen="2|3.5").text)
        self.assertFalse(self._of(self.free))
        self.assertEqual(self.free.state, "free")

    def test_a_price_that_changed_meanwhile_is_shown_again(self):
        self._topup(self.account, 100)
        page = self._post(ORDER, seen="1|1").text
        self.assertIn("price has changed", page)
        self.assertFalse(self._of(self.free))

    def test_what_is_not_offered_cannot_be_ordered(self):
        self._topup(self.account, 100)
        self.free.is_withheld = True
        self.assertIn("cannot be ordered", self._order().text)
        self.free.is_withheld = False
        self.account._set_state("suspended", "Late")
        self.assertIn("while the account is active", self._get(ORDER).text)
        self.assertFalse(self._of(self.free))

    def test_who_does_not_pay_orders_nothing(self):
        self._topup(self.foreign, 4321)
        self.account.sudo().write(
            {"parent_id": self.foreign.id, "pay_by_parent": True}
        )
        page = self._get("/numbers/free?account=auto-1").text
        self.assertIn("Another customer pays", page)
        self.assertIn("cannot be ordered", self._post(ORDER, seen="2|3.5").text)
        self.assertFalse(self._of(self.free))

    def test_giving_back_tells_the_day_and_what_it_comes_to(self):
        self._topup(self.account, 100)
        self.plan.prorate = "day"
        self._order()
        one = self._of(self.free)
        self.account.invalidate_recordset()
        before = self.account.available
        page = self._get(RELEASE).text
        credit = tried(one, lambda them: them._portal_release(them._today()))
        if credit:
            self.assertIn("is given back, plus its taxes", page)
        self.assertFalse(one.date_end, "looked at, not given back")
        self.assertIn("today or later", self._post(
            RELEASE, last="2026-01-01", sure="1").text)  # fmt: skip
        self.assertIn("is no day", self._get(f"{RELEASE}&last=x").text)
        page = self._post(RELEASE, last=str(one._today()), sure="1").text
        self.assertIn("is given back", page)
        one.invalidate_recordset()
        self.assertEqual(one.date_end, one._today())
        self.account.invalidate_recordset()
        # The wallet paid the tax of 15 % too.
        given = float(credit.get("USD", 0)) * 1.15
        self.assertAlmostEqual(self.account.available, before + given, 2)
        self.assertIn("set already", self._get(RELEASE).text)

    def test_what_is_not_his_is_not_there(self):
        taken = self._did("4930555009")
        self.env["voip.did.assignment"].create(
            {
                "did_id": taken.id,
                "account_id": self.foreign.id,
                "plan_id": self.plan.id,
                "date_start": self.env.cr.now().date(),
            }
        )
        for page in ("", "/free", "/order", "/release", "/ports", "/port"):
            answer = self._get(f"/numbers{page}?account=CANARY")
            self.assertEqual(answer.status_code, 404, page)
        self.assertNotIn("555009", self._get("/numbers?account=auto-1").text)
        for number in ("4930555009", "4930555001", "1", "", "'", "%00"):
            for page in ("release", "port"):
                path = f"/numbers/{page}?account=auto-1&number={number}"
                self.assertEqual(self._get(path).status_code, 404, path)
            path = f"/numbers/order?account=SECOND&number={number}"
            if number != "4930555001":
                self.assertIn("cannot be ordered", self._get(path).text)
        self._login("stranger")
        page = self._get("/numbers?account=CANARY").text
        self.assertIn("+4930555009", page)
        self.assertNotIn("777", page.split("<main>")[1])

    def test_a_reader_changes_nothing(self):
        self._topup(self.account, 100)
        self.account.right_ids = [
            (0, 0, {"partner_id": self.user.partner_id.id, "right": "reader"})
        ]
        page = self._get(ORDER).text
        self.assertNotIn("Order at these prices", page)
        self.assertIn("You may look at this", self._post(ORDER, seen="2|3.5").text)
        self.assertFalse(self._of(self.free))
        self.account.right_ids.right = "billing"
        self._order()
        one = self._of(self.free)
        self.assertTrue(one)
        page = self._post(RELEASE, last=str(one._today()), sure="1").text
        self.assertIn("You may look at this", page)
        self.assertFalse(one.date_end)

    @mute_logger("odoo.http")
    def test_a_form_of_another_site_changes_nothing(self):
        self._topup(self.account, 100)
        for path in (ORDER, RELEASE):
            answer = self._get(path, data={"seen": "2|3.5", "sure": "1"})
            self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._of(self.free))

    def test_the_pages_are_accessible(self):
        self._topup(self.account, 100)
        self._order()
        self._did("4930555002")
        self.assertAccessible(
            ["/numbers", "/numbers/free", "/numbers/order?number=4930555002",
             "/numbers/release?number=4930555001", "/numbers/ports"],
        )  # fmt: skip

    def test_every_route_is_tried(self):
        tried = {"", "/free", "/order", "/release", "/ports", "/port"}
        pages = {f"/my/voip/numbers{page}" for page in {*tried, "/page/<int:page>"}}
        self.assertEqual(self._routes("voip_portal_did")[0], pages)
        self.authenticate(None, None)
        for page in tried:
            answer = self._get(f"/numbers{page}", allow_redirects=False)
            self.assertEqual(answer.status_code, 303)
