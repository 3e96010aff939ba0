"""The command line: Ctrl-C, options that are passed on, what pip may say.

The programs that ./voip calls are stand-ins here, which note what they are asked and
hang where they are told to.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STUB = """#!/bin/bash
words="${0##*/} $*"
echo "$words" >>"$STUB/asked"
if [ -n "$HANG" ] && [[ $words == *$HANG* ]]; then
    trap '' INT $DEAF
    sleep 300 &
    echo "$$ $!" >"$STUB/pids.new"
    mv "$STUB/pids.new" "$STUB/pids"
    while true; do wait; done
fi
case $words in
    *"-m venv "*)
        mkdir -p "$3/bin" "$3/lib"
        cp "$0" "$3/bin/python"
        ;;
    *"-m pip "*)
        echo "WARNING: pip has words of its own" >&2
        exit "${PIP_STATUS:-0}"
        ;;
    *sysconfig*) echo "${0%/bin/python}/lib" ;;
    *"select 1 from pg_database"*) echo "$DATABASE" ;;
esac
exit 0
"""
# Where the set-up stands, and what of the surroundings brings it there.
STAGES = {
    "apt-get update": {"HANG": "apt-get -q", "ODOO_HOME": ""},
    "the virtual environment": {"HANG": "-m venv"},
    "pip": {"HANG": "-m pip"},
    "the database server": {"HANG": "sql.py postgres select 1"},
    "Odoo": {"HANG": "odoo_launcher.py"},
    "the template": {"HANG": "prepare_template.py"},
    "the demo's add-ons": {"HANG": "-i voip", "DATABASE": "1", "COMMAND": "demo"},
    "the story": {"HANG": "story.py", "DATABASE": "1", "COMMAND": "demo"},
    "a benchmark": {"HANG": "bench/", "DATABASE": "1", "COMMAND": "bench"},
}
BLAME = ("cannot be read", "could not", "reachable", "failed", "see ", "Traceback")


class VoipCase(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="voip-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("python3", "apt-get"):
            stub = self.folder / "bin" / name
            stub.parent.mkdir(exist_ok=True)
            stub.write_text(STUB)
            stub.chmod(0o755)
        release = self.folder / "home" / "odoo" / "release.py"
        release.parent.mkdir(parents=True)
        release.write_text("version_info = (19, 0, 0, 'final', 0, '')\n")

    def start(self, *words, **options):
        settings = {
            "STUB": str(self.folder),
            "VOIP_STATE": str(self.folder / "state"),
            "ODOO_HOME": str(self.folder / "home"),
            "PGHOST": "/nowhere",
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "HANG": "",
            "DEAF": "",
            "DATABASE": "",
        }
        environment = {**os.environ, **settings, **options.pop("settings", {})}
        environment.pop("VOIP_HEARS", None)
        process = subprocess.Popen(
            [ROOT / "voip", *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **options,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return process

    def run_voip(self, *words, **settings):
        """(exit code, what was said, what the programs were asked)"""
        process = self.start(*words, settings=settings)
        said, _ = process.communicate(timeout=60)
        return process.returncode, said, (self.folder / "asked").read_text()


class TestNames(VoipCase):
    def test_a_test_that_does_not_exist_is_told_and_nothing_runs(self):
        for name, reason in (
            ("voip_none", "there is no add-on voip_none."),
            ("/voip_did:TestNone", "there is no class TestNone in the tests"),
        ):
            with self.subTest(name=name):
                code, said, asked = self.run_voip("test", name, DATABASE="1")
                self.assertEqual(code, 1)
                self.assertIn(reason, said)
                self.assertNotIn("--test-tags", asked)


class TestInterrupt(VoipCase):
    def _hanging(self, process):
        """Process ids of the program that hangs and its child, once it does."""
        pids = self.folder / "pids"
        for _attempt in range(400):
            if process.poll() is not None:
                break
            if pids.exists():
                return [int(pid) for pid in pids.read_text().split()]
            time.sleep(0.05)
        process.terminate()
        self.fail(process.communicate()[0])

    def _ended(self, pid):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        return state == "Z"

    def _interrupt(self, send, command="setup", preexec_fn=None, **settings):
        process = self.start(command, settings=settings, preexec_fn=preexec_fn)
        pids = self._hanging(process)
        send(process)
        said, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, said)
        self.assertTrue(said.endswith("\nvoip: interrupted\n"), said)
        lines = [line for line in said.splitlines()[:-1] if line]
        self.assertEqual([line for line in lines if not line.startswith("==> ")], [])
        for word in BLAME:
            self.assertNotIn(word, said)
        self.assertEqual([pid for pid in pids if not self._ended(pid)], [])

    def test_ctrl_c_ends_every_stage_with_one_sentence(self):
        for stage, settings in STAGES.items():
            settings = dict(settings)
            command = settings.pop("COMMAND", "setup")
            with self.subTest(stage):
                self.setUp()
                self._interrupt(
                    lambda process: os.killpg(process.pid, signal.SIGINT),
                    command,
                    **settings,
                )

    def test_a_signal_to_the_command_alone_is_enough(self):
        self._interrupt(lambda p: p.send_signal(signal.SIGINT), HANG="-m pip")

    def test_a_program_that_is_deaf_to_signals_ends_too(self):
        self._interrupt(
            lambda p: p.send_signal(signal.SIGINT), HANG="-m venv", DEAF="TERM"
        )

    def test_a_background_job_of_a_script_hears_it(self):
        self._interrupt(
            lambda p: p.send_signal(signal.SIGINT),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
            HANG="-m pip",
        )

    def test_waiting_for_another_set_up_ends_too(self):
        first = self.start("setup", settings={"HANG": "-m pip"})
        self._hanging(first)
        second = self.start("setup")
        self.assertIn("waiting for another", second.stdout.readline())
        second.send_signal(signal.SIGINT)
        said, _ = second.communicate(timeout=60)
        self.assertEqual((second.returncode, said), (130, "\nvoip: interrupted\n"))
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)
        self.assertEqual(first.returncode, 130)

    def test_the_next_set_up_goes_on(self):
        self._interrupt(lambda p: p.send_signal(signal.SIGINT), HANG="-m pip")
        status, said, _asked = self.run_voip("setup", DATABASE="1")
        self.assertEqual((status, said.splitlines()[-1]), (0, "==> ready"))


class TestOptions(VoipCase):
    def test_options_of_a_benchmark_are_passed_on(self):
        words = ("--records", "5", "--keep")
        status, said, asked = self.run_voip("bench", "engine", *words, DATABASE="1")
        self.assertEqual(status, 0, said)
        self.assertIn("bench/engine.py --records 5 --keep\n", asked)
        self.assertNotIn("bench/cdr_file.py", asked)

    def test_options_without_a_name_go_to_each_benchmark(self):
        status, said, asked = self.run_voip("bench", "--records", "5", DATABASE="1")
        self.assertEqual(status, 0, said)
        names = {
            path.name
            for path in (ROOT / "bench").glob("*.py")
            if "\ndef main" in path.read_text()
        }
        self.assertGreater(len(names), 2)
        for name in names:
            self.assertIn(f"bench/{name} --records 5\n", asked)
        self.assertNotIn("bench/common.py", asked)

    def test_check_takes_a_database_and_whether_in_full(self):
        for words, passed in (
            ((), "voip_demo {}"),
            (("--full",), "voip_demo {} --full"),
            (("other",), "other {}"),
            (("other", "--full"), "other {} --full"),
            (("--full", "other"), "other {} --full"),
        ):
            with self.subTest(words=words):
                status, said, asked = self.run_voip("check", *words, DATABASE="1")
                self.assertEqual(status, 0, said)
                self.assertEqual(
                    asked.splitlines()[-1].partition("odoo_exec.py ")[2],
                    passed.format(ROOT / "tools" / "check.py"),
                )

    def test_every_add_on_that_a_test_names_is_installed(self):
        for words in (
            ("voip_sms:TestSms", "/voip_did:TestDid.test_c"),
            ("/voip_sms:TestSms,/voip_did:TestDid.test_c",),
        ):
            with self.subTest(words=words):
                _status, _said, asked = self.run_voip("test", *words, DATABASE="1")
                self.assertIn("-i voip_did,voip_sms ", asked)
                tags = "--test-tags /voip_sms:TestSms,/voip_did:TestDid.test_c "
                self.assertIn(tags, asked)

    def test_unknown_options_and_benchmarks_are_told(self):
        (self.folder / "asked").touch()
        for words, said in (
            (("check", "--fast"), "check knows --full only"),
            (("bench", "none"), "there is no benchmark"),
        ):
            with self.subTest(words=words):
                status, told, asked = self.run_voip(*words)
                self.assertEqual((status, asked), (1, ""))
                self.assertIn(said, told)


class TestPip(VoipCase):
    def test_pip_is_silent_unless_it_fails(self):
        status, said, asked = self.run_voip("setup", DATABASE="1")
        self.assertEqual(status, 0, said)
        self.assertNotIn("WARNING", said)
        for word in ("--root-user-action=ignore", "--disable-pip-version-check", "-q"):
            self.assertIn(word, asked)

    def test_the_words_of_a_pip_that_fails_are_shown(self):
        status, said, _asked = self.run_voip("setup", PIP_STATUS="2")
        self.assertEqual(status, 1)
        self.assertIn("pip has words of its own", said)
        self.assertIn("pip could not install", said)


class TestDatabases(unittest.TestCase):
    """What lies beside a database in the data folder is of that database."""

    def setUp(self):
        self.state = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("old", "other"):
            for kept in ("voip_inbox", "filestore"):
                (self.state / "data" / kept / name / "switch").mkdir(parents=True)

    def _call(self, words):
        parts = ". tools/voip/common.sh; . tools/voip/database.sh; db_sql() { :; }; "
        command = ["bash", "-euc", f"ROOT=$PWD; {parts}{words}"]
        environment = {**os.environ, "VOIP_STATE": str(self.state)}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        return sorted(str(p.relative_to(self.state / "data")) for p in
                      (self.state / "data").glob("*/*"))

    def test_a_dropped_database_takes_its_folders_with_it(self):
        left = self._call("drop_db old")
        self.assertEqual(left, ["filestore/other", "voip_inbox/other"])

    def test_a_renamed_one_keeps_them(self):
        left = self._call("drop_db other; rename_db old other")
        self.assertEqual(left, ["filestore/other", "voip_inbox/other"])
        self.assertTrue((self.state / "data/voip_inbox/other/switch").is_dir())


if __name__ == "__main__":
    unittest.main()
