"""Watched folders: each file is taken once, whenever a look ends in between."""

import json
import os
import shutil
import tempfile
from datetime import UTC, datetime, time, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import config, mute_logger

from ..intake.folders import FolderAway, FolderRefused, LocalFolder
from .common import VoipRatingCommon

HEADER = "call_id,called,start,answered,duration,trunk"
LOG = "odoo.addons.voip_billing_base.models.voip_job"


class FolderCase(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "0.6"}])
        cls.account = cls._create_account(deck_id=deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()
        cls.day = cls.env.cr.now().date()

    def setUp(self):
        super().setUp()
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        self.startPatcher(patch.dict(config.options, {"voip_inbox": self.root}))

    def _text(self, *call_ids):
        lines = [
            f"{name},442071234567,{self.day}T00:00:00Z,true,47,{self.trunk.code}"
            for name in call_ids
        ]
        return "\n".join([HEADER, *lines, ""])

    def _drop(self, name, text, folder=None):
        path = os.path.join(folder or self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def _rest(self):
        """As if some time had gone by since the last look."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_intake_file SET seen_at = seen_at - %s", [timedelta(minutes=1)]
        )
        self.env.invalidate_all()

    def _look(self, times=2):
        for _time in range(times):
            self._rest()
            counts = self.folder._work()
        return counts

    def _names(self, path=None):
        path = path or self.path
        return sorted(
            os.path.relpath(os.path.join(folder, name), path)
            for folder, _folders, names in os.walk(path)
            for name in names
        )

    def _calls(self, *call_ids):
        return self.env["voip.cdr"].search_count([("call_id", "in", call_ids)])


@tagged("post_install", "-at_install")
class TestFolder(FolderCase):
    def setUp(self):
        super().setUp()
        self.folder = self.env["voip.intake.folder"].create(
            {"name": "F", "switch_id": self.switch.id}
        )
        self.path = self.folder.place

    def test_a_file_is_taken_at_the_second_look_and_moved(self):
        self._drop("a.csv", self._text("f1", "f2"))
        self.folder._work()
        self.assertEqual(self._calls("f1", "f2"), 0)
        self._look(1)
        self.assertEqual(self._calls("f1", "f2"), 2)
        file = self.folder.file_ids
        self.assertEqual((file.state, file.is_moved), ("done", True))
        self.assertEqual(file.batch_id.rated, 2)
        self.assertEqual(self._names(), [f"done/{file.batch_id.name}_a.csv"])
        self._look()
        self.assertEqual(self._calls("f1", "f2"), 2)
        self.assertEqual(self.folder.state, "watching")
        self.assertTrue(self.folder.looked_at)

    def test_files_that_are_not_finished_are_left_alone(self):
        for name in (".a.csv", "a.csv.part", "b.TMP", "c.filepart", "d.csv~"):
            self._drop(name, self._text(name))
        os.symlink(self._drop("x.csv", self._text("x"), self.root), f"{self.path}/l")
        os.makedirs(f"{self.path}/within.csv")
        before = self._names()
        self._look(3)
        self.assertEqual(self._names(), before)
        self.assertFalse(self.folder.file_ids)
        os.rename(f"{self.path}/a.csv.part", f"{self.path}/a.csv")
        self._look()
        self.assertEqual(self._calls("a.csv.part"), 1)

    def test_a_file_that_grows_is_left_alone_until_it_rests(self):
        text = self._text("g1", "g2", "g3")
        for size in (60, 90, 120):
            self._drop("grows.csv", text[:size])
            self._look(1)
        self.assertEqual(self.folder.file_ids.state, "seen")
        self._drop("grows.csv", text)
        self._look(2)
        self.assertEqual(self._calls("g1", "g2", "g3"), 3)

    def test_files_are_read_in_the_format_of_the_folder(self):
        """As mod_json_cdr leaves what it could not post."""
        self.folder.format_id = self.env.ref("voip_rating.format_freeswitch_json")
        start = int(datetime.combine(self.day, time(), UTC).timestamp())
        variables = {
            "uuid": "json-file",
            "accountcode": self.account.code,
            "destination_number": "%2B442071234567",
            "start_uepoch": f"{start}000000",
            "answer_uepoch": f"{start}000000",
            "end_uepoch": f"{start + 47}000000",
            "billmsec": "47000",
        }
        self._drop("1.cdr.json", json.dumps({"variables": variables}) + "\n")
        self._look()
        self.assertEqual(self._calls("json-file"), 1, self.folder.file_ids.message)
        self.assertEqual(self.folder.file_ids.batch_id.rated, 1)

    def test_only_names_of_the_pattern_are_taken(self):
        self.folder.pattern = "cdr-*.csv"
        self._drop("cdr-1.csv", self._text("p1"))
        self._drop("notes.txt", "x")
        self._look()
        self.assertEqual(self._calls("p1"), 1)
        self.assertIn("notes.txt", self._names())

    def test_the_same_content_twice_is_told_with_its_batch(self):
        self._drop("one.csv", self._text("s1"))
        self._look()
        batch = self.folder.file_ids.batch_id
        self._drop("two.csv", self._text("s1"))
        self._look()
        file = self.folder.file_ids[0]
        self.assertEqual((file.state, file.batch_id), ("repeated", batch))
        self.assertIn(f"one.csv, batch {batch.name}", file.message)
        with open(f"{self.path}/failed/F{file.id}_two.csv.txt") as note:
            self.assertIn(f"batch {batch.name}", note.read())
        batch.action_undo()
        self._drop("three.csv", self._text("s1"))
        self._look()
        self.assertEqual(self.folder.file_ids[0].state, "done")
        self.assertNotEqual(self.folder.file_ids[0].batch_id, batch)

    @mute_logger(LOG)
    def test_a_file_that_cannot_be_read_is_put_aside_with_the_reason(self):
        for name, text, said in (
            ("header.csv", "a,b\n1,2\n", "missing: call_id"),
            ("empty.csv", " \n", "it is empty"),
            ("bad.xlsx", b"PK\x03\x04x", "no XLSX workbook"),
        ):
            with self.subTest(name):
                self._drop(name, text)
                self._look()
                file = self.folder.file_ids[0]
                self.assertEqual((file.state, file.is_moved), ("failed", True))
                self.assertIn(said, file.message)
                notes = [n for n in self._names() if n.endswith(f"{name}.txt")]
                with open(f"{self.path}/{notes[0]}") as note:
                    self.assertIn(said, note.read())
        self.assertEqual(self.folder.state, "watching")

    @mute_logger(LOG)
    def test_whatever_step_a_look_ends_at_nothing_is_lost_or_doubled(self):
        files = type(self.env["voip.intake.file"])
        batches = type(self.env["voip.cdr.batch"])
        for number, (owner, name) in enumerate(
            (
                (files, "_see"),
                (LocalFolder, "fetch"),
                (files, "_store"),
                (batches, "_take_file"),
                (batches, "_work"),
                (LocalFolder, "move"),
                (files, "_moved"),
            )
        ):
            for after in (False, True):
                call = f"k{number}{after}"
                with self.subTest(step=name, after=after):
                    self._drop(f"{call}.csv", self._text(call))
                    self._cut(owner, name, after)
                    waiting = [("state", "=", "waiting")]
                    self.env["voip.cdr.batch"].search(waiting)._work()
                    self._look(3)
                    self.assertEqual(self._said(), ("watching", False))
                    self.assertEqual(self._calls(call), 1)
                    rows = self.folder.file_ids.filtered(
                        lambda row, c=call: row.name == f"{c}.csv"
                    )
                    self.assertEqual(rows.mapped("is_moved"), [True])
                    self.assertEqual(rows.mapped("state"), ["done"])
                    left = [n for n in self._names() if n.endswith(f"{call}.csv")]
                    self.assertEqual(left, [f"done/{rows.batch_id.name}_{call}.csv"])
        self.assertWhole()

    def _cut(self, owner, name, after):
        """Look until the step ``name`` is met, and end there."""
        method = getattr(owner, name)
        met = []

        def cut(*args, **kwargs):
            if after:
                method(*args, **kwargs)
            met.append(True)
            raise FolderAway("cut")

        with patch.object(owner, name, cut):
            self._look(2)
        self.assertTrue(met)
        self.assertTrue(self.folder.message)

    def test_what_is_appended_while_a_file_is_moved_is_another_file(self):
        path = self._drop("Master.csv", self._text("m1"))
        move, more = LocalFolder.move, [self._text("m2").split("\n", 1)[1]]

        def grown(folder, name, new_name):
            with open(path, "a") as file:
                file.write(more.pop() if more else "")
            return move(folder, name, new_name)

        with patch.object(LocalFolder, "move", grown):
            self._look(2)
        self.assertEqual(self._names(), ["Master.csv"])
        self._look(2)
        self.assertEqual(self._calls("m1", "m2"), 2)
        self.assertEqual(self.folder.file_ids[0].batch_id.duplicates, 1)

    def test_a_file_in_trouble_holds_up_no_other(self):
        self._drop("y" * 255, self._text("long"))
        self._drop("z.csv", self._text("after"))
        self._look(3)
        self.assertEqual([self._calls("long"), self._calls("after")], [1, 1])
        self.assertEqual(self.folder.file_ids.mapped("state"), ["done", "done"])
        self.assertTrue(all(self.folder.file_ids.mapped("is_moved")))
        move = LocalFolder.move

        def refuse(source, name, new_name):
            if name == "a.csv":
                raise FolderRefused("no right")
            move(source, name, new_name)

        with patch.object(LocalFolder, "move", refuse):
            self._drop("a.csv", self._text("stuck"))
            self._drop("b.csv", self._text("next"))
            self._look(3)
        self.assertEqual([self._calls("stuck"), self._calls("next")], [1, 1])
        self.assertEqual(self._said(), ("watching", "a.csv: no right"))
        self.assertTrue(self.folder.activity_ids)
        self._look(1)
        self.assertEqual(self._said(), ("watching", False))
        self.assertFalse(self.folder.activity_ids)

    @mute_logger(LOG)
    def test_managers_are_told_what_does_not_pass_and_not_twice(self):
        manager = new_test_user(
            self.env, "folder_m", groups="voip_billing_base.group_voip_manager"
        )

        def told():
            return self.folder.activity_ids.filtered(lambda a: a.user_id == manager)

        with patch.object(LocalFolder, "entries", side_effect=FolderRefused("no way")):
            self._look(2)
        self.assertEqual(self._said(), ("stopped", "no way"))
        self.assertEqual(len(told()), 1)
        due = self.folder.search(self.folder._due_domain())
        self.assertNotIn(self.folder, due)
        self._look(1)
        self.assertEqual(self._said(), ("watching", False))
        self.assertFalse(told())
        with patch.object(LocalFolder, "entries", side_effect=FolderAway("gone")):
            self._look(3)
            self.assertFalse(told())
            self._look(1)
        self.assertEqual(self._said(), ("watching", "gone"))
        self.assertTrue(self.folder.retry_at)
        self.assertEqual(len(told()), 1)

    def _said(self):
        return self.folder.state, self.folder.message

    def test_the_folder_of_a_switch_is_below_the_servers_own(self):
        other = self.env["res.company"].create({"name": "Other"})
        places = {self.path}
        for code in ("..", ".", "..."):
            switch = self._create_switch(code=code)
            places.add(self._create_folder(switch).place)
        foreign = self._create_switch(code=self.switch.code, company_id=other.id)
        places.add(self._create_folder(foreign).place)
        self.assertEqual(len(places), 5)
        for place in places:
            path = os.path.realpath(place)
            self.assertEqual(os.path.commonpath([path, self.root]), self.root)
            self.assertEqual(len(os.path.relpath(path, self.root).split(os.sep)), 3)

    def _create_folder(self, switch, **values):
        return self.env["voip.intake.folder"].create(
            {"name": "x", "switch_id": switch.id, **values}
        )

    def test_who_may_not_know_a_password_does_not_say_where_it_goes(self):
        manager = new_test_user(
            self.env, "folder_w", groups="voip_billing_base.group_voip_manager"
        )
        sftp = self._create_folder(
            self.switch, kind="sftp", host="h", login="u", password="secret"
        )
        own = sftp.with_user(manager)
        for values in (
            {"host": "evil"}, {"port": 2222}, {"login": "x"}, {"host_key": "x"},
            {"path": "/etc"}, {"password": "x"}, {"private_key": "x"},
            {"kind": "storage"},
        ):  # fmt: skip
            with self.subTest(values=values), self.assertRaises(AccessError):
                own.write(values)
        with self.assertRaises(AccessError):
            own.read(["password"])
        self.assertNotIn("secret", str(own.read()))
        with self.assertRaises(AccessError):
            own.create(
                {
                    "name": "x",
                    "switch_id": self.switch.id,
                    "kind": "sftp",
                    "host": "h",
                    "login": "u",
                }
            )
        with self.assertRaises(AccessError):
            own.action_ask_host_key()
        own.pattern = "*.csv"

    def test_a_folder_whose_files_were_taken_is_archived_not_deleted(self):
        self._drop("a.csv", self._text("d1"))
        self._look()
        with self.assertRaises(UserError):
            self.folder.unlink()
