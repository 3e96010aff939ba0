"""The parent's side: a bounded number of worker processes that can be killed."""

import atexit
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from . import fonts
from .faults import Fault, NoWorker, WorkerLost
from .job import packed
from .sandbox import CPU_SECONDS, MEMORY
from .worker import HEAD, OK

START = (
    "import sys; sys.path.insert(0, sys.argv[2]);"
    " from engine import worker; worker.main()"
)
HOME = str(Path(__file__).resolve().parent.parent)
# Processor time is what work is measured by; the clock also runs while a busy machine
# lets a worker wait. So it ends what had hardly any processor time for STILL seconds,
# and, at the latest, what would have had its own at a load of some thirty.
DEADLINE, START_DEADLINE = 600.0, 300.0
STILL, LEAST_SHARE, ENDING = 25.0, 0.01, 5.0
TICKS = os.sysconf("SC_CLK_TCK")
# After how many tasks a worker is made anew. WeasyPrint keeps 0.4 MB of each document;
# nothing else grows, and a start costs the time of some hundred tables.
TASKS = {"weasyprint": 500, "plutoprint": 10_000}
MAX_ANSWER = 200_000_000
# Tasks that one worker gets at once.
PIECE = 12
HEAD_IN = struct.Struct(">I")


class Worker:
    """One process and its pipes."""

    def __init__(self, engines, memory=MEMORY, seconds=CPU_SECONDS, still=STILL):
        setting = {
            "engines": engines,
            "memory": memory,
            "seconds": seconds,
            "folders": fonts.readable(),
        }
        self.done, self.seconds, self.still = 0, seconds, still
        self.memory, self.lost = memory, ""
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, json.dumps(setting), HOME],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # Nothing of the server's surroundings: no passwords, no proxies.
            env={"FONTCONFIG_FILE": fonts.configuration(), "LANG": "C.UTF-8"},
        )
        try:
            self.missing = json.loads(self._answer(_Watch(self, START_DEADLINE)))
        except WorkerLost:
            self.end()
            raise

    def perform(self, body, deadline):
        """:raises Fault: the task is refused, or takes too much processor time
        :raises WorkerLost: it died, or was too slow: then it is no more
        """
        [answer] = self.perform_all([body], deadline) or [WorkerLost(self.lost)]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def perform_all(self, bodies, deadline):
        """Do tasks in their order, the next sent while the one before is done.

        :param bodies: tasks as bytes
        :param deadline: seconds for each
        :return: bytes or :class:`Fault` of each; shorter where the worker died or was
            too slow: then it is no more, ``lost`` is the reason, and the first task
            without an answer did it.
            What the kernel ended for its processor time has its fault: the same again
            would take as long
        """
        found = []
        try:
            for answer in self._exchange(bodies, deadline):
                found.append(answer)
        except (OSError, WorkerLost) as lost:
            self.end()
            code = self.process.returncode
            if code == -signal.SIGXCPU:
                reason = f"it takes more than {self.seconds} s of processor time"
                found.append(Fault(reason))
            self.lost = getattr(lost, "reason", None) or self._died(code)
        self.done += len(found)
        return found

    def _died(self, code):
        """Why the process is no more: libraries in C that get no memory end it."""
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        most = self.memory // 1_000_000
        return f"its process died ({how}), as where it needs more than {most} MB"

    def _exchange(self, bodies, deadline):
        """Send and read at once, so that neither pipe fills up for good."""
        rest = memoryview(b"".join(HEAD_IN.pack(len(one)) + one for one in bodies))
        buffer, left = bytearray(), len(bodies)
        watch = _Watch(self, deadline)
        while left:
            events = self._ready(rest, watch)
            if self.process.stdin.fileno() in events:
                rest = rest[self._write(rest) :]
            if self.process.stdout.fileno() in events:
                buffer += self._part()
                while answer := _taken(buffer):
                    yield _told(*answer)
                    left, watch = left - 1, _Watch(self, deadline)

    def _answer(self, watch):
        """The answer that comes by itself: what the start has to tell."""
        buffer = bytearray()
        while not (answer := _taken(buffer)):
            self._ready(b"", watch)
            buffer += self._part()
        return answer[1]

    def _ready(self, rest, watch):
        """Handles that can be read or, where ``rest`` is to be sent, written."""
        # Unlike select, poll takes the handles of a busy server.
        poll = select.poll()
        poll.register(self.process.stdout.fileno(), select.POLLIN)
        if rest:
            poll.register(self.process.stdin.fileno(), select.POLLOUT)
        while True:
            events = poll.poll(1000 * watch.left())
            if events:
                return {handle for handle, _event in events}

    def spent(self):
        """Seconds of processor time that the process has had."""
        with open(f"/proc/{self.process.pid}/stat") as told:
            fields = told.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def _write(self, rest):
        handle = self.process.stdin.fileno()
        os.set_blocking(handle, False)
        try:
            return os.write(handle, rest[:65536])
        except BlockingIOError:
            return 0

    def _part(self):
        part = os.read(self.process.stdout.fileno(), 1 << 20)
        if not part:
            # Its own end tells why, before it is killed.
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(ENDING)
            raise WorkerLost()
        return part

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class _Watch:
    """How long one task may still take."""

    def __init__(self, worker, deadline):
        self.worker, self.deadline = worker, deadline
        self.end = time.monotonic() + deadline
        self._look()

    def _look(self):
        self.spent = self.worker.spent()
        self.next = time.monotonic() + self.worker.still

    def left(self):
        """Seconds until it is to be asked again.

        :raises WorkerLost: its time is over, or the worker stands still
        """
        now = time.monotonic()
        if now >= self.next:
            before = self.spent
            self._look()
            if self.spent - before < self.worker.still * LEAST_SHARE:
                raise WorkerLost(f"it stood still for {self.worker.still:g} s")
        if now >= self.end:
            raise WorkerLost(f"it was not ready after {self.deadline:g} s")
        return min(self.end, self.next) - now


def _taken(buffer):
    """(state, body) of the first whole answer, taken out; None without one.

    :raises WorkerLost: it is longer than any answer
    """
    if len(buffer) < HEAD.size:
        return None
    state, length = HEAD.unpack_from(buffer)
    if length > MAX_ANSWER:
        raise WorkerLost(f"its file has more than {MAX_ANSWER} bytes")
    end = HEAD.size + length
    if len(buffer) < end:
        return None
    body = bytes(memoryview(buffer)[HEAD.size : end])
    del buffer[:end]
    return state, body


def _pieces(items):
    """``items`` in lists of what one worker gets at once."""
    return [items[start : start + PIECE] for start in range(0, len(items), PIECE)]


def _told(state, body):
    if state == OK:
        return body
    fault = json.loads(body)
    return Fault(str(fault["reason"]), fault["line"])


class Pool:
    """Worker processes of this process, made when they are needed."""

    def __init__(self, size=2, deadline=DEADLINE, **limits):
        self.size, self.deadline = size, deadline
        self.limits = limits
        self.places = threading.BoundedSemaphore(size)
        self.lock = threading.Lock()
        self.idle = []
        self.pid = os.getpid()

    def perform(self, task, deadline=None):
        """Do ``task`` in a worker; a worker that dies costs one more try.

        :return: bytes
        :raises Fault: the template or its result is refused
        :raises WorkerLost: two workers died or were ended at their deadline
        :raises NoWorker: none starts
        """
        deadline = deadline or self.deadline
        engine, body = packed(task)
        with self.places:
            for last in (False, True):
                with self._worker(engine) as worker:
                    try:
                        return worker.perform(body, deadline)
                    except WorkerLost:
                        if last:
                            raise
        raise WorkerLost()

    def perform_all(self, tasks, deadline=None):
        """Do many tasks with all workers; one that is lost costs only its own document.

        :return: of each task, in their order, bytes, :class:`Fault` or
            :class:`WorkerLost`
        """
        return self.begin_all(tasks, deadline)()

    def begin_all(self, tasks, deadline=None):
        """Begin many tasks; whoever calls goes on with other work meanwhile.

        :return: a callable that waits for what :meth:`perform_all` returns; it raises
            :class:`NoWorker` where none starts, as no document is to blame
        """
        answers, groups = [None] * len(tasks), {}
        for number, task in enumerate(tasks):
            try:
                engine, body = packed(task)
                groups.setdefault(engine, []).append((number, body))
            except Fault as fault:
                answers[number] = fault
        deadline = deadline or self.deadline
        threads = ThreadPoolExecutor(self.size)
        begun = [
            threads.submit(self._piece, engine, piece, answers, deadline)
            for engine, found in groups.items()
            for piece in _pieces(found)
        ]
        threads.shutdown(wait=False)

        def ended():
            for piece in begun:
                piece.result()
            return answers

        return ended

    def _piece(self, engine, items, answers, deadline):
        """Do ``items``, (number, body) of one engine, into ``answers``."""
        tries = dict.fromkeys((number for number, _body in items), 2)
        while items:
            with self.places, self._worker(engine) as worker:
                bodies = [body for _number, body in items]
                found = worker.perform_all(bodies, deadline)
            for (number, _body), answer in zip(items, found, strict=False):
                answers[number] = answer
            items = items[len(found) :]
            if items:
                number = items[0][0]
                tries[number] -= 1
                if not tries[number]:
                    answers[number] = WorkerLost(worker.lost)
                    items = items[1:]

    @contextmanager
    def _worker(self, engine):
        worker = self._take(engine)
        try:
            yield worker
        finally:
            self._give(worker)

    def _take(self, engine):
        with self.lock:
            for worker in list(self.idle):
                if worker.process.poll() is not None:
                    self.idle.remove(worker)
                    worker.end()
                elif engine in worker.engines:
                    self.idle.remove(worker)
                    return worker
            spare = self.idle.pop(0) if len(self.idle) >= self.size else None
        if spare:
            spare.end()
        worker = self._started(engine)
        worker.engines = (engine,)
        return worker

    def _started(self, engine):
        """A new worker; one that dies as it starts costs one more try, too."""
        for last in (False, True):
            try:
                return Worker([engine], **self.limits)
            except WorkerLost as lost:
                if last:
                    raise NoWorker("no process that makes documents starts") from lost
        raise NoWorker()

    def _give(self, worker):
        most = min(TASKS[engine] for engine in worker.engines)
        if worker.process.poll() is None and worker.done < most:
            with self.lock:
                self.idle.append(worker)
        elif worker.process.poll() is None:
            worker.end()

    def close(self):
        with self.lock:
            idle, self.idle = self.idle, []
        for worker in idle:
            worker.end()


_pool, _pool_lock = None, threading.Lock()


def usual_size():
    """Workers where nobody says how many: one for each processor, four at most."""
    return max(1, min(4, os.cpu_count() or 1))


def shared(size=0):
    """The pool of this process; a fork has its own.

    :param size: workers; 0: as many as there are, or as is usual
    """
    global _pool
    with _pool_lock:
        if _pool is None or _pool.pid != os.getpid():
            _pool = Pool(size=size or usual_size())
            atexit.register(_pool.close)
        elif size and size != _pool.size:
            # Those at work end their document; the next ones find the new pool.
            _pool.close()
            _pool = Pool(size=size)
            atexit.register(_pool.close)
        return _pool
