"""The parent's side: a bounded number of worker processes that can be killed."""

import atexit
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from . import fonts
from .faults import Fault, WorkerLost
from .pdf import default_engine, refuse_absent
from .sandbox import CPU_SECONDS, MEMORY
from .table import needed
from .worker import HEAD, MAX_TASK, OK

START = (
    "import sys; sys.path.insert(0, sys.argv[2]);"
    " from engine import worker; worker.main()"
)
HOME = str(Path(__file__).resolve().parent.parent)
DEADLINE, START_DEADLINE = 25.0, 60.0
TASKS, MAX_ANSWER = 500, 200_000_000


class Worker:
    """One process and its pipes."""

    def __init__(self, engines, memory=MEMORY, seconds=CPU_SECONDS):
        setting = {
            "engines": engines,
            "memory": memory,
            "seconds": seconds,
            "folders": fonts.readable(),
        }
        self.done = 0
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
            self.missing = json.loads(self._answer(time.monotonic() + START_DEADLINE))
        except WorkerLost:
            self.end()
            raise

    def perform(self, body, deadline):
        """:raises WorkerLost: it died, or was too slow: then it is no more"""
        until = time.monotonic() + deadline
        try:
            self._send(struct.pack(">I", len(body)) + body, until)
            answer = self._answer(until)
        except Fault:
            self.done += 1
            raise
        except (OSError, WorkerLost):
            self.end()
            raise WorkerLost() from None
        self.done += 1
        return answer

    def _send(self, body, until):
        handle, view = self.process.stdin.fileno(), memoryview(body)
        os.set_blocking(handle, False)
        while view:
            self._wait([], [handle], until)
            try:
                view = view[os.write(handle, view[:65536]) :]
            except BlockingIOError:
                continue

    def _answer(self, until):
        state, length = HEAD.unpack(self._read(HEAD.size, until))
        if length > MAX_ANSWER:
            raise WorkerLost()
        body = self._read(length, until)
        if state == OK:
            return body
        fault = json.loads(body)
        raise Fault(str(fault["reason"]), fault["line"])

    def _read(self, length, until):
        handle, parts = self.process.stdout.fileno(), []
        while length:
            self._wait([handle], [], until)
            part = os.read(handle, min(length, 1 << 20))
            if not part:
                raise WorkerLost()
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def _wait(self, readers, writers, until):
        left = until - time.monotonic()
        # Unlike select, poll takes the handles of a busy server.
        poll = select.poll()
        for handle, event in ((readers, select.POLLIN), (writers, select.POLLOUT)):
            for each in handle:
                poll.register(each, event)
        if left <= 0 or not poll.poll(1000 * left):
            raise WorkerLost()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Pool:
    """Worker processes of this process, made when they are needed."""

    def __init__(self, size=2, tasks=TASKS, deadline=DEADLINE, **limits):
        self.size, self.tasks, self.deadline = size, tasks, deadline
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
        """
        deadline = deadline or self.deadline
        if task.get("table"):
            task = {**task, "data": needed(task["table"], task["data"])}
        body = json.dumps(task).encode()
        if len(body) > MAX_TASK:
            raise Fault("the data of the document is too large")
        engine = task.get("engine") or default_engine()
        refuse_absent(engine)
        with self.places:
            for last in (False, True):
                worker = self._take(engine)
                try:
                    return worker.perform(body, deadline)
                except WorkerLost:
                    if last:
                        raise
                finally:
                    self._give(worker)
        raise WorkerLost()

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
        worker = Worker([engine], **self.limits)
        worker.engines = (engine,)
        return worker

    def _give(self, worker):
        if worker.process.poll() is None and worker.done < self.tasks:
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


def shared():
    """The pool of this process; a fork has its own."""
    global _pool
    with _pool_lock:
        if _pool is None or _pool.pid != os.getpid():
            _pool = Pool(size=max(1, min(4, os.cpu_count() or 1)))
            atexit.register(_pool.close)
        return _pool
