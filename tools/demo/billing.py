"""Fourth act: preview, invoices, paper, the second run, a late record."""

from decimal import Decimal

import expected as reckoning
import papers
import seed
import verdict
import world as worlds
from stage import Stage


class Billing(Stage):
    """The month becomes invoices, once."""

    def bill(self):
        story = self.story
        with story.step("Preview of the billing run"):
            self.run = self.new_run(self.env)
            self.run.action_preview()
            amounts = self.amounts(self.run)
            story.same_all("preview", amounts, self.unbilled)
            story.same("invoices made by a preview", len(self.run.move_ids), 0)
            story.table(
                ("account", "period", "calls", "minutes", "amount before tax"),
                [
                    (
                        line.account_id.code,
                        f"{line.period_start} to {line.period_end}",
                        line.calls,
                        reckoning.cents(Decimal(line.seconds) / 60),
                        amounts[line.account_id.code],
                    )
                    for line in self.run.line_ids
                ],
            )
            self.commit()
        with story.step("Billing run"):
            self.run.action_run()
            self.commit()
            self.show_invoices()

    def amounts(self, run):
        self.env.flush_all()
        rows = verdict.rows_of(self.root, RUN_SQL, run.id)
        return {code: Decimal(amount) for code, amount in rows}

    def show_invoices(self):
        story, moves = self.story, self.run.move_ids
        story.same("run", (self.run.state, self.run.error_count), ("done", 0))
        story.same("invoices", len(moves), len(self.unbilled))
        self.env.flush_all()
        for move in moves:
            verdict.invoice(self.env, story, self.world, self.told, move)
            payer = move.voip_account_id.code
            total = reckoning.invoice_total(self.world, self.told.fixed_lines, payer)
            self.ledgers[payer] = self.ledgers.get(payer, Decimal(0)) - total[1]
        story.table(
            ("invoice", "customer", "lines", "currency", "total", "due", "payment"),
            [
                (
                    move.name,
                    move.partner_id.name,
                    len(move.invoice_line_ids),
                    move.currency_id.name,
                    Decimal(f"{move.amount_total:.2f}"),
                    Decimal(f"{move.amount_residual:.2f}"),
                    move.payment_state,
                )
                for move in moves
            ],
        )
        self.show_wallets("billed", {})
        story.agree("Invoice lines, each rounded once, totals, wallets")

    def print_invoice(self):
        story = self.story
        move = self.run.move_ids.filtered(lambda m: m.voip_account_id.code == "CASTOR")
        with story.step(f"{move.name} on paper, and its calls as a file"):
            story.say(f"PDF: {papers.pdf(self.env, move)}")
            path, charged, total = papers.calls(self.env, move)
            story.say(f"CSV: {path}")
            lines = reckoning.invoice_lines(
                self.world, self.told.fixed_lines, "CASTOR"
            ).values()
            wanted = sum(line[0] for line in lines), sum(line[2] for line in lines)
            story.same("calls and sum of the CSV", (charged, total), wanted)
            story.say(f"{charged:,} charged calls, {total:,f} EUR in all")
            self.commit()

    def run_again(self):
        with self.story.step("A second run finds nothing to bill"):
            run = self.new_run(self.env)
            run.action_run()
            found = run.state, len(run.line_ids), len(run.move_ids)
            self.story.same("second run", found, ("done", 0, 0))
            self.story.say(f"{run.name}: {found[0]}, {found[2]} invoices")
            run.unlink()
            self.commit()

    def late_record(self):
        story, told = self.story, self.told
        record = told.late | {"call_id": f"late-{self.month}"}
        account = self.parties[1][self.world.account_dicts()[0]["account_code"]]
        invoice = self.run.move_ids.filtered(lambda m: m.voip_account_id == account)
        before = invoice.amount_total
        with story.step("A record that comes late goes to the next period"):
            self.env["voip.cdr"].ingest(
                switch=self.world.switch, records=[record], rate_now=True
            )
            self.commit()
            usage = self.env["voip.usage"].search(
                [("source_ref", "=", record["call_id"])]
            )
            story.same("late", usage.late, True)
            story.same("posted invoice", invoice.amount_total, before)
            self.show_wallets("late call", {account.code: told.late_amount})
            self.preview_next(account)

    def preview_next(self, account):
        story, told = self.story, self.told
        run = self.new_run(self.env, worlds.next_month(self.following))
        run.action_preview()
        story.same_all("next", self.amounts(run), {account.code: told.late_amount})
        line = run.line_ids
        story.same("next period", line.period_start, self.following)
        story.say(
            f"{line.period_start} to {line.period_end}: {line.calls} call,"
            f" {told.late_amount} {account.currency_id.name}; {self.month} is untouched"
        )
        run.unlink()
        self.commit()

    def neighbour(self):
        story, env = self.story, self.env2
        with story.step(f"{self.other.name} has its own invoices and sees no others"):
            run = self.new_run(env)
            run.action_run()
            self.commit()
            for move in run.move_ids:
                verdict.invoice(env, story, self.other, self.told2, move)
                story.say(
                    f"{move.name}: {move.currency_id.name} {move.amount_total:,.2f}"
                )
            story.same("invoices", len(run.move_ids), 1)
            counts = {}
            for login in ("viewer", "thames"):
                usage = seed.as_user(self.root, login)["voip.usage"]
                # Without a span of time a search is of the last month.
                counts[login] = usage.search_count([("started_at", ">", "1970-01-01")])
            story.same("calls in sight", counts["thames"], self.seen(self.told2))
            mine = self.seen(self.told) + self.told.fixed + 1
            story.same("calls in sight", counts["viewer"], mine)
            story.say(f"calls in sight: {counts}")

    @staticmethod
    def seen(told):
        return told.statuses["rated"] + told.statuses["zero"]

    def seal(self):
        """Seal the billed month."""
        from odoo.addons.voip_billing_base.charge.transaction import run_money
        from odoo.addons.voip_rating.checks.voip_seal import MARK_SQL

        story, root = self.story, self.root
        with story.step("The billed month is sealed"):
            company = self.env.company
            run_money(root, lambda env: env.cr.execute(MARK_SQL))
            self.commit()
            for month in root["voip.seal"]._due(company):
                root["voip.seal"]._seal(company, month)
            self.commit()
            seals = root["voip.seal"]._seals()
            sealed = sum(data["usage"]["rows"] for *_names, data in seals)
            root.cr.execute(OPEN_SQL)
            everything, still_open = root.cr.fetchone()
            story.same("sealed and open calls", sealed + still_open, everything)
            story.same("sealed months", len(seals) > 0, True)
            story.same("sealed call records", self.covered(seals), True)
            for _id, _company, month, data in seals:
                usage = data["usage"]
                story.say(
                    f"{month[:7]}: {usage['rows']} calls, sale {usage['sale']},"
                    f" cost {usage['cost']}, hash {usage['hash'][:16]}…"
                )

    @staticmethod
    def covered(seals):
        """Whether there is a call record for every call that was charged."""
        sealed = [data for *_names, data in seals]
        # Their months begin at midnight UTC, the others in each account's zone.
        return all(
            data["calls"]["rows"] * 100 > data["usage"]["rows"] * 98 for data in sealed
        )

    def check(self):
        story = self.story
        with story.step("Invariants, recomputed from scratch"):
            results = self.root["voip.check"].run(full=True)
            story.table(
                ("invariant", "violations"),
                [(result["title"], result["violations"]) for result in results],
            )
            for result in results:
                story.same(result["name"], result["violations"], 0)


RUN_SQL = """
SELECT a.code, l.amount::text FROM voip_billing_run_line l
  JOIN voip_account a ON a.id = l.account_id WHERE l.run_id = %s
"""
OPEN_SQL = """
SELECT count(*), count(*) FILTER (WHERE COALESCE(s.seal_id, 0) = 0)
  FROM voip_usage_row u JOIN voip_usage_summary s ON s.id = u.summary_id
"""
