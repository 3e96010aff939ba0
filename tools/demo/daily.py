"""A carrier drops a file: the daily run audits it, what is accepted becomes cost."""

import csv
import os
import time
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from pathlib import Path

import seed
from fees import CODE, COSTS, RATES
from stage import Stage

CENT, ATOM = Decimal("0.01"), Decimal("0.00000001")
# He bills so much above his rates: more than what staff is told of.
ABOVE = Decimal("1.08")
# Seconds for which a file lies there: younger ones may still be written.
AGE = 600
COST_SQL = """
SELECT r.prefix, s.local_day::text, sum(s.cost)::text
  FROM voip_usage_summary s
  JOIN (SELECT DISTINCT u.summary_id, v.prefix FROM voip_usage_row u
          JOIN voip_rate v ON v.id = u.rate_id) r ON r.summary_id = s.id
 WHERE s.account_id = %s GROUP BY 1, 2
"""


class Daily(Stage):
    """The carrier of the act on fees again, with the calls of another day."""

    def audit_daily(self):
        with self.story.step("A carrier's file in his folder: the daily run audits it"):
            ours = self.call_again()
            theirs = {
                code: (cost * ABOVE).quantize(CENT, ROUND_UP)
                for code, cost in ours.items()
            }
            folder = self.drop_sheet(theirs)
            invoice = self.run_daily(folder)
            self.compare_daily(invoice, ours, theirs)
            self.story.agree("The daily run")
        with self.story.step("What is accepted becomes cost; the margin shows it"):
            before = self.costs()
            self.accept_daily(invoice, ours, theirs)
            self.correct_costs(before)
            self.show_margins()
            self.story.agree("Corrections of cost")

    # === The daily run === #

    def call_again(self):
        """Calls of the day before; {code of the carrier's rate: exact cost}."""
        day = timedelta(days=1)
        self.fee_before = self.fee_day() - day
        records = [
            record | {"call_id": f"again-{number}", "start": self.shifted(record)}
            for number, (record, _outcome) in enumerate(self.fee_told)
        ]
        answer = self.env["voip.cdr"].ingest(
            switch=CODE, records=records, rate_now=True
        )
        self.commit()
        _report, outcomes = self.fee_reference().rate_all(records)
        self.again_told = list(zip(records, outcomes, strict=True))
        self.story.same("calls again", answer["rated"], len(records))
        return sums(self.again_told)

    @staticmethod
    def shifted(record):
        """The start of a call, a day earlier."""
        day, _t, rest = record["start"].partition("T")
        return f"{before(day)}T{rest}"

    def drop_sheet(self, theirs):
        env = seed.as_user(self.env, "demo")
        carrier = self.fee_carrier()
        agreement = env["voip.supplier.agreement"].search(
            [("partner_id", "=", carrier.id)]
        )
        folder, day = Path(agreement.folder_path), f"{self.fee_before:%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"C-2042_{day}_{day}.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("Code", "Amount"))
            writer.writerows(theirs.items())
        os.utime(path, (time.time() - AGE,) * 2)
        return folder

    def run_daily(self, folder):
        """Run it twice: the second run finds nothing new."""
        invoices = self.env["voip.supplier.invoice"]
        manager = seed.as_user(self.env, "manager").user.sudo()
        manager.email = "manager@carrier.example"
        subjects = []
        for _run in range(2):
            invoices._cron_daily()
            self.commit()
            mails = self.env["mail.mail"].search(
                [("email_to", "=", manager.email_formatted)]
            )
            subjects += mails.mapped("subject")
            # The demo has no mail server: what is told here is not kept to be sent.
            mails.unlink()
        manager.email = False
        self.commit()
        told = f"{self.env.company.name}: supplier invoices: 1, to look at: 1;"
        told += " suppliers' files: 1, failed: 0"
        self.story.same("what the daily run mails", subjects, [told])
        self.story.say(f"mailed: {told}")
        left = sorted(path.name for path in folder.iterdir())
        self.story.same("left in the folder", left, ["done"])
        invoice = invoices.search([("number", "=", "C-2042")])
        self.story.same("invoices of the file", len(invoice), 1)
        return invoice.with_env(seed.as_user(self.env, "demo"))

    def compare_daily(self, invoice, ours, theirs):
        found = {
            line.prefix: (exact(line.ours_amount), exact(line.amount))
            for line in invoice.line_ids
        }
        told = {code: (ours[code], theirs[code]) for code in ours}
        self.story.same_all("ours and theirs on code", found, told)
        gap = sum(theirs.values()) - sum(ours.values())
        self.story.same("difference of the file", exact(invoice.difference), gap)
        self.story.same("flagged", bool(invoice.flagged_on), True)
        self.story.say(
            f"C-2042: billed {sum(theirs.values())}, ours {sum(ours.values()):f},"
            f" {invoice.difference_percent:.1f} % above: flagged"
        )

    # === True cost === #

    def accept_daily(self, invoice, ours, theirs):
        invoice.action_accept_rest()
        invoice.action_decide()
        self.commit()
        self.story.same("state of the file's invoice", invoice.state, "accepted")
        gaps = {code: theirs[code] - ours[code] for code in ours}
        self.gaps = [(self.again_told, gaps)]
        # Of the act before: what was accepted there is what rounding added.
        first = invoice.search([("number", "=", "C-2041")])
        costs = sums(self.fee_told)
        self.gaps.append(
            (
                self.fee_told,
                {
                    line.prefix: exact(line.amount)
                    - exact(line.disputed_amount)
                    - costs[line.prefix]
                    for line in first.line_ids
                    if line.prefix in costs
                },
            )
        )

    def correct_costs(self, before):
        """Book them; what each code's calls cost more is told by the reference."""
        corrections = self.env["voip.supplier.correction"]
        corrections._cron_correct()
        self.commit()
        found = corrections.search([("partner_id", "=", self.fee_carrier().id)])
        self.story.same("corrections", found.mapped("state"), ["booked"] * 2)
        whole = sum(sum(gaps.values()) for _told, gaps in self.gaps)
        self.story.same("accepted beside ours", total(found, "amount"), whole)
        self.story.same("cost added", total(found, "cost"), whole)
        after, told = self.costs(), self.told_costs()
        grown = sum(after.values()) - sum(before.values())
        self.story.same("cost of the calls grows by", grown, whole)
        for key, share in sorted(told.items()):
            # Each correction is rounded once to the last decimal on a summary.
            off = abs(after[key] - before[key] - share) > 2 * ATOM
            self.story.same(f"cost of {key} off", off, False)
        self.story.table(
            ("sold on", "day", "cost before", "cost now"),
            [(*key, before[key], after[key]) for key in sorted(told)],
        )

    def told_costs(self):
        """{(code that is sold, day): what is added}, spread by what each call cost."""
        shares = defaultdict(Decimal)
        for told, gaps in self.gaps:
            costs = sums(told)
            for record, outcome in carried(told):
                code = code_of(record, COSTS)
                key = code_of(record, RATES), record["start"][:10]
                shares[key] += gaps[code] * outcome.cost / costs[code]
        return shares

    def show_margins(self):
        """The margin watch sees the cost that was accepted."""
        env = seed.as_user(self.env, "demo")
        env["voip.margin.alert"].action_watch()
        self.commit()
        alerts = env["voip.margin.alert"].search(
            [("account_id", "=", self.fee_account.id), ("state", "=", "open")]
        )
        costs = self.costs()
        found = {(line.prefix, str(line.day)): line for line in alerts.line_ids}
        self.story.same("codes below the least margin", bool(found), True)
        for key, line in found.items():
            self.story.same(f"cost of {key}, watched", exact(line.cost), costs[key])

    def costs(self):
        """{(code that is sold, day): cost of the summaries}."""
        self.env.cr.execute(COST_SQL, [self.fee_account.id])
        rows = self.env.cr.fetchall()
        return {(code, day): Decimal(cost) for code, day, cost in rows}

    def fee_carrier(self):
        trunks = self.env["voip.trunk"]
        return trunks.search([("code", "=", f"{CODE}-COST")]).partner_id


def before(day):
    """The day before an ISO day."""
    year, month, number = map(int, day.split("-"))
    return date(year, month, number) - timedelta(days=1)


def carried(told):
    """Calls that the carrier took."""
    return [pair for pair in told if pair[0]["supplier_trunk"]]


def code_of(record, rows):
    """The longest code of a table that the called number begins with."""
    codes = (row[0] for row in rows if record["called"].startswith(row[0]))
    return max(codes, key=len)


def sums(told):
    """{code of the carrier's rate: exact cost of its calls}."""
    costs = {row[0]: Decimal(0) for row in COSTS}
    for record, outcome in carried(told):
        costs[code_of(record, COSTS)] += outcome.cost
    return costs


def exact(value):
    return Decimal(f"{value:.8f}").normalize() + Decimal(0)


def total(records, name):
    return sum(exact(record[name]) for record in records)
