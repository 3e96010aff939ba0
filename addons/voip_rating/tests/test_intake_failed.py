"""Files of watched folders that are not taken: seen, settled, taken again."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import html2plaintext, mute_logger

from .test_intake_folder import LOG, FolderCase
from .test_intake_plain import changed, workbook

FORMULA = changed(
    workbook([["call_id", "called", "start"], ["a", "=1+1", "x"]]),
    lambda text: text.replace(b"<v>0</v>", b""),
)
# What nobody can read, and what is said of it.
KINDS = {
    "empty.csv": (" \n", "it is empty"),
    "formula.xlsx": (FORMULA, "formula"),
    "bad.xlsx": (b"PK\x03\x04x", "no XLSX workbook"),
    "header.csv": ("a,b\n1,2\n", "choose the Format of the switch that wrote it"),
    "answer.json": ('{"calls": [{"sid": "CA1"}]}', "choose the Format"),
    "scan.pdf": (b"%PDF-1.7\n\x00\x01\x02", "it is a PDF"),
    "image.png": (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 8, "no CSV or other text"),
    "excel.csv": ("call_id,called".encode("utf-16"), "it is UTF-16 text"),
    "latin.csv": (b"call_id,called,st\xe4rt\n", "is not UTF-8"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x", "workbook of the old format"),
}


class FailedCase(FolderCase):
    def setUp(self):
        super().setUp()
        self.folder = self.env["voip.intake.folder"].create(
            {"name": "F", "switch_id": self.switch.id}
        )
        self.path = self.folder.place
        self.manager = new_test_user(
            self.env, "failed_m", groups="voip_billing_base.group_voip_manager"
        )

    def _told(self):
        self.env.invalidate_all()
        return self.folder.activity_ids.filtered(lambda a: a.user_id == self.manager)

    def _batches(self):
        return self.env["voip.cdr.batch"].search([("switch_id", "=", self.switch.id)])


@tagged("post_install", "-at_install")
class TestFailedFiles(FailedCase):
    @mute_logger(LOG)
    def test_a_file_that_cannot_be_read_makes_no_batch_and_is_told(self):
        for number, (name, (text, said)) in enumerate(KINDS.items(), 1):
            with self.subTest(name):
                self._drop(name, text)
                self._look()
                file = self.folder.file_ids[0]
                self.assertEqual((file.state, file.is_moved), ("failed", True))
                self.assertIn(said, file.message)
                self.assertFalse(file.batch_id)
                self.assertEqual(self.folder.failed_count, number)
                self.assertEqual(self.folder.failed_message, file.message)
                self.assertEqual(len(self._told()), 1)
                action = self.folder.action_view_failed()
                self.assertEqual(action["context"], {"search_default_failed": 1})
        self.assertFalse(self._batches(), "none of them stops a billing run")
        self.assertEqual(self.folder.state, "watching")

    @mute_logger(LOG)
    def test_what_a_file_is_called_is_text_in_the_activity(self):
        names = ("<img src=x onerror=alert(1)>.csv", "<b>&lt;i>.csv")
        for name in names:
            self._drop(name, "x")
            self._look()
            note = self._told().note
            self.assertNotIn("<img", note)
            self.assertNotIn("<b>", note)
            self.assertIn(name, html2plaintext(note))

    @mute_logger(LOG)
    def test_a_format_that_cannot_be_used_fails_the_file_and_no_batch(self):
        own = self.env.ref("voip_rating.format_telnyx").copy({"code": "own"})
        self.folder.format_id = own
        self._drop("a.csv", self._text("a1"))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_cdr_format SET answered = 'values' WHERE id = %s", [own.id]
        )
        self.env.invalidate_all()
        self._look()
        self.assertEqual(self.folder.file_ids.state, "failed")
        self.assertIn("say which field tells", self.folder.file_ids.message)
        self.assertFalse(self._batches())

    @mute_logger(LOG)
    def test_the_activity_stays_until_every_failed_file_is_settled(self):
        user = new_test_user(
            self.env, "failed_u", groups="voip_billing_base.group_voip_user"
        )
        for name in ("a.csv", "b.csv"):
            self._drop(name, "x")
        self._look(3)
        self.assertEqual(self.folder.failed_count, 2)
        first, last = self.folder.file_ids
        first.with_user(user).action_settle()
        self.assertTrue(self._told())
        self.assertIn(f"{last.name}:", self._told().note)
        self._look()
        self.assertEqual((self.folder.failed_count, bool(self._told())), (1, True))
        last.with_user(user).action_settle()
        self.assertEqual((self.folder.failed_count, bool(self._told())), (0, False))
        self.assertEqual(self.folder.file_ids.settled_by_id, user)
        self.assertFalse(self.folder.failed_message)
        self._look()
        self.assertFalse(self._told())

    @mute_logger(LOG)
    def test_a_mended_file_of_the_same_name_settles_the_one_before(self):
        self._drop("a.csv", "x")
        self._look()
        self.assertTrue(self._told())
        self._drop("a.csv", self._text("mended"))
        self._look(3)
        self.assertEqual(self._calls("mended"), 1)
        self.assertEqual((self.folder.failed_count, bool(self._told())), (0, False))

    def test_the_same_content_twice_is_counted_and_nobody_is_called(self):
        for name in ("one.csv", "two.csv"):
            self._drop(name, self._text("s1"))
            self._look()
        self.assertEqual(self.folder.repeated_count, 1)
        self.assertFalse(self.folder.failed_count)
        self.assertFalse(self._told())
        self.folder.file_ids[0].action_settle()
        self.assertFalse(self.folder.repeated_count)

    @mute_logger(LOG)
    def test_a_file_is_taken_again_in_the_format_that_was_chosen_meanwhile(self):
        rows = "leg-9,33123456789,+442079460001,2026-10-01 10:00:00"
        names = "call_leg_id,terminating_number,origination_number,start_timestamp_utc"
        self._drop("t.csv", f"{names}\n{rows}\n")
        self._look()
        file = self.folder.file_ids
        self.assertIn("choose the Format", file.message)
        self.switch.format_id = self.env.ref("voip_rating.format_telnyx")
        self.assertEqual(len(self._names()), 2)
        file.action_take_again()
        self.assertTrue(file.is_settled)
        self.assertEqual(self._names(), ["t.csv"])
        self._look(3)
        again = self.folder.file_ids[0]
        self.assertEqual((again.name, again.state), ("t.csv", "done"))
        self.assertEqual(again.batch_id.received, 1)
        for wrong in (again, file):
            with self.assertRaises(UserError):
                wrong.action_take_again()

    @mute_logger(LOG)
    def test_who_may_only_look_settles_nothing(self):
        self._drop("a.csv", "x")
        self._look()
        viewer = new_test_user(
            self.env, "failed_v", groups="voip_billing_base.group_voip_viewer"
        )
        file = self.folder.file_ids.with_user(viewer)
        for method in ("action_settle", "action_take_again"):
            with self.assertRaises(AccessError):
                getattr(file, method)()
        with self.assertRaises(AccessError):
            self.folder.file_ids.with_user(self.manager).write({"is_settled": True})

    def test_a_new_folder_names_no_place(self):
        folder = self.env["voip.intake.folder"].new({"name": "New"})
        self.assertFalse(folder.place)


@tagged("post_install", "-at_install")
class TestFormatOfAFailedFile(FailedCase):
    NAMES = "call_leg_id,terminating_number,origination_number,start_timestamp_utc"

    def _failed(self):
        rows = f"leg-9,33123456789,+442079460001,{self.day} 00:00:00"
        batch = self.env["voip.cdr.batch"]._take_file(
            self.switch, f"{self.NAMES}\n{rows}\n".encode(), "t.csv"
        )
        batch._work()
        self.assertEqual((batch.state, batch.format_id.code), ("failed", False))
        self.assertIn("Rate Again", batch.message)
        return batch

    @mute_logger(LOG)
    def test_rate_again_takes_the_format_that_the_switch_has_by_now(self):
        batch = self._failed()
        self.switch.format_id = self.env.ref("voip_rating.format_telnyx")
        batch.action_rate()
        self.assertEqual((batch.state, batch.received), ("done", 1))
        self.assertEqual(batch.format_id, self.switch.format_id)

    @mute_logger(LOG)
    def test_the_format_of_a_failed_file_is_chosen_by_billing_users(self):
        batch = self._failed()
        telnyx = self.env.ref("voip_rating.format_telnyx")
        people = {
            role: new_test_user(
                self.env, f"choose-{role}", f"voip_billing_base.group_voip_{role}"
            )
            for role in ("viewer", "user")
        }
        with self.assertRaises(AccessError):
            batch.with_user(people["viewer"]).format_id = telnyx
        other = self.env["res.company"].create({"name": "Other"})
        foreign = telnyx.copy({"code": "theirs", "company_id": other.id})
        own = batch.with_user(people["user"])
        with self.assertRaises(UserError):
            own.format_id = foreign
        with self.assertRaises(UserError):
            own.write({"format_id": telnyx.id, "state": "done"})
        own.format_id = telnyx
        own.action_rate()
        self.assertEqual((batch.state, batch.received), ("done", 1))
        with self.assertRaises(UserError):
            own.format_id = False

    def test_an_upload_shows_what_the_format_is_and_refuses_at_once(self):
        telnyx = self.env.ref("voip_rating.format_telnyx")
        wizard = self.env["voip.cdr.upload"].create(
            {
                "switch_id": self.switch.id,
                "file": base64.b64encode(f"{self.NAMES}\n".encode() * 300_000),
                "file_name": "large.csv",
            }
        )
        generic = self.env.ref("voip_rating.format_generic")
        self.assertEqual(wizard.format_note, generic.note)
        with self.assertRaisesRegex(UserError, "choose the Format"):
            wizard.action_upload()
        self.assertFalse(self._batches())
        wizard.format_id = telnyx
        self.assertEqual(wizard.format_note, telnyx.note)
