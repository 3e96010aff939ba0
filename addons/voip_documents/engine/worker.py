"""The process that makes documents: reads tasks, writes files, knows nothing else."""

import gc
import json
import os
import struct
import sys
import threading
import time

from . import sandbox
from .faults import Fault

HEAD = struct.Struct(">BI")
OK, FAULT, BROKEN = 0, 1, 2
MAX_TASK = 64_000_000


def main():
    """Work until the parent closes the pipe, or is gone."""
    setting = json.loads(sys.argv[1])
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between two answers.
    os.dup2(2, 1)
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    perform = _warm(setting)
    sandbox.limit(setting["memory"], setting["seconds"])
    gc.freeze()
    missing = sandbox.close_in(setting["folders"])
    _answer(sink, OK, json.dumps(missing).encode())
    while head := source.read(4):
        (length,) = struct.unpack(">I", head)
        if length > MAX_TASK:
            return
        sandbox.allow(setting["seconds"])
        # Collecting garbage in the midst of a document costs a tenth of its time.
        gc.disable()
        answer = _work(perform, source.read(length))
        gc.enable()
        _answer(sink, *answer)


def _warm(setting):
    """Import and use once whatever tasks need, while files can be read."""
    from . import pdf
    from .job import perform

    for engine in setting["engines"]:
        pdf.load(engine)
        page = "<html><head></head><body>Warm <b>é</b></body></html>"
        pdf.to_pdf(engine, page, "Warm", "2026-01-01T00:00:00Z")
    return perform


def _work(perform, body):
    try:
        return OK, perform(json.loads(body))
    except Fault as fault:
        answer = {"reason": fault.reason, "line": fault.line}
    except (MemoryError, SystemError):
        # Libraries in C that get no memory may return an error without telling which.
        answer = {"reason": "the document needs too much memory", "line": None}
    except RecursionError:
        answer = {"reason": "the document is nested too deeply", "line": None}
    except Exception as error:  # an engine's own: the parent tells the record
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        answer = {"reason": reason, "line": None}
    return FAULT, json.dumps(answer).encode()


def _answer(sink, state, body):
    sink.write(HEAD.pack(state, len(body)) + body)
    sink.flush()


def _watch(parent):
    """End with the parent, in the midst of a task too."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
