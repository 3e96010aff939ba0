"""What is proposed, chosen, asked for and agreed on."""

from datetime import date
from unittest.mock import patch

from lxml import etree
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..netting.document import context_of
from .netting_common import NIGHT, NettingCommon

# What the form leaves to a list where notes stand beside it, on a screen of 1440.
FORM_WIDTH, CELL_PADDING, LIST_EDGES, SHORTEST = 884, 10, 43, 60


@tagged("post_install", "-at_install")
class TestNetting(NettingCommon):
    def setUp(self):
        super().setUp()
        self.account = self._account()
        self.invoice = self._invoice(100)
        self.bill = self._bill(60, ref="THEIR-7")
        self.netting = self._netting()

    def test_all_due_items_of_the_partner_are_proposed(self):
        contact = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.customer.id}
        )
        late = self._bill(5, partner=contact, invoice_date_due="2027-03-01")
        credit = self._invoice(-10, partner=contact)
        self._invoice(7, post=False)
        self._invoice(9, partner=self.other)
        self._pay(self._invoice(11))
        netting = self.netting
        netting.action_propose()
        found = {
            line.move_id: (line.side, line.amount, line.withheld)
            for line in netting.line_ids
        }
        self.assertEqual(
            found,
            {
                self.invoice: ("theirs", 100, False),
                self.bill: ("ours", 60, False),
                late: ("ours", 5, "not_due"),
                credit: ("ours", 10, False),
            },
        )
        netting.due_until = date(2027, 3, 1)
        self.assertFalse(self._line(netting, late).withheld)
        netting.due_until = False
        self.assertFalse(self._line(netting, late).withheld)
        netting.due_until = date(2026, 1, 1)
        self.assertEqual(set(netting.line_ids.mapped("withheld")), {"not_due"})

    def test_disputed_items_and_money_paid_in_advance_are_left_out(self):
        blocked = self._bill(30)
        blocked.action_toggle_block_payment()
        payment = self._loose(500)
        claimed = self._invoice(12)
        with patch.object(
            type(claimed),
            "_voip_withheld_reason",
            lambda move: move == claimed and "Never answered",
        ):
            self.netting.action_propose()
        self.assertEqual(self._line(self.netting, blocked).withheld, "disputed")
        line = self._line(self.netting, claimed)
        self.assertEqual((line.withheld, line.reason), ("disputed", "Never answered"))
        advance = self._line(self.netting, payment.move_id)
        self.assertEqual((advance.side, advance.withheld), ("ours", "advance"))
        line = self._line(self.netting, self.bill)
        line.write({"withheld": "disputed", "reason": "2,000 minutes too many"})
        self.netting.action_cancel()
        again = self._line(self._netting(), self.bill)
        self.assertEqual(again.withheld, "disputed")
        self.assertEqual(again.reason, "2,000 minutes too many")

    def test_what_becomes_disputed_is_not_asked_for(self):
        netting, line = self.netting, self._line(self.netting, self.bill)
        self.assertFalse(line.withheld)
        with self._disputed(self.bill):
            self.assertIn("became disputed (Too dear)", netting._obstacle())
            with self.assertRaisesRegex(UserError, "became disputed"):
                netting.action_request()
            netting.action_propose()
            self.assertEqual((line.withheld, line.reason), ("disputed", "Too dear"))
            self.assertFalse(line.is_live)
            line.withheld = False
            netting.action_propose()
            self.assertFalse(line.withheld, "who took it knew it")
            self.assertFalse(netting._obstacle())

    def _disputed(self, move):
        why = lambda one: one == move and "Too dear"  # noqa: E731
        return patch.object(type(move), "_voip_withheld_reason", why)

    def test_a_line_is_taken_up_to_what_is_open(self):
        line = self._line(self.netting, self.bill)
        line.amount = 25.5
        self.assertEqual(line.netted, 25.5)
        self.assertEqual(self._line(self.netting, self.invoice).netted, 25.5)
        for values, error in (
            ({"amount": 60.01}, IntegrityError),
            ({"amount": -1}, IntegrityError),
            ({"amount": float("nan")}, UserError),
            ({"amount": 0}, UserError),
            ({"withheld": "other"}, UserError),
            ({"residual": 1000}, AccessError),
            ({"side": "theirs"}, AccessError),
            ({"is_live": False}, AccessError),
        ):
            with self.subTest(values), mute_logger("odoo.sql_db"):
                with self.assertRaises(error), self.env.cr.savepoint():
                    line.write(values)
                    line.flush_recordset()
                line.invalidate_recordset(flush=False)
        self.assertEqual(line.amount, 25.5)

    def test_the_form_of_a_new_one_asks_for_nothing_yet(self):
        form = Form(self.env["voip.netting"].with_user(self.clerk))
        self.assertFalse(form.warning)
        form.partner_id = self.customer
        self.assertFalse(form.warning)
        netting = form.save()
        self.assertIn("Find Open Items", netting.warning)
        self.assertEqual(self.netting.netted_text, self.own.format(60))

    def test_no_column_of_the_items_lies_behind_a_scroll_bar(self):
        form = etree.fromstring(self.netting.get_view(view_type="form")["arch"])
        fields = form.findall(".//page[@name='items']//list/field")
        for hidden in ("parent.state != 'countered'", "parent.state == 'countered'"):
            widths = [
                int(field.get("width", f"{SHORTEST}px").removesuffix("px"))
                for field in fields
                if field.get("column_invisible") not in ("1", hidden)
                and field.get("optional") != "hide"
            ]
            wide = sum(widths) + CELL_PADDING * len(widths) + LIST_EDGES
            self.assertLessEqual(wide, FORM_WIDTH)

    def test_lines_are_edited_in_the_form(self):
        with Form(self.netting) as form:
            place = self.netting.line_ids.ids.index(
                self._line(self.netting, self.bill).id
            )
            with form.line_ids.edit(place) as line:
                line.amount = 25
                self.assertEqual(line.netted, 25)
            with form.rate_ids.new() as rate:
                rate.currency_id = self.eur
                rate.rate = "1.1"
                rate.other_currency_id = self.own
        self.assertEqual(self._line(self.netting, self.invoice).netted, 25)
        self.assertEqual(self.netting.rate_ids.rate, "1.1")

    def test_what_is_not_taken_of_an_item_is_shown(self):
        self._line(self.netting, self.bill).amount = 25.5
        (one,) = context_of(self.netting)["currencies"]
        (rest,) = one["left_out"]
        self.assertEqual((rest["why"], rest["open"]), ("part", "34.50"))
        self.assertEqual(one["ours"], "25.50")
        self.assertEqual(one["left"], "74.50")

    def test_choices_stay_when_items_are_looked_for_again(self):
        line = self._line(self.netting, self.invoice)
        line.amount = 40
        self._pay(self.invoice, amount=70)
        self._pay(self.bill, amount=10)
        self.netting.action_propose()
        self.assertEqual((line.residual, line.amount), (30, 30))
        other = self._line(self.netting, self.bill)
        self.assertEqual((other.residual, other.amount), (50, 50))
        self._pay(self.invoice)
        self.netting.action_propose()
        self.assertEqual(self.netting.line_ids, other)

    def test_an_item_is_in_one_open_netting(self):
        other = self._netting()
        self.assertFalse(other.line_ids)
        self._line(self.netting, self.bill).withheld = "disputed"
        other.action_propose()
        self.assertEqual(other.line_ids.move_id, self.bill)
        with self.assertRefused(UserError, f"is in {other.name} already"):
            other.line_ids.write({"withheld": False})
            self._line(self.netting, self.bill).withheld = False
        other.action_cancel()
        self._line(self.netting, self.bill).withheld = False

    def test_nothing_is_asked_for_below_the_least_amount(self):
        partner = self.customer.with_company(self.company)
        for own, companys, refused in (
            (0, 60, False), (0, 60.01, True), (60.01, 0, True), (60, 1000, False),
        ):  # fmt: skip
            with self.subTest(own=own, company=companys):
                partner.voip_netting_threshold = own
                self.company.voip_netting_threshold = companys
                self.env.invalidate_all()
                self.assertEqual(bool(self.netting.warning), refused)
                if refused:
                    with self.assertRefused(UserError, "least amount"):
                        self.netting.action_request()
        for wrong in (-0.01, 1e16):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                partner.voip_netting_threshold = wrong
        self._ask(self.netting)
        self.assertEqual(self.netting.state, "requested")

    def test_nothing_is_asked_for_where_one_side_has_nothing(self):
        self._line(self.netting, self.bill).withheld = "disputed"
        with self.assertRefused(UserError, "Nothing is netted"):
            self.netting.action_request()

    def test_items_are_fixed_once_the_partner_was_asked(self):
        self._ask(self.netting)
        line = self._line(self.netting, self.bill)
        for attempt in (
            lambda: line.write({"amount": 1}),
            lambda: self.netting.write({"due_until": NIGHT}),
            lambda: self.netting.write({"partner_id": self.other.id}),
            lambda: self.netting.write(
                {"line_ids": [Command.update(line.id, {"amount": 1})]}
            ),
            lambda: self._rate(self.netting, self.eur, "1.1", self.own),
            lambda: self.netting.action_propose(),
            lambda: self.netting.action_approve(),
            lambda: self.netting.unlink(),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
        self.netting.action_draft()
        with self.assertRefused(UserError, "is kept"):
            self.netting.unlink()
        line.amount = 1
        self.assertEqual(self.netting.state, "draft")

    def test_what_changed_before_it_is_asked_for_is_named(self):
        self._pay(self.bill, amount=1)
        with self.assertRefused(UserError, "THEIR-7"):
            self.netting.action_request()
        self.netting.action_propose()
        self._ask(self.netting)

    def test_an_agreement_is_recorded_and_approved_by_another_one(self):
        self._agree(self.netting, "mail")
        self.assertEqual(
            (self.netting.agreed_how, self.netting.agreed_name, self.netting.state),
            ("mail", "Ann Signer", "agreed"),
        )
        notes = "".join(self.netting.message_ids.mapped("body"))
        self.assertIn("Agreed by Ann Signer (Mail)", notes)
        self.assertEqual(self.netting.agreed_by_id, self.clerk)
        with self.assertRefused(AccessError, "approver"):
            self.netting.action_approve()
        self.netting.sudo().agreed_by_id = self.approver
        with self.assertRefused(UserError, "another user"):
            self.netting.with_user(self.approver).action_approve()
        self.netting.sudo().agreed_by_id = self.clerk
        tracked = self.netting.with_context(mail_notrack=False, tracking_disable=False)
        tracked.with_user(self.approver).action_approve()
        self.env.cr.flush()
        self.env.invalidate_all()
        states = self.netting.message_ids.sudo().tracking_value_ids.sorted("id")
        told = [(each.new_value_char, each.create_uid) for each in states]
        self.assertEqual(told[-1], ("Posted", self.approver))
        events = self.env["voip.audit"].search(
            [("res_model", "=", "voip.netting"), ("res_id", "=", self.netting.id)],
            order="seq",
        )
        self.assertEqual(
            events.mapped("event"),
            ["netting_requested", "netting_agreed", "netting_posted"],
        )

    def test_who_has_no_business_with_it_reaches_nothing(self):
        people = [self._colleague(role) for role in ("viewer", "auditor", "switch")]
        people.append(new_test_user(self.env, "netting_portal", "base.group_portal"))
        for user in people:
            for record in (self.netting, self.netting.line_ids[:1]):
                with self.subTest(user.login, model=record._name):
                    other = record.with_user(user)
                    self.assertFalse(other.has_access("read"))
                    with self.assertRaises(AccessError):
                        other.search([])
            with self.assertRaises(AccessError):
                self.netting.with_user(user).action_request()

    def test_its_files_are_read_by_whoever_may_read_it(self):
        """Others who see documents would read there what we owe."""
        self.netting.action_make_documents()
        files = self.env["voip.document"].search([("kind", "=", "netting")])
        self.assertEqual(len(files), 3)
        for role, count in (("viewer", 0), ("auditor", 0), ("user", 3), ("admin", 3)):
            reader = self.clerk if role == "user" else self._colleague(role)
            with self.subTest(role=role):
                found = files.with_user(reader)
                self.assertEqual(len(found.search([("id", "in", files.ids)])), count)
                self.assertEqual(found.has_access("read"), bool(count))

    def test_a_draft_is_deleted_by_whoever_makes_drafts(self):
        self._rate(self.netting, self.eur, "1.1", self.own)
        lines = self.netting.line_ids
        self.netting.unlink()
        self.assertFalse(lines.exists())
        self.assertEqual(len(self._netting().line_ids), 2)

    def test_numbers_are_counted_in_each_company(self):
        self.assertRegex(self.netting.name, r"^NET/\d{4}/0001$")
        stranger = self._colleague("user", self.there)
        theirs = self.env["voip.netting"].with_user(stranger)
        theirs = theirs.with_context(allowed_company_ids=self.there.ids)
        partner = self.env["res.partner"].create({"name": "There"})
        self.assertEqual(
            theirs.create({"partner_id": partner.id}).name, self.netting.name
        )
        self.assertFalse(theirs.search([("id", "=", self.netting.id)]))
        with self.assertRaises(AccessError):
            self.netting.with_user(stranger).action_request()

    def test_items_of_another_company_are_not_proposed(self):
        before = self.netting.line_ids.move_line_id
        self._elsewhere("out_invoice", 5)
        self._elsewhere("in_invoice", 5)
        self.netting.action_propose()
        self.assertEqual(self.netting.line_ids.move_line_id, before)

    def test_the_request_is_plain_data(self):
        self._rate(self.netting, self.eur, "1.083700", self.own)
        self.customer.name = "A %s & <b>Co</b>"
        data = context_of(self.netting, link="https://x/y")
        self.assertEqual((data["kind"], data["version"]), ("netting", 1))
        (one,) = data["currencies"]
        self.assertEqual(
            [(i["number"], i["theirs"], i["ours"], i["netted"]) for i in one["items"]],
            [
                (self.invoice.name, "100.00", "", "60.00"),
                ("THEIR-7", "", "60.00", "60.00"),
            ],
        )
        self.assertEqual((one["left"], one["left_side"]), ("40.00", "theirs"))
        self.assertIn("A %s & <b>Co</b> owes", one["left_sentence"])
        self.assertEqual(data["rates"][0]["rate"], "1.083700")
        result = self.netting.result
        self.assertIn("40.00", result)
        self.assertNotIn("<b>Co", result)

    def test_a_rate_is_an_exact_text(self):
        for text, known in (
            ("1.0837", True), (" 2 ", True), ("0.000000000001", True),
            ("0", False), ("0.0", False), ("-1", False), ("1,5", False),
            ("1e3", False), ("nan", False), ("", False), ("1.", False),
            ("1.0000000000001", False), ("٣", False), ("1\n", True),
        ):  # fmt: skip
            with self.subTest(text), mute_logger("odoo.sql_db"):
                self.netting.rate_ids.unlink()
                if known:
                    self._rate(self.netting, self.eur, text, self.own)
                    self.assertEqual(self.netting.rate_ids.rate, text.strip())
                    continue
                with self.assertRaises(IntegrityError):
                    with self.env.cr.savepoint():
                        self._rate(self.netting, self.eur, text, self.own)
                self.env.invalidate_all(flush=False)
