"""One account in a billing run: its period, its amount, its invoice or its error."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..charge.bounds import limit_of, out_of_bounds
from ..charge.transaction import lock_company
from ..charge.values import day_number
from ..const import MONEY
from ..engine.periods import last_closed
from ..fields import Amount, BigInteger

NEVER = -(10**6)


class VoipBillingRunLine(models.Model):
    _name = "voip.billing.run.line"
    _description = "Billing Run Line"
    _inherit = ["voip.job"]
    _order = "run_id desc, id"
    _rec_name = "account_id"
    _check_company_auto = True

    _job_states = ("pending", "error")
    _job_cron = "voip_billing_base.ir_cron_billing_run"

    run_id = fields.Many2one(
        "voip.billing.run",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    account_id = fields.Many2one(
        "voip.account", required=True, index=True, readonly=True, ondelete="restrict"
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    period_start = fields.Date(required=True, readonly=True)
    period_end = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [
            ("pending", "To Invoice"),
            ("invoiced", "Invoiced"),
            ("nothing", "Nothing to Invoice"),
            ("late", "Late, Next Invoice"),
            ("stopped", "Stopped"),
            ("error", "Error"),
        ],
        default="pending",
        required=True,
        readonly=True,
    )
    calls = BigInteger(
        string="Charges",
        readonly=True,
        help="Calls, sessions, events and rentals on the invoice.",
    )
    seconds = BigInteger(readonly=True)
    minutes = fields.Float(compute="_compute_minutes", digits=(16, 2))
    amount = Amount(
        string="Amount before Tax",
        **MONEY,
        readonly=True,
        help="Exact sum of the usage.",
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, ondelete="restrict"
    )

    _invoiced_once = models.UniqueIndex(
        "(account_id, period_start, period_end)"
        " WHERE state = 'invoiced' AND late IS NOT TRUE",
        "This account and period is invoiced already.",
    )
    _once_a_run = models.UniqueIndex(
        "(run_id, account_id)", "An account appears once in a run."
    )

    def _compute_minutes(self):
        for line in self:
            line.minutes = line.seconds / 60.0

    # === ACTION METHODS === #

    def action_view_document(self):
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    # === BUSINESS METHODS === #

    @api.model
    def _prepare_due(self, run):
        """Line values of the accounts whose period has closed by the run's cutoff.

        What came late to an invoiced period goes on the next invoice.
        """
        accounts = run._bill_accounts() - run.line_ids.account_id
        periods, late = self._closed_periods(accounts, run.cutoff)
        sums = self._open_sums(periods)
        return [
            {
                "run_id": run.id,
                "company_id": run.company_id.id,
                "account_id": account.id,
                "currency_id": account.currency_id.id,
                "period_start": periods[account.id][0],
                "period_end": periods[account.id][1],
                "state": "late" if account.id in late else "pending",
                "late": account.id in late,
                **self._prepare_sums(account, sums[account.id]),
            }
            for account in accounts
            if account.id in sums
        ]

    @api.model
    def _closed_periods(self, accounts, cutoff):
        """({account id: (first, last day)}, ids of those invoiced already)."""
        billed, periods, late = accounts._billed_until(), {}, set()
        for account in accounts:
            if period := self._closed_period(account, cutoff):
                periods[account.id] = period
                if day_number(period[1]) <= billed.get(account.id, NEVER):
                    late.add(account.id)
        return periods, late

    @api.model
    def _closed_period(self, account, cutoff):
        """The newest period of ``account`` closed at ``cutoff`` (UTC), or None.

        A local day ends at local midnight, whether it had 23, 24 or 25 hours.
        """
        moment = cutoff - timedelta(hours=account.closing_delay_hours)
        local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(account.tz))
        return last_closed(
            account.cycle,
            local.date(),
            day=account.invoice_day,
            anchor=fields.Date.to_date(account.start_date),
            days=account.cycle_days,
        )

    @api.model
    def _open_sums(self, periods):
        """{bill account id: calls, seconds, amount} of what is open in its period."""
        if not periods:
            return {}
        self.env["voip.account"].flush_model()
        self.env.cr.execute(
            OPEN_SQL,
            [list(periods), [last for _first, last in periods.values()]],
        )
        # Odoo reads numeric columns as float; sums come as text.
        return {
            account: {"calls": int(c), "seconds": int(s), "amount": Decimal(amount)}
            for account, c, s, amount in self.env.cr.fetchall()
        }

    @api.model
    def _prepare_sums(self, account, sums):
        """Values of a line; its error where a sum is more than a line holds."""
        for name, value in sums.items():
            if abs(value) > limit_of(value):
                reason = out_of_bounds(self.env, {account.id: (name, value)})
                return {"state": "error", "message": str(reason)}
        return sums

    def _keep_amounts(self, amounts):
        """Write exact amounts (Decimal); a float cannot hold every one."""
        self.flush_recordset(["amount"])
        self.env.cr.execute(AMOUNT_SQL, [self.ids, amounts])
        self.invalidate_recordset(["amount"], flush=False)

    def _invoice(self):
        """Invoice these lines' accounts in one transaction."""
        for company in self.company_id:
            lock_company(self.env.cr, company.id)
            # Another worker may have invoiced them while this one waited.
            self.invalidate_recordset(["state"])
            lines = self.filtered(
                lambda x, c=company: x.company_id == c and x.state == "pending"
            )
            lines.with_company(company)._leave_invoiced()._invoice_company()

    def _invoice_company(self):
        document = self.env["voip.billing.document"]
        prepared = document._prepare(self)
        moves = document._create_posted(prepared)
        for line in self:
            move = moves.get(line.id)
            line.write(
                {
                    "state": "invoiced" if move else "nothing",
                    "move_id": move.id if move else False,
                    **line._job_done_values(),
                }
            )
        self._take_invoiced()
        document._settle_prepaid(moves.values())

    def _take_invoiced(self):
        """Show what was invoiced, which may be more or less than was previewed."""
        self.flush_recordset()
        self.env.cr.execute(INVOICED_SQL, [self.ids])
        self.invalidate_recordset(["calls", "seconds", "amount"], flush=False)

    @api.model
    def _due_domain(self):
        return [("run_id.state", "=", "running"), *super()._due_domain()]

    def _job_document(self):
        return self.run_id

    def _totals(self):
        """{currency: exact amount as text} of the invoiced lines."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT c.name, sum(l.amount)::text FROM voip_billing_run_line l"
            " JOIN res_currency c ON c.id = l.currency_id"
            " WHERE l.id = ANY(%s) AND l.state = 'invoiced' GROUP BY 1 ORDER BY 1",
            [self.ids],
        )
        return dict(self.env.cr.fetchall())


OPEN_SQL = """
SELECT a.bill_account_id, sum(s.calls)::text, sum(s.seconds)::text,
       sum(s.amount)::text
  FROM unnest(%s::int[], %s::date[]) AS due(account_id, period_end)
  JOIN voip_account a ON a.bill_account_id = due.account_id
  JOIN voip_usage_summary s ON s.account_id = a.id
   AND s.move_line_id IS NULL AND s.local_day <= due.period_end
 GROUP BY 1
HAVING bool_or(s.calls <> 0 OR s.amount <> 0)
"""
AMOUNT_SQL = """
UPDATE voip_billing_run_line l SET amount = x.amount
  FROM unnest(%s::int[], %s::numeric[]) AS x(id, amount) WHERE l.id = x.id
"""
INVOICED_SQL = """
UPDATE voip_billing_run_line l
   SET calls = x.calls, seconds = x.seconds, amount = x.amount
  FROM (SELECT l.id, sum(s.calls) AS calls, sum(s.seconds) AS seconds,
               sum(s.amount) AS amount
          FROM voip_billing_run_line l
          JOIN voip_usage_summary s ON s.move_id = l.move_id
         WHERE l.id = ANY(%s) GROUP BY 1) x
 WHERE l.id = x.id
"""
