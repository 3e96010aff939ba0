"""A time limit struck at every statement from a stored call to its sealed month.

PostgreSQL cancels the statement, or gives a lock up at it and at all after it until the
try has failed. Each leaves the work waiting with its next try, never failed, never half
done; in the end the figures are those of the same calls that met no limit.
"""

import contextlib
import csv
import io
from unittest.mock import patch

import common
from common import World, check, expect, ingest, query, tell
from steps import Steps, lock_held, lock_out, time_out, waits

SIZE, NOW, FILE = 20, 1_000, 10**5
# Beyond these rows a file is copied by a second thread.
FILES = {"small file": (30, 1), "large file": (15_000, 9)}
DAYS = 65
BATCH, LINE, RUN = "voip_cdr_batch", "voip_billing_run_line", "voip_billing_run"
FIGURES = """
SELECT (SELECT (count(*), sum(amount), sum(billed_seconds), count(DISTINCT source_id))
          FROM voip_usage_row WHERE company_id = %(company)s)::text,
       (SELECT (sum(calls), sum(amount), sum(tax), sum(units), count(DISTINCT move_id))
          FROM voip_usage_summary WHERE company_id = %(company)s)::text,
       (SELECT (ledger_balance, unbilled, unbilled_tax, reserved) FROM voip_wallet
         WHERE company_id = %(company)s)::text,
       (SELECT (count(*), sum(amount_total)) FROM account_move
         WHERE company_id = %(company)s AND voip_run_id IS NOT NULL)::text,
       (SELECT (count(*), count(DISTINCT data::json ->> 'month'),
                sum((data::json #>> '{usage,rows}')::int))
          FROM voip_audit
         WHERE company_id = %(company)s AND event = 'month_sealed')::text
"""


class Way:
    """The way of some calls of one account, struck by ``blow`` at every statement."""

    def __init__(self, registry, name, blow):
        self.registry, self.blow = registry, blow
        self.world = World(registry, name)
        self.counts = {}

    def go(self):
        """What the calls came to at the end, as texts."""
        self.intake("intake", 0, rate_now=False)
        self.until_done("rating", BATCH, self.batch, self.rate)
        self.intake("intake, rated at once", NOW, rate_now=True)
        for what, (rows, every) in FILES.items():
            self.take_file(rows)
            self.until_done(what, BATCH, self.batch, self.rate, every)
        self.bill()
        self.seal()
        check(self.registry, quiet=True, full=True)
        arguments = {"company": self.world.company}
        return query(self.registry, FIGURES, arguments)[0]

    # === Strikes === #

    def strike(self, at, work):
        """(step that was struck, whether its error came through)."""
        escaped = False
        with Steps(at if self.blow else 0, self.blow, waits) as steps, disarmed(steps):
            try:
                with common.transaction(self.registry) as env:
                    work(env)
            except Exception as error:
                expect(bool(temporary_kind(error)), True, f"{error!r} may pass")
                escaped = True
        expect(escaped and not steps.struck, False, "an error without a strike")
        return steps.struck, escaped

    def until_done(self, what, table, record, work, every=1):
        """Strike at each statement in turn until the job gets through."""
        struck = 0
        while True:
            before = self.state(table, record)
            step, escaped = self.strike(common.place(struck * every), work)
            self.expect_whole(step, before, self.state(table, record), escaped)
            if not step:
                break
            struck += 1
            self.make_due(table, record)
        expect(self.state(table, record)[0] in ("done", "invoiced"), True, what)
        self.counts[what] = struck

    def expect_whole(self, step, before, after, escaped):
        """The job is as before, put off once more, or done."""
        state, tries, waiting, parts = after
        if state in ("done", "invoiced"):
            expect((tries, waiting), (before[1], False), f"done after {step}")
        elif escaped:
            expect(after, before, f"as before after {step}")
        else:
            expect(after, (before[0], before[1] + 1, True, 0), f"put off at {step}")
        expect(parts == 0, state not in ("done", "invoiced"), f"whole after {step}")

    def state(self, table, record):
        """(state, tries, whether its next try is set, rows made for it)."""
        parts = {
            BATCH: "(SELECT count(*) FROM voip_usage_row WHERE batch_id = j.id)",
            LINE: "(SELECT count(*) FROM account_move WHERE voip_run_id = j.run_id)",
            RUN: "(SELECT count(*) FROM voip_audit WHERE event = 'billing_run'"
            " AND res_model = 'voip.billing.run' AND res_id = j.id)",
        }[table]
        return query(
            self.registry,
            "SELECT state, COALESCE(try_count, 0), retry_at > now() AT TIME ZONE 'UTC'"
            f" IS TRUE, {parts} FROM {table} j WHERE id = %s",
            [record],
        )[0]

    def make_due(self, table, record):
        with self.registry.cursor() as cr:
            cr.execute(
                f"UPDATE {table} SET retry_at = now() AT TIME ZONE 'UTC'"
                " WHERE id = %s AND retry_at IS NOT NULL",
                [record],
            )

    # === Stages === #

    def intake(self, what, first, rate_now):
        """The call fails and stores nothing, until it gets through."""
        records = [self.world.record(first + n, days=DAYS) for n in range(SIZE)]
        answers, struck = [], 0

        def work(env):
            answers.append(ingest(env, self.world, records, rate_now))

        while step := self.strike(common.place(struck), work)[0]:
            stored = SIZE if answers else 0
            expect(self.stored(first), stored, f"records stored after {step}")
            struck += 1
        accepted = [answer["accepted"] for answer in answers]
        expect(accepted, [SIZE] + [0] * (len(answers) - 1), "records accepted")
        self.batch = answers[0]["batch"]
        self.counts[what] = struck

    def stored(self, first):
        sql = (
            "SELECT count(*) FROM voip_cdr_row WHERE company_id = %s AND"
            " substr(call_id, 6)::int BETWEEN %s AND %s"
        )
        arguments = [self.world.company, first, first + SIZE - 1]
        return query(self.registry, sql, arguments)[0][0]

    def rate(self, env):
        env["voip.cdr.batch"]._cron_rate()

    def take_file(self, rows):
        records = [self.world.record(FILE + rows + n, days=DAYS) for n in range(rows)]
        text = io.StringIO()
        writer = csv.DictWriter(text, records[0].keys())
        writer.writeheader()
        writer.writerows(records)
        with common.transaction(self.registry) as env:
            switch = env["voip.switch"].browse(self.world.switch)
            data = text.getvalue().encode()
            self.batch = env["voip.cdr.batch"]._take_file(switch, data, "calls.csv").id

    def bill(self):
        with common.transaction(self.registry) as env:
            accounts = [(6, 0, self.world.accounts)]
            run = env["voip.billing.run"].create({"account_ids": accounts})
            run.action_preview()
            run.write({"state": "running"})
            record, line = run.id, run.line_ids.id

        def work(env):
            env["voip.billing.run"]._cron_run()

        self.until_done("invoice", LINE, line, lambda env: self.invoice(env, record))
        self.until_done("end of the run", RUN, record, work)

    def invoice(self, env, run):
        from odoo.addons.voip_billing_base.charge.transaction import run_money

        run = env["voip.billing.run"].browse(run)
        while run._work_chunk(run_money):
            env.cr.commit()

    def seal(self):
        """A month is sealed or not; the scheduled action comes again by itself."""
        struck = 0

        def work(env):
            env["voip.seal"]._cron_seal()

        while self.strike(common.place(struck), work)[0]:
            struck += 1
            check(self.registry, quiet=True, full=struck % 5 == 0)
        self.counts["sealing"] = struck


def temporary_kind(error):
    from odoo.addons.voip_billing_base.charge import retry

    return retry.temporary_kind(error)


@contextlib.contextmanager
def disarmed(steps):
    """Nobody holds the locks any more when a try has failed; no pause between tries."""
    from odoo.addons.voip_billing_base.charge import transaction
    from odoo.addons.voip_billing_base.models.voip_job import VoipJob

    missed = VoipJob._missed

    def quiet(job, *arguments, **options):
        steps.armed = False
        return missed(job, *arguments, **options)

    with (
        patch.object(VoipJob, "_missed", quiet),
        patch.object(transaction, "JITTER_SECONDS", 0),
    ):
        yield


def way(registry, name, blow):
    with common.company_of_its_own(registry, name):
        journey = Way(registry, name, blow)
        return journey.go(), journey.counts


def main(database):
    registry = common.open_registry(database)
    calm, _counts = way(registry, "limitsnone", None)
    tell(f"  without a limit: {'; '.join(calm)}")
    for what, blow in {"statement timeout": time_out, "lock timeout": lock_out}.items():
        with lock_held(database):
            figures, counts = way(registry, f"limits{what[:4]}", blow)
        tell(f"  {what} at " + ", ".join(f"{n} of {w}" for w, n in counts.items()))
        expect(figures, calm, f"figures after each {what}")
    check(registry, full=True)


if __name__ == "__main__":
    common.run(main)
