"""One task: a template and plain data in, the bytes of a file out."""

import json
from base64 import b64decode

from .check_html import checked
from .faults import Fault
from .liquid_text import render
from .pdf import default_engine, refuse_absent, to_pdf
from .table import needed, to_csv, to_xlsx
from .workbook import fill, inspect
from .worker import MAX_TASK


def perform(task):
    """Do ``task``.

    :param task: dict ``format`` (pdf, xlsx, csv), ``data``, ``title``, ``made_at``;
        for PDF ``engine``, ``body`` and, where it is asked for, ``variant``; for the
        others ``table`` or, for XLSX, ``workbook`` in base64; of format ``found`` only
        ``workbook`` and ``data``
    :return: bytes; of ``found`` what :func:`.workbook.inspect` says, as JSON
    :raises Fault: with reason and line
    """
    data = task["data"]
    if task["format"] == "found":
        return json.dumps(inspect(b64decode(task["workbook"]), data)).encode()
    title, made_at = task["title"], task["made_at"]
    if task["format"] == "pdf":
        text = render(task["body"], data)
        page = checked(text, task["body"])
        return to_pdf(task["engine"], page, title, made_at, task.get("variant"))
    if task["format"] == "csv":
        return to_csv(task["table"], data)
    if task.get("workbook"):
        return fill(b64decode(task["workbook"]), data, made_at)
    return to_xlsx(task["table"], data, title, made_at)


def packed(task):
    """(engine, bytes) of a task.

    :raises Fault: its data are too large, or its engine is not there
    """
    if task.get("table"):
        task = {**task, "data": needed(task["table"], task["data"])}
    body = json.dumps(task).encode()
    if len(body) > MAX_TASK:
        raise Fault("the data of the document is too large")
    engine = task.get("engine") or default_engine()
    refuse_absent(engine)
    return engine, body
