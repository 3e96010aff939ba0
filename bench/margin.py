"""The margin watch over the last days of a month of rated records.

The watch runs over the last seven days of the month and again, unchanged; each time its
alerts are brought up to date and priced anew by the rating engine. Baseline:
PostgreSQL's plain sum of the same calls by account, destination and day.
"""

from datetime import date, timedelta
from statistics import median
from unittest.mock import patch

import common
from invoice_run import rate_month

MODULES = "voip_supplier_audit"
DAYS = 7
PLAIN = """
SELECT count(*), sum(amount_company), sum(cost) FROM (
    SELECT account_id, label, destination_id, local_day, sum(amount_company)
           AS amount_company, sum(cost) AS cost
      FROM voip_usage WHERE started_at >= %(since)s AND started_at < %(until)s
     GROUP BY 1, 2, 3, 4) x
"""


def main():
    options = common.parser(__doc__, 1_000_000)
    options.add_argument("--runs", type=int, default=3)
    options = options.parse_args()
    name = options.db or common.make_database("bench_margin", options, MODULES)
    try:
        if not options.db:
            with common.environment(name) as env:
                common.seed(env, options)
        rate_month(options, name)
        with common.environment(name) as env:
            measure(env, options.runs)
    finally:
        if not (options.db or options.keep):
            common.drop_database(name)


def watched_days():
    """The last days of the month that was rated, both included."""
    first = date.fromisoformat(f"{common.last_month()}-01")
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return last - timedelta(days=DAYS - 1), last


def measure(env, runs):
    alerts, days = env["voip.margin.alert"], watched_days()
    with patch.object(type(alerts), "_watched_days", lambda self, company: days):
        first = watch(alerts)
        again = [watch(alerts) for _run in range(runs)]
    plain = [plain_sum(env, days) for _run in range(runs)]
    env.cr.execute(
        "SELECT count(*) FROM voip_usage_summary WHERE local_day BETWEEN %s AND %s",
        list(days),
    )
    common.show("usage summaries of the days", env.cr.fetchone()[0], digits=0)
    common.show("alerts open", alerts.search_count([("state", "=", "open")]), digits=0)
    common.show("first watch", first, "s")
    common.show("watch again, median", median(again), "s")
    common.show("plain sum of the calls, median", median(plain), "s")
    common.show("watch again / plain sum", median(again) / median(plain))


def watch(alerts):
    """Seconds of a watch, committed."""
    with common.Clock() as clock:
        alerts._watch(alerts.env.company)
        alerts.env.cr.commit()
    return clock.wall


def plain_sum(env, days):
    asked = {"since": days[0], "until": days[1] + timedelta(days=1)}
    with common.Clock() as clock:
        env.cr.execute(PLAIN, asked)
        env.cr.fetchall()
    return clock.wall


if __name__ == "__main__":
    main()
