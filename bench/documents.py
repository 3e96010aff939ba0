"""Speed of documents in closed-in worker processes, without Odoo.

Three-page invoices as PDF with both engines, a long statement, XLSX and CSV of 90 rows,
and the memory of a worker. Prints files per second of all workers together, and the
processor time of a file, which a busy machine distorts less.
"""

import argparse
import importlib.util
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(os.environ.get("VOIP_ROOT") or Path(__file__).resolve().parents[1])
HOME = ROOT / "addons" / "voip_documents"
sys.path.insert(0, str(HOME))

from engine import exact  # noqa: E402
from engine.pool import Pool  # noqa: E402
from engine.sample import sample  # noqa: E402
from engine.shipped import whole  # noqa: E402

LAYOUT = {
    **exact.PLAIN,
    "thousands_sep": ",",
    "grouping": [3, 0],
    "currency": {"name": "EUR", "symbol": "€", "before": False, "decimals": 2},
}
MADE = "2026-01-31T00:00:00Z"
COLUMNS = (
    ("Document", "number", "text"),
    ("Section", "line.section", "text"),
    ("Description", "line.name", "text"),
    ("Calls", "line.calls", "number"),
    ("Minutes", "line.seconds", "duration"),
    ("Rate", "line.rate", "number"),
    ("Amount", "line.amount", "number"),
)


class English:
    _ = staticmethod(lambda text: text)


def data_of(repeat):
    """An invoice of 10 × ``repeat`` lines and a few."""
    path = HOME / "context" / "words.py"
    spec = importlib.util.spec_from_file_location("words", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    words = {**module.words(English), "title": "Invoice"}
    labels = {
        name: word.replace("%s", "EUR")
        for name, word in words.items()
    }
    language = {"code": "en_US", "is_right_to_left": False}
    return sample("invoice", labels, LAYOUT, language, repeat)


def task(format_, data, engine=None):
    table = {
        "rows": "lines",
        "has_heading": True,
        "delimiter": "comma",
        "encoding": "utf-8",
        "quoting": "minimal",
        "decimal_point": ".",
        "date_format": "",
        "columns": [
            {"heading": heading, "path": path, "kind": kind, "decimals": -1}
            for heading, path, kind in COLUMNS
        ],
    }
    body = whole(
        (HOME / "templates" / "document.html").read_text(),
        lambda name: (HOME / "templates" / "parts" / f"{name}.html").read_text(),
    )
    plain = {"format": format_, "data": data, "title": "Invoice", "made_at": MADE}
    if format_ == "pdf":
        return {**plain, "engine": engine, "body": body}
    return {**plain, "table": table}


def measure(name, job, count, workers):
    """Make ``count`` files of ``job`` with ``workers`` processes, warm."""
    pool = Pool(size=workers, deadline=120)
    with ThreadPoolExecutor(workers) as threads:
        size = len(list(threads.map(pool.perform, [job] * workers))[0])
        before = processor(pool)
        start = time.perf_counter()
        made = pool.perform_all([job] * count)
        took = time.perf_counter() - start
        used = processor(pool) - before
    if any(isinstance(answer, Exception) for answer in made):
        raise SystemExit(f"{name}: not all were made")
    memory = max(resident(worker.process.pid) for worker in pool.idle)
    pool.close()
    print(
        f"{name:30} {count / took:8.1f}/s {1000 * used / count:8.1f} ms of a core"
        f" {size / 1000:8.1f} kB {memory:6.0f} MB a worker"
    )


def processor(pool):
    """Seconds of processor that the workers have used."""
    total = 0
    for worker in pool.idle:
        with open(f"/proc/{worker.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1000
    return 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--count", type=int, default=100)
    given = parser.parse_args()
    invoice, statement = data_of(9), data_of(120)
    count, workers = given.count, given.workers
    fast, rich = (task("pdf", invoice, each) for each in ("plutoprint", "weasyprint"))
    measure("PDF, 3 pages, PlutoPrint", fast, count, workers)
    measure("PDF, 3 pages, WeasyPrint", rich, max(4, count // 20), workers)
    long = task("pdf", statement, "plutoprint")
    measure("PDF, 1,200 rows, PlutoPrint", long, max(2, count // 20), 1)
    measure("XLSX, 90 rows", task("xlsx", invoice), count, workers)
    measure("CSV, 90 rows", task("csv", invoice), 5 * count, workers)


if __name__ == "__main__":
    main()
