"""A watched folder over SFTP, before a server of another make."""

import asyncio
import os
import shutil
import tempfile
import threading

import asyncssh

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..intake.folders import SftpFolder
from .test_intake_folder import LOG, FolderCase

PASSWORD = "s3cret"


class Server(asyncssh.SSHServer):
    """Lets one user in, by password or by the key of the test."""

    key = None

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == ("switch", PASSWORD)

    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, username, key):
        return username == "switch" and key == Server.key


class Files(asyncssh.SFTPServer):
    """Files of a folder; what is in ``broken`` fails, ``cut`` ends the connection."""

    broken, cut = set(), set()

    def __init__(self, channel):
        self._connection = channel.get_connection()
        super().__init__(channel, chroot=Files.root)

    def _meet(self, step):
        if step in Files.cut:
            self._connection.abort()
        if step in Files.broken:
            raise asyncssh.SFTPPermissionDenied("no")

    def read(self, *arguments):
        self._meet("read")
        return super().read(*arguments)

    def rename(self, *arguments):  # pylint: disable=missing-return
        self._meet("rename")
        super().rename(*arguments)
        self._meet("renamed")

    def scandir(self, *arguments):
        self._meet("list")
        return super().scandir(*arguments)


@tagged("post_install", "-at_install")
class TestSftp(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.loop = asyncio.new_event_loop()
        thread = threading.Thread(target=cls.loop.run_forever, daemon=True)
        thread.start()
        cls.host_keys = [
            asyncssh.generate_private_key(kind)
            for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256")
        ]
        cls.key = asyncssh.generate_private_key("ssh-ed25519")
        Server.key = cls.key.convert_to_public()
        cls.server = cls._in_loop(
            asyncssh.listen(
                "127.0.0.1",
                0,
                server_factory=Server,
                server_host_keys=cls.host_keys,
                sftp_factory=Files,
            )
        )
        cls.port = cls.server.get_port()
        cls.addClassCleanup(cls._stop, thread)

    @classmethod
    def _in_loop(cls, work):
        async def awaited():
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), cls.loop).result(30)

    @classmethod
    def _stop(cls, thread):
        cls._in_loop(cls._end())
        cls.loop.call_soon_threadsafe(cls.loop.stop)
        thread.join(30)
        cls.loop.close()

    @classmethod
    async def _end(cls):
        cls.server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def setUp(self):
        super().setUp()
        Files.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, Files.root)
        self.addCleanup(Files.broken.clear)
        self.addCleanup(Files.cut.clear)
        self.path = os.path.join(Files.root, "cdr")
        os.mkdir(self.path)
        self.folder = self.env["voip.intake.folder"].create(
            {
                "name": "S",
                "switch_id": self.switch.id,
                "kind": "sftp",
                "host": "127.0.0.1",
                "port": self.port,
                "login": "switch",
                "password": PASSWORD,
                "host_key": self._public(0),
                "path": "/cdr",
            }
        )

    def _public(self, number):
        return self.host_keys[number].export_public_key().decode().strip()

    def _stopped(self):
        return self.folder.state, self.folder.message or ""

    def test_a_file_is_taken_and_moved(self):
        self._drop("a.csv", self._text("sf1"))
        self._drop("b.csv.part", self._text("sf2"))
        self._look()
        self.assertEqual(self._stopped(), ("watching", ""))
        self.assertEqual(self._calls("sf1", "sf2"), 1)
        batch = self.folder.file_ids.batch_id
        self.assertEqual(self._names(), ["b.csv.part", f"done/{batch.name}_a.csv"])
        self._drop("again.csv", self._text("sf1"))
        self._look()
        file = self.folder.file_ids[0]
        self.assertEqual(file.state, "repeated")
        self.assertIn(f"failed/F{file.id}_again.csv.txt", self._names())

    def test_a_large_file_comes_whole(self):
        text = self._text(*(f"big-{number}" for number in range(20_000)))
        self.folder.path = "."
        self._drop("large.bin", text, Files.root)
        with self.folder._source() as source:
            self.assertEqual(source.fetch("large.bin").decode(), text)

    def test_a_private_key_opens_it(self):
        for form in ("openssh", "pkcs8-pem"):
            self.folder.write(
                {
                    "password": False,
                    "private_key": self.key.export_private_key("openssh").decode(),
                }
            )
            with self.subTest(form), self.folder._source() as source:
                self.assertEqual(source.entries(), [])
        with self.assertRaisesRegex(UserError, "private key cannot be read"):
            self.folder.private_key = "x"

    def test_each_of_the_servers_keys_may_be_stated(self):
        for number in (0, 1):
            self.folder.host_key = f"127.0.0.1 {self._public(number)} comment"
            with self.folder._source() as source:
                self.assertEqual(source.entries(), [])

    @mute_logger(LOG)
    def test_a_server_with_another_key_is_told_nothing(self):
        other = asyncssh.generate_private_key("ssh-ed25519")
        rsa = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
        for key, said in ((other, "another host key"), (rsa, "no host key of the")):
            tried = []
            self.folder.host_key = key.export_public_key().decode()
            valid = Server.validate_password
            Server.validate_password = lambda *a, t=tried: t.append(a)
            try:
                self._look(1)
            finally:
                Server.validate_password = valid
            self.assertEqual(tried, [])
            self.assertEqual(self.folder.state, "stopped")
            self.assertIn(said, self.folder.message)
        self.folder.host_key = False
        self._look(1)
        self.assertIn("host key has a kind", self.folder.message)

    @mute_logger(LOG)
    def test_a_wrong_password_or_folder_stops_it_with_a_sentence(self):
        for values, said in (
            ({"password": "x"}, "does not let switch in"),
            ({"login": "other"}, "does not let other in"),
            ({"path": "/none"}, "no folder /none"),
        ):
            before = self.folder.read(list(values))[0]
            self.folder.write(values)
            self._look(1)
            self.assertEqual(self.folder.state, "stopped")
            self.assertIn(said, self.folder.message)
            self.assertNotIn(PASSWORD, self.folder.message)
            self.folder.write({name: before[name] for name in values})
        self._look(1)
        self.assertEqual(self._stopped(), ("watching", ""))

    @mute_logger(LOG)
    def test_a_server_that_is_away_is_tried_again(self):
        self.folder.port = 1
        self._look(1)
        self.assertEqual(self.folder.state, "watching")
        self.assertIn("127.0.0.1 cannot be reached", self.folder.message)
        self.assertTrue(self.folder.retry_at)

    @mute_logger(LOG, "asyncssh")
    def test_a_connection_that_ends_at_any_step_loses_and_doubles_nothing(self):
        for number, step in enumerate(("list", "read", "rename", "renamed")):
            with self.subTest(step):
                call = f"cut-{step}"
                self._drop(f"{number}.csv", self._text(call))
                self._look(1)
                Files.cut.add(step)
                self._look(1)
                self.assertTrue(self.folder.message)
                self.assertEqual(self.folder.state, "watching")
                Files.cut.clear()
                self._look(2)
                self.assertEqual(self._stopped(), ("watching", ""))
                self.assertEqual(self._calls(call), 1)
                self.assertNotIn(f"{number}.csv", self._names())
        self.assertWhole()

    @mute_logger(LOG)
    def test_a_file_that_may_not_be_moved_is_taken_once_and_told(self):
        Files.broken.add("rename")
        self._drop("stuck.csv", self._text("stuck"))
        self._look(4)
        self.assertEqual(self.folder.state, "watching")
        self.assertIn("stuck.csv: ", self.folder.message)
        self.assertIn("no right at 127.0.0.1", self.folder.message)
        self.assertTrue(self.folder.activity_ids)
        self.assertEqual(self._calls("stuck"), 1)
        self.assertEqual(len(self.folder.file_ids), 1)
        Files.broken.clear()
        self._look(1)
        self.assertEqual(self._stopped(), ("watching", ""))
        self.assertTrue(self.folder.file_ids.is_moved)

    def test_the_servers_key_is_asked_for_and_shown_with_its_fingerprint(self):
        self.folder.host_key = False
        message = self.folder.action_ask_host_key()["params"]["message"]
        public = [key.export_public_key().decode() for key in self.host_keys]
        shown = " ".join(self.folder.host_key.split()[:2])
        self.assertIn(shown, [" ".join(key.split()[:2]) for key in public])
        self.assertRegex(message, "fingerprint SHA256:")
        with self.folder._source() as source:
            self.assertIsInstance(source, SftpFolder)
