"""What the deployment files must hold."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lint_files import compose_problems, problems  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"


class TestCompose(unittest.TestCase):
    def found(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "docker-compose.yml")
            path.write_text(text)
            return "\n".join(compose_problems(path))

    def test_the_file_keeps_every_rule(self):
        self.assertEqual(self.found(COMPOSE.read_text()), "")

    def test_what_breaks_a_rule_is_told(self):
        for old, new, said in (
            ("{VOIP_DB_PASSWORD:?set V", "{POSTGRES_PASSWORD:?set V", "superuser's"),
            ("{VOIP_DB_PASSWORD:?set ", "{VOIP_DB_PASSWORD:-x ", "no default"),
            ("${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}", "x", "from the env"),
            ("  USER: odoo", "  USER: postgres", "is the database's superuser"),
            ("      POSTGRES_PASSWORD:", "      POSTGRES_USER: odoo\n"
             "      POSTGRES_PASSWORD:", "is the database's superuser"),
            ("config/postgres-init.sh", "config/other.sh", "makes no role"),
            ("    healthcheck:\n      # By", "    x:\n      # By", "health check"),
            ("${VOIP_SERVER_NAME:?set VOIP_SERVER_NAME}", "_", "VOIP_SERVER_NAME"),
        ):  # fmt: skip
            with self.subTest(said=said, new=new):
                text = COMPOSE.read_text()
                self.assertIn(old, text)
                self.assertIn(said, self.found(text.replace(old, new)))


class TestUnseen(unittest.TestCase):
    def test_a_file_of_tests_that_nobody_imports_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            tests = Path(folder, "tests")
            tests.mkdir()
            path = tests / "test_calls.py"
            path.write_text("class TestCalls:\n    pass\n")
            for beside, count in (
                ("from . import test_calls\n", 0),
                ("from . import test_calls_read\n", 1),
            ):
                with self.subTest(beside=beside):
                    (tests / "__init__.py").write_text(beside)
                    self.assertEqual(len(list(problems(path))), count)


class TestPaths(unittest.TestCase):
    def test_without_input_all_files_of_the_repository_are_checked(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "-q", folder], check=True)
            Path(folder, "bad.json").write_text("{")
            Path(folder, "ignored.json").write_text("{")
            Path(folder, ".gitignore").write_text("ignored.json\n")
            for given, code in (("", 1), ("bad.json\n", 1), (".gitignore\n", 0)):
                with self.subTest(given=given):
                    made = subprocess.run(
                        [sys.executable, ROOT / "tools" / "lint_files.py"],
                        cwd=folder,
                        input=given,
                        capture_output=True,
                        text=True,
                    )
                    self.assertEqual(made.returncode, code, made.stderr)
                    self.assertEqual("bad.json" in made.stdout, bool(code))
                    self.assertNotIn("ignored", made.stdout)


if __name__ == "__main__":
    unittest.main()
