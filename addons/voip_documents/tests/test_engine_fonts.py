"""The folder of fontconfig's settings goes with the process that made it."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..engine import fonts
from ..engine.pool import HOME

START = """
import os, sys; sys.path.insert(0, sys.argv[1])
from engine import fonts
print(fonts.configuration(), flush=True)
"""
WAITS = START + "sys.stdin.read()"
# A child of its own that ends as servers' do, then what is left of both.
FORKS = (
    START
    + """
if child := os.fork():
    os.waitpid(child, 0)
    print(os.path.exists(fonts.configuration()))
else:
    print(fonts.configuration(), flush=True)
    sys.exit(0)
"""
)


@tagged("post_install", "-at_install")
class TestFonts(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = folder.name

    def _python(self, code):
        return subprocess.Popen(
            [sys.executable, "-c", code, HOME],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": self.place},
        )

    def _began(self):
        """(process that waits, its folder)"""
        process = self._python(WAITS)
        return process, Path(process.stdout.readline().strip()).parent

    def _age(self, folder):
        os.utime(folder, (1, 1))

    def test_it_goes_with_its_process(self):
        process, folder = self._began()
        self.assertTrue(folder.is_dir())
        process.communicate()
        self.assertFalse(folder.exists())

    def test_of_a_killed_process_it_goes_with_the_next_one(self):
        killed, left = self._began()
        living, used = self._began()
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        self._age(left)
        self._age(used)
        after, own = self._began()
        self.assertFalse(left.exists())
        self.assertTrue(used.exists())
        for process in (living, after):
            process.communicate()
        self.assertEqual(list(Path(self.place).iterdir()), [])
        self.assertNotEqual(used, own)

    def test_a_fork_has_its_own(self):
        told, _errors = self._python(FORKS).communicate()
        first, second, is_there = told.split()
        self.assertNotEqual(first, second)
        self.assertEqual(is_there, "True")
        self.assertEqual(list(Path(self.place).iterdir()), [])

    def test_what_a_cleaner_of_the_machine_took_is_written_again(self):
        path = Path(fonts.configuration())
        path.unlink()
        self.assertTrue(Path(fonts.configuration()).is_file())
