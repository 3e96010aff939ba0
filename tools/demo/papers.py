"""The invoice as PDF and its calls as CSV, written to disk."""

import csv
import shutil
import threading
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from werkzeug.serving import make_server

from odoo import http
from odoo.tools import config

FOLDER = Path(config["data_dir"]).parent / "demo"
COLUMNS = (
    "source_ref",
    "started_at",
    "local_day",
    "account_id",
    "caller",
    "called",
    "label",
    "prefix",
    "duration_seconds",
    "billed_seconds",
    "unit_price",
    "amount",
    "currency_id",
)
MONEY = {"unit_price": 8, "amount": 8, "duration_seconds": 3}


@contextmanager
def served(env):
    """Serve style sheets to wkhtmltopdf, which fetches them from the site."""
    server = make_server("127.0.0.1", 0, http.root, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings = env["ir.config_parameter"].sudo()
    before = settings.get_param("report.url")
    settings.set_param("report.url", f"http://127.0.0.1:{server.server_port}")
    try:
        yield
    finally:
        settings.set_param("report.url", before or False)
        server.shutdown()
        thread.join()


def file_of(move, suffix):
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER / f"{move.name.replace('/', '-')}{suffix}"


def pdf(env, move):
    """Write the printed invoice; return its path.

    :raises SystemExit: 1, where wkhtmltopdf is missing
    """
    if not shutil.which("wkhtmltopdf"):
        print("wkhtmltopdf is missing: install the package of that name.")
        raise SystemExit(1)
    with served(env):
        content, kind = env["ir.actions.report"]._render_qweb_pdf(
            "account.account_invoices", move.ids
        )
    if kind != "pdf" or not content.startswith(b"%PDF"):
        print("The invoice could not be printed.")
        raise SystemExit(1)
    path = file_of(move, ".pdf")
    path.write_bytes(content)
    return path


def calls(env, move):
    """Write the calls behind an invoice.

    :return: (path, number of charged calls, exact sum of their amounts)
    """
    domain = move.action_voip_view_usage()["domain"]
    rows = env["voip.usage"].search_read(domain, COLUMNS, order="started_at, id")
    path = file_of(move, "-calls.csv")
    charged, total = 0, Decimal(0)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for row in rows:
            texts = {name: text_of(name, row[name]) for name in COLUMNS}
            writer.writerow(texts.values())
            charged += row["billed_seconds"] > 0
            total += Decimal(texts["amount"])
    return path, charged, total


def text_of(name, value):
    if name in MONEY:
        return f"{value:.{MONEY[name]}f}"
    return value[1] if isinstance(value, tuple) else value
