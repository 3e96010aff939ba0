"""A file that was half written when the disk was full is written anew."""

import os

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestAttachmentTorn(TransactionCase):
    def _write(self, content):
        files = self.env["ir.attachment"]
        name = files._file_write(content, files._compute_checksum(content))
        path = files._full_path(name)
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
        return name, path

    def test_a_torn_file_is_written_anew(self):
        content = b"torn " + os.urandom(4_000)
        _name, path = self._write(content)
        for size in (0, 1, 2_000, len(content) - 1, len(content)):
            os.truncate(path, size)
            with self.subTest(size=size):
                name, _path = self._write(content)
                self.assertEqual(self.env["ir.attachment"]._file_read(name), content)

    def test_another_file_of_the_same_hash_stays(self):
        content = b"other " + os.urandom(4_000)
        _name, path = self._write(content)
        for other in (b"x" * 2_000, content + b"x"):
            with open(path, "wb") as file:
                file.write(other)
            with self.subTest(size=len(other)), self.assertRaises(UserError):
                self._write(content)
            with open(path, "rb") as file:
                self.assertEqual(file.read(), other)
