"""A notice by mail becomes a waiting import of its supplier's deck."""

from email.utils import parseaddr
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import html2plaintext

from odoo.addons.voip_billing_base.tests.mails import receive, receive_domain

from .import_common import ImportCommon, sheet, workbook


@tagged("post_install", "-at_install")
class TestRateSheetMail(ImportCommon):
    sender = "Rates <rates@arctic.example>"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        receive_domain(cls.env)
        cls.carrier = cls.env["res.partner"].create(
            {"name": "Arctic", "email": "rates@arctic.example"}
        )
        cls.deck = cls._create_deck(
            [{"prefix": "44", "price_per_minute": "0.01"}],
            side="supplier",
            partner_id=cls.carrier.id,
        )
        cls.deck.mail_name = "rates-arctic"
        cls.manager = new_test_user(
            cls.env, "mail_manager", "voip_billing_base.group_voip_manager"
        )

    def _mail(self, *files, to="rates-arctic@voip.example", **headers):
        sender = headers.pop("sender", self.sender)
        number = headers.pop("number", f"<{next(self._codes)}@arctic>")
        before = self._imports()
        receive(self.env, to, sender, number, files, **headers)
        return self._imports() - before

    def _imports(self):
        return self.env["voip.rate.import"].search([("deck_id", "=", self.deck.id)])

    def test_a_sheet_by_mail_waits_for_its_preview(self):
        data = sheet("44;UK;0.012;")
        found = self._mail(("rates.csv", data))
        self.assertRecordValues(
            found,
            [
                {
                    "state": "draft",
                    "file_name": "rates.csv",
                    "company_id": self.env.company.id,
                    "message": False,
                }
            ],
        )
        self.assertIn("rates@arctic.example", found.sender)
        self.assertEqual(found.activity_ids.user_id & self.manager, self.manager)
        self.assertIn("Price change", found.message_ids.mapped("subject"))
        self.assertEqual(len(self._table()), 1, "nothing is applied by itself")
        found.with_user(self.manager).action_preview()
        found.with_user(self.manager).action_apply()
        self.assertEqual(len(self._table()), 2)

    def test_each_sheet_of_a_mail_is_an_import(self):
        found = self._mail(
            ("terms.pdf", b"%PDF"),
            ("new.xlsx", workbook(["Code", "Price per minute"], ["44", 0.02])),
            ("old.csv", sheet("44;UK;0.01;")),
        )
        self.assertEqual(sorted(found.mapped("file_name")), ["new.xlsx", "old.csv"])
        self.assertEqual(len(found.filtered("column_ids")), 2)
        for one in found:
            (mail,) = one.message_ids.filtered("subject")
            self.assertEqual(mail.subject, "Price change")
            self.assertIn("see the attached file", html2plaintext(mail.body))
            self.assertIn("rates@arctic.example", mail.email_from)

    def test_the_text_of_a_mail_is_harmless_with_each_of_its_sheets(self):
        two = ("a.csv", sheet("44;;0.02;")), ("b.csv", sheet("44;;0.03;"))
        text = "<p onclick='x()'>Hello<script>alert(1)</script></p>"
        found = self._mail(*two, html=text)
        self.assertEqual(len(found), 2)
        for one in found:
            (mail,) = one.message_ids.filtered("subject")
            self.assertIn("Hello", mail.body)
            self.assertNotIn("onclick", mail.body)
            self.assertNotIn("<script", mail.body)

    def test_a_mail_whose_sheet_cannot_be_read_is_kept_and_says_why(self):
        for files, words in (
            ([("rates.xlsx", b"no workbook")], "No row names columns"),
            ([("rates.xlsx", b"PK\x03\x04 broken")], "cannot be read"),
            ([("rates.csv", b"\0\0")], "cannot be read"),
            ([("rates.xlsx", b"%PDF-1.7 x")], "this is a PDF, whatever its name says"),
            ([("rates.csv", b"\xef\xbb\xbf<!DOCTYPE html><p>")], "a web page"),
            ([("terms.pdf", b"%PDF")], "has no sheet"),
            ([], "has no sheet"),
        ):
            with self.subTest(files=files):
                found = self._mail(*files)
                self.assertEqual(len(found), 1)
                self.assertRegex(found.message or found.question or "", words)
                activity = self._open_activities()
                self.assertEqual(len(activity), 1)
                self.assertIn(self.deck.display_name, activity.note)

    def _open_activities(self):
        kind = self.env.ref("voip_rating.mail_activity_sheet")
        return self.env["mail.activity"].search(
            [
                ("activity_type_id", "=", kind.id),
                ("res_id", "in", self._imports().ids),
                ("user_id", "=", self.manager.id),
            ]
        )

    def test_what_a_sender_is_called_is_text_in_the_activity(self):
        address = parseaddr(self.sender)[1]
        for number in range(2):
            self._mail(
                ("rates.csv", sheet(f"44;UK;0.01{number};")),
                sender=f'"<img src=x> & <b>Bob" <{address}>',
            )
            note = self._open_activities().note
            self.assertNotIn("<img", note)
            self.assertNotIn("<b>", note)
            self.assertIn("<img src=x> & <b>Bob", html2plaintext(note))

    def test_many_mails_of_a_day_are_one_activity_that_counts_them(self):
        for number in range(3):
            self._mail(("rates.csv", sheet(f"44;UK;0.01{number};")))
        activity = self._open_activities()
        self.assertEqual(len(activity), 1)
        self.assertIn("3 mails of today", activity.note)
        self.assertIn(self.deck.display_name, activity.note)
        with freeze_time("2026-03-11 08:00"):
            self._mail(("rates.csv", sheet("44;UK;0.02;")))
        self.assertEqual(len(self._open_activities()), 2)

    def test_so_many_sheets_wait_and_no_more(self):
        mails = self.env["mail.mail"].search([])
        with patch.object(type(self.env["voip.rate.import"]), "_mailed_limit", 3):
            many = [(f"{n}.csv", sheet(f"44;UK;0.0{n};")) for n in range(1, 6)]
            taken = self._mail(*many)
            self.assertEqual(len(taken), 3)
            kept = taken.message_ids.attachment_ids.mapped("name")
            self.assertEqual(sorted(kept), ["1.csv", "2.csv", "3.csv"])
            for _number in range(3):
                self.assertFalse(self._mail(("more.csv", sheet("44;UK;0.1;"))))
            self.assertEqual(len(self._imports()), 3)
            told = self._imports().filtered("message")
            self.assertIn("further ones by mail are not taken", told[0].message)
            answers = self.env["mail.mail"].search([]) - mails
            to = answers.filtered(lambda mail: "Not taken" in (mail.subject or ""))
            self.assertEqual(len(to), 1)
            self.assertIn("rates@arctic.example", to.email_to)
            told.unlink()
            self.assertEqual(len(self._mail(("more.csv", sheet("44;UK;0.1;")))), 1)

    def test_as_many_sheets_as_may_wait_are_taken_and_nothing_is_said(self):
        with patch.object(type(self.env["voip.rate.import"]), "_mailed_limit", 3):
            many = [(f"{n}.csv", sheet(f"44;UK;0.0{n};")) for n in range(1, 4)]
            taken = self._mail(*many)
        self.assertEqual(len(taken), 3)
        self.assertFalse(taken.filtered("message"))

    def test_an_answer_with_a_sheet_is_another_import(self):
        found = self._mail(("rates.csv", sheet("44;UK;0.012;")), number="<one@arctic>")
        data = sheet("44;UK;0.013;")
        again = self._mail(("mended.csv", data), In_Reply_To="<one@arctic>")
        self.assertEqual(again.file_name, "mended.csv")
        self.assertEqual(found.file_name, "rates.csv")

    def test_the_same_mail_twice_is_one_and_the_same_file_is_told(self):
        data = sheet("44;UK;0.012;")
        first = self._mail(("rates.csv", data), number="<twice@arctic>")
        self.assertFalse(self._mail(("rates.csv", data), number="<twice@arctic>"))
        self.assertFalse(first.same_text)
        again = self._mail(("rates (2).csv", data))
        self.assertRegex(again.same_text, "brought before: rates.csv, Draft")

    def test_an_absence_makes_no_draft_and_a_circular_with_a_sheet_does(self):
        data = sheet("44;UK;0.012;")
        for headers in (
            {"Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-replied (vacation); owner-email=x@arctic.example"},
            {"Auto_Submitted": "auto-generated"},
            {"Precedence": "auto_reply"},
            {"Precedence": "Bulk"},
            {"X_Autoreply": "yes"},
        ):
            with self.subTest(headers=headers):
                self.assertFalse(self._mail(("terms.pdf", b"%PDF"), **headers))
                self.assertFalse(self._open_activities())
                self.assertEqual(len(self._mail(("r.csv", data), **headers)), 1)
                self._imports().unlink()
        self.assertEqual(len(self._mail(Auto_Submitted="no")), 1)

    def test_an_absence_that_answers_an_import_is_a_note_of_it(self):
        found = self._mail(("rates.csv", sheet("44;UK;0.012;")), number="<one@arctic>")
        told = self._open_activities().note
        answer = {"In_Reply_To": "<one@arctic>", "Auto_Submitted": "auto-replied"}
        self.assertFalse(self._mail(**answer, subject="Out of office"))
        self.assertIn("Out of office", found.message_ids.mapped("subject"))
        self.assertFalse(found.message)
        self.assertEqual(self._open_activities().note, told)

    def test_only_known_senders_where_that_is_chosen(self):
        self.deck.mail_senders = "partners"
        data = sheet("44;UK;0.012;")
        self.assertEqual(len(self._mail(("rates.csv", data))), 1)
        self.assertFalse(self._mail(("r.csv", data), sender="x@thief.example"))

    def test_who_may_name_the_address_and_what_is_refused(self):
        deck = self.deck.with_user(self.manager)
        self.assertEqual(deck.mail_address, "rates-arctic@voip.example")
        deck.mail_name = "Rates Arctic 2"
        self.assertEqual(deck.mail_address, "rates-arctic-2@voip.example")
        other = self._create_deck(side="supplier")
        with self.assertRaisesRegex(UserError, "is taken already"):
            other.mail_name = "rates-arctic-2"
        with self.assertRaisesRegex(UserError, "only a supplier's deck"):
            self._create_deck().mail_name = "sales"
        viewer = new_test_user(
            self.env, "mail_viewer", "voip_billing_base.group_voip_viewer"
        )
        with self.assertRaises(AccessError):
            self.deck.with_user(viewer).mail_name = "mine"
        deck.mail_name = False
        self.assertFalse(deck.mail_address)
        with self.assertRaisesRegex(ValueError, "No possible route"):
            self._mail(to="rates-arctic-2@voip.example")

    def test_mail_is_handed_in_by_the_gateway_only(self):
        imports = self.env["voip.rate.import"].with_user(self.manager)
        with self.assertRaises(AccessError):
            imports.message_new({"email_from": "x"}, {"deck_id": self.deck.id})
        found = self._mail(("rates.csv", sheet("44;UK;0.012;")))
        with self.assertRaises(AccessError):
            found.with_user(self.manager).message_update({"email_from": "x"})

    def test_an_answer_of_a_stranger_brings_no_sheet_where_contacts_alone_do(self):
        data = sheet("44;UK;0.012;")
        self._mail(("rates.csv", data), number="<first@arctic>")
        answer = {
            "to": "catchall@voip.example",
            "References": "<first@arctic>",
            "In_Reply_To": "<first@arctic>",
        }
        self.deck.mail_senders = "partners"
        stranger = {**answer, "sender": "evil@stranger.example"}
        self.assertFalse(self._mail(("evil.csv", data), **stranger))
        self.assertEqual(len(self._mail(("more.csv", data), **answer)), 1)

    def test_an_address_is_not_shown_to_users_of_other_companies(self):
        company = self.env["res.company"].create({"name": "Other"})
        theirs = {"company_id": company.id, "company_ids": [(6, 0, company.ids)]}
        other = new_test_user(self.env, "alias_other", "base.group_system", **theirs)
        partners = self.env["ir.model"]._get_id("res.partner")
        plain = {"alias_name": "plain", "alias_model_id": partners}
        self.env["mail.alias"].sudo().create(plain)
        names = ["plain", "rates-arctic"]
        for user, seen in ((self.manager, names), (other, ["plain"])):
            aliases = self.env["mail.alias"].with_user(user)
            found = aliases.search([("alias_name", "in", names)])
            self.assertEqual(sorted(found.mapped("alias_name")), seen)
        with self.assertRaises(AccessError):
            self.deck.sudo().mail_alias_id.with_user(other).read(["alias_name"])

    def test_who_follows_a_sheet_is_not_told_to_other_companies(self):
        sheet_by_mail = self._mail(("rates.csv", sheet("44;UK;0.012;")))
        sheet_by_mail.message_subscribe(self.carrier.ids)
        company = self.env["res.company"].create({"name": "Other"})
        other = new_test_user(
            self.env,
            "mail_other",
            "voip_billing_base.group_voip_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        with self.assertRaises(AccessError):
            sheet_by_mail.with_user(other).message_get_followers()
        self.assertIn(
            "Arctic", str(sheet_by_mail.with_user(self.manager).message_get_followers())
        )
