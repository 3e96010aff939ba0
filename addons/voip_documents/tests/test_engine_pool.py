"""Worker processes: killed at the deadline, closed in, and nobody else harmed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock, patch

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_billing_base.charge.retry import temporary_kind

from ..engine import pool as module
from ..engine import worker
from ..engine.faults import Fault, NoWorker, WorkerLost
from ..engine.pool import HOME, TASKS, Pool, Worker
from .engine_common import ENGINES, MADE, EngineCase

PAGE = "<html><body><p>{{ n }}</p></body></html>"
# What hangs in the language, in an engine, in memory: a body, limits, a deadline.
ROWS = "{% for i in (1..15000) %}<tr><td>{{ i }}</td><td>x</td></tr>{% endfor %}"
GROWS = "{% assign a = 'xxxxxxxxxxxxxxxx' | replace: 'x', 'xxxxxxxxxxxxxxxx'"
GROWS += " | replace: 'x', 'xxxxxxxxxxxxxxxx'" * 2 + " %}{{ a | replace: 'x', a }}"
BUSY = "{% for i in (1..190000) %}{{ '1' | plus: '2' | times: '3' }}{% endfor %}"
HONEST = "{% for i in (1..60000) %}{% assign a = i | plus: 2 | times: 3 %}{% endfor %}"
HONEST += PAGE
ADDS = "| plus: '2' " * 20
HARD = {
    "the language": (BUSY, {}, 0.3),
    "an engine": (f"<body><table>{ROWS}</table></body>", {}, 0.3),
    "processor time": (BUSY.replace("| times", ADDS + "| times"), {"seconds": 2}, 60),
    "memory": (GROWS, {}, None),
}


@tagged("post_install", "-at_install")
class TestPool(EngineCase):
    def test_the_same_input_gives_the_same_bytes(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                first = self._pdf(PAGE, engine, n="1")
                other = Pool(size=1)
                self.addCleanup(other.close)
                time.sleep(1.1)
                self.assertEqual(self._pdf(PAGE, engine, pool=other, n="1"), first)

    def test_a_slow_document_is_ended_and_its_neighbours_are_made(self):
        pool = Pool(size=2, deadline=20)
        self.addCleanup(pool.close)
        self._pdf(PAGE, pool=pool, n="warm")
        task = {"format": "pdf", "engine": "plutoprint", "title": "T", "made_at": MADE}
        slow = {**task, "body": BUSY, "data": {}}
        with ThreadPoolExecutor(3) as threads:
            lost = threads.submit(pool.perform, slow, 0.3)
            good = [
                threads.submit(self._pdf, PAGE, pool=pool, n=str(number))
                for number in range(4)
            ]
            with self.assertRaises(WorkerLost) as ended:
                lost.result()
            self.assertIn("after 0.3 s", ended.exception.reason)
            self.assertEqual({job.result()[:5] for job in good}, {b"%PDF-"})

    def test_a_worker_that_waits_for_its_processor_is_not_ended(self):
        """Of a busy machine it has a fifth, so the clock passes all it may wait."""
        pool = Pool(size=1, still=0.5)
        self.addCleanup(pool.close)
        self._pdf(PAGE, pool=pool, n="warm")
        process = pool.idle[0].process
        over = threading.Event()
        throttled = threading.Thread(target=_throttle, args=(process, over))
        throttled.start()
        self.addCleanup(throttled.join)
        self.addCleanup(over.set)
        look = module._Watch._look
        counted = {"autospec": True, "side_effect": look}
        with patch.object(module._Watch, "_look", **counted) as looks:
            self.assertEqual(self._pdf(HONEST, pool=pool, n="1")[:5], b"%PDF-")
        # It did pass, or this has shown nothing: one look is as the task begins, one as
        # it ends.
        self.assertGreater(looks.call_count, 3)
        self.assertEqual(pool.idle[0].process.pid, process.pid)

    def test_a_worker_that_stands_still_is_ended(self):
        pool = Pool(size=1, still=1.0)
        self.addCleanup(pool.close)
        self._pdf(PAGE, pool=pool, n="warm")
        process = pool.idle[0].process
        process.send_signal(signal.SIGSTOP)
        self.assertEqual(self._pdf(PAGE, pool=pool, n="1")[:5], b"%PDF-")
        self.assertNotEqual(pool.idle[0].process.pid, process.pid)
        self.assertFalse(_alive(process.pid))

    def test_what_takes_too_much_processor_time_is_not_tried_again(self):
        """The kernel ends it by itself, the next one of the piece is made."""
        pool = Pool(size=1, seconds=1, deadline=60)
        self.addCleanup(pool.close)
        task = {"format": "pdf", "engine": "plutoprint", "title": "T", "made_at": MADE}
        busy = BUSY.replace("| times", ADDS + "| times")
        tasks = [{**task, "body": body, "data": {"n": "1"}} for body in (busy, PAGE)]
        with patch.object(module, "Worker", Mock(wraps=Worker)) as started:
            fault, made = pool.perform_all(tasks)
        self.assertIn("1 s of processor time", fault.reason)
        self.assertEqual(made[:5], b"%PDF-")
        self.assertEqual(started.call_count, 2)

    def test_a_document_that_hangs_or_grows_harms_nobody_else(self):
        """Two workers are lost to it, no more; none is left; the rest goes on."""
        for engine in ENGINES:
            for name, (body, limits, deadline) in HARD.items():
                with self.subTest(engine=engine, name=name):
                    self._harmed(engine, body, limits, deadline)

    def _harmed(self, engine, body, limits, deadline):
        pool = Pool(size=2, deadline=20, **limits)
        self.addCleanup(pool.close)
        started = []

        def counted(*args, **kwargs):
            worker = Worker(*args, **kwargs)
            started.append(worker.process.pid)
            return worker

        with patch.object(module, "Worker", counted):
            self._pdf(PAGE, engine, pool=pool, n="warm")
            [warm] = started
            neighbour = pool._take(engine)
            started.clear()
            task = {"format": "pdf", "engine": engine, "title": "T", "made_at": MADE}
            task = {**task, "body": body, "data": {}}
            is_lost = deadline is not None and not limits
            with self.assertRaises(WorkerLost if is_lost else Fault) as refused:
                pool.perform(task, deadline)
            self.assertTrue(refused.exception.reason)
            # The neighbour had the warm one: the first try and one more are new ones.
            self.assertEqual(len(started), 1 + is_lost)
            self.assertEqual(neighbour.process.pid, warm)
            good = neighbour.perform(self._task_body(engine), 20)
            self.assertEqual(good[:5], b"%PDF-")
            pool._give(neighbour)
            if deadline is not None:
                self.assertFalse([pid for pid in started if _alive(pid)])
            self.assertEqual(self._pdf(PAGE, engine, pool=pool, n="1")[:5], b"%PDF-")
            pool.close()
            self.assertFalse([pid for pid in (*started, warm) if _alive(pid)])

    def _task_body(self, engine):
        task = {"format": "pdf", "engine": engine, "title": "T", "made_at": MADE}
        return json.dumps({**task, "body": PAGE, "data": {"n": "1"}}).encode()

    def test_a_worker_that_dies_costs_one_more_try(self):
        pool = Pool(size=1)
        self.addCleanup(pool.close)
        self._pdf(PAGE, pool=pool, n="1")
        dead = pool.idle[0].process
        os.kill(dead.pid, signal.SIGKILL)
        self.assertEqual(self._pdf(PAGE, pool=pool, n="1")[:5], b"%PDF-")
        self.assertNotEqual(pool.idle[0].process.pid, dead.pid)

    def test_of_many_tasks_a_lost_one_costs_only_itself(self):
        pool = Pool(size=2)
        self.addCleanup(pool.close)
        task = {"format": "pdf", "engine": "plutoprint", "title": "T", "made_at": MADE}
        bodies = [PAGE] * 30
        bodies[4], bodies[7] = "{{ n | nothing }}", "BOMB"
        tasks = [{**task, "body": body, "data": {"n": "1"}} for body in bodies]
        perform_all, tried = Worker.perform_all, []

        def killed_by_bombs(worker, packed, deadline):
            """The worker dies as it takes a bomb."""
            bombs = [n for n, body in enumerate(packed) if b"BOMB" in body]
            if not bombs:
                return perform_all(worker, packed, deadline)
            tried.append(worker.process.pid)
            found = perform_all(worker, packed[: bombs[0]], deadline)
            worker.end()
            return found

        with patch.object(Worker, "perform_all", killed_by_bombs):
            found = pool.perform_all(tasks)
        self.assertEqual(len(set(tried)), 2)
        self.assertIsInstance(found[4], Fault)
        self.assertIsInstance(found[7], WorkerLost)
        good = [answer for n, answer in enumerate(found) if n not in (4, 7)]
        self.assertEqual({answer[:5] for answer in good}, {b"%PDF-"})
        self.assertEqual(good[0], pool.perform(tasks[0]))

    def _start_dying(self, times):
        """The next ``times`` workers die as they start."""
        answer, left = Worker._answer, [None] * times

        def dying(worker, until):
            if left:
                left.pop()
                worker.process.kill()
            return answer(worker, until)

        self.enterContext(patch.object(Worker, "_answer", dying))
        pool = Pool(size=1)
        self.addCleanup(pool.close)
        return pool

    def test_a_worker_that_dies_as_it_starts_costs_one_more_try(self):
        content = self._pdf(PAGE, pool=self._start_dying(1), n="1")
        self.assertEqual(content[:5], b"%PDF-")
        task = {"format": "pdf", "engine": "plutoprint", "title": "T", "made_at": MADE}
        tasks = [{**task, "body": PAGE, "data": {"n": str(n)}} for n in range(30)]
        found = self._start_dying(1).perform_all(tasks)
        self.assertEqual({bytes(answer[:5]) for answer in found}, {b"%PDF-"})

    def test_where_no_worker_starts_no_document_is_to_blame(self):
        """It passes by itself: whoever works in the background tries again later."""
        task = {"format": "pdf", "engine": "plutoprint", "title": "T", "made_at": MADE}
        tasks = [{**task, "body": PAGE, "data": {"n": "1"}}] * 3
        with self.assertRaises(NoWorker) as none:
            self._start_dying(2).perform_all(tasks)
        self.assertEqual(temporary_kind(none.exception), "memory")
        pool = self._start_dying(2)
        with self.assertRaises(NoWorker):
            self._pdf(PAGE, pool=pool, n="1")
        self.assertEqual(self._pdf(PAGE, pool=pool, n="1")[:5], b"%PDF-")

    def test_a_fault_leaves_the_worker_alive(self):
        pool = Pool(size=1)
        self.addCleanup(pool.close)
        self._pdf(PAGE, pool=pool, n="1")
        pid = pool.idle[0].process.pid
        with self.assertRaises(Fault):
            self._pdf("{{ x", pool=pool)
        self._pdf(PAGE, pool=pool, n="2")
        self.assertEqual(pool.idle[0].process.pid, pid)

    def test_a_worker_is_made_anew_after_the_tasks_of_its_engine(self):
        for engine, most, anew in (("weasyprint", 2, 2), ("plutoprint", 4, 1)):
            with self.subTest(engine=engine), patch.dict(TASKS, {engine: most}):
                pool = Pool(size=1)
                self.addCleanup(pool.close)
                pids = []
                for _number in range(3):
                    self._pdf(PAGE, engine, pool, n="1")
                    pids += [worker.process.pid for worker in pool.idle]
                self.assertEqual(len(set(pids)), anew)

    def test_there_are_never_more_workers_than_places(self):
        pool = Pool(size=2)
        self.addCleanup(pool.close)
        with ThreadPoolExecutor(6) as threads:
            list(threads.map(lambda n: self._pdf(PAGE, pool=pool, n=str(n)), range(8)))
        self.assertLessEqual(len(pool.idle), 2)

    def test_an_engine_that_cannot_tell_that_it_has_no_memory_says_so(self):
        """As WeasyPrint does with 5,000 rows: its libraries in C lose the error."""
        for error in (MemoryError(), SystemError("error return without exception set")):
            with self.subTest(error=error):
                state, body = worker._work(Mock(side_effect=error), b"{}")
                self.assertEqual(state, worker.FAULT)
                self.assertIn("too much memory", json.loads(body)["reason"])

    def test_a_process_that_dies_of_its_memory_names_the_limit(self):
        """PlutoPrint ends it with many lines of no word, which no check refuses."""
        pool = Pool(size=1, memory=500_000_000)
        self.addCleanup(pool.close)
        body = "<html><body><pre>{{ n }}</pre></body></html>"
        with self.assertRaises((Fault, WorkerLost)) as ended:
            self._pdf(body, pool=pool, n="\n" * 1_500_000)
        self.assertRegex(ended.exception.reason, "500 MB|too much memory")
        self.assertEqual(self._pdf(PAGE, pool=pool, n="1")[:5], b"%PDF-")

    def test_memory_is_bounded(self):
        body = "{% assign a = 'xxxxxxxxxxxxxxxxxxxx' %}" + (
            "{% assign a = a | append: a %}" * 40
        )
        with self.assertRaises((Fault, WorkerLost)):
            self._pdf(body)
        self.assertEqual(self._pdf(PAGE, n="1")[:5], b"%PDF-")

    def test_the_end_of_the_parent_ends_its_workers(self):
        code = (
            "import sys, os; sys.path.insert(0, sys.argv[1])\n"
            "from engine.pool import Pool\n"
            "pool = Pool(size=1)\n"
            "worker = pool._take('plutoprint')\n"
            "print(worker.process.pid, flush=True)\n"
            "os.kill(os.getpid(), 9)\n"
        )
        parent = subprocess.run(
            [sys.executable, "-c", code, HOME], capture_output=True, check=False
        )
        pid = int(parent.stdout)
        for _try in range(100):
            if not _alive(pid):
                return
            time.sleep(0.1)
        self.fail("the worker outlived its parent")


def _throttle(process, over):
    """Let ``process`` run for a fifth of the time until ``over`` is set."""
    while not over.wait(0.02):
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.08)
        process.send_signal(signal.SIGCONT)


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


PROBE = """
import sys; sys.path.insert(0, sys.argv[1])
from engine import fonts, sandbox
folders = fonts.readable()
sandbox.limit()
missing = sandbox.close_in(folders)
def tried(work):
    try:
        work()
        return "done"
    except OSError:
        return "refused"
import socket
print(",".join(missing))
print(tried(lambda: open(sys.argv[2]).read()))
print(tried(lambda: open("/etc/passwd").read()))
print(tried(lambda: open("/tmp/voip_written", "w").write("x")))
print(tried(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 2)))
"""


@tagged("post_install", "-at_install")
class TestSandbox(BaseCase):
    def test_a_worker_reads_no_file_writes_none_and_reaches_nobody(self):
        import socket
        import tempfile

        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        with tempfile.NamedTemporaryFile("w") as canary:
            canary.write("canary")
            canary.flush()
            port = str(listener.getsockname()[1])
            result = subprocess.run(
                [sys.executable, "-c", PROBE, HOME, canary.name, port],
                capture_output=True,
                check=True,
            )
        missing, *tried = result.stdout.decode().split("\n")[:5]
        files = "done" if "files" in missing else "refused"
        network = "done" if "network" in missing else "refused"
        # Writing is refused by a limit of its own, whatever the kernel has.
        self.assertEqual(tried, [files, files, "refused", network])

    def test_a_worker_has_nothing_of_the_servers_environment(self):
        pool = Pool(size=1)
        self.addCleanup(pool.close)
        os.environ["VOIP_TEST_SECRET"] = "secret"
        self.addCleanup(os.environ.pop, "VOIP_TEST_SECRET")
        worker = pool._take("plutoprint")
        self.addCleanup(worker.end)
        with open(f"/proc/{worker.process.pid}/environ", "rb") as environment:
            self.assertNotIn(b"secret", environment.read())

    def test_a_forked_process_has_a_pool_of_its_own(self):
        own = module.shared()
        self.addCleanup(own.close)
        seen = []
        thread = threading.Thread(target=lambda: seen.append(module.shared()))
        thread.start()
        thread.join()
        self.assertIs(seen[0], own)
        own.pid += 1
        self.assertIsNot(module.shared(), own)
