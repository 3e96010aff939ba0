"""A correction of our cost: from an accepted difference to the calls' days."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.charge.exchange import rate_between
from odoo.addons.voip_billing_base.charge.transaction import lock_company, run_money
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

from ..costs.invoice_reconcile import asked_of
from ..invoices.figures import exact, text
from . import book


class VoipSupplierCorrection(models.Model):
    """What was accepted of an invoice beside our cost, added to the cost of its calls.

    It is booked in the background soon after the decision. Nothing of it changes any
    more; taking it back adds the same with the other sign.
    """

    _name = "voip.supplier.correction"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.job", "voip.currency.sums"]
    _description = "Correction of Cost"
    _order = "id desc"
    _check_company_auto = True

    _job_cron = "voip_supplier_audit.ir_cron_correct"
    _company_amounts = ("cost",)

    invoice_id = fields.Many2one(
        "voip.supplier.invoice",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    claim_id = fields.Many2one(
        "voip.supplier.claim",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The claim that was conceded: what was disputed is cost after all.",
    )
    company_id = fields.Many2one(
        related="invoice_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="invoice_id.partner_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="invoice_id.currency_id")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("booked", "Booked"),
            ("failed", "Failed"),
            ("withdrawn", "Taken Back"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
        tracking=True,
    )
    gaps = fields.Json(
        readonly=True, help="Of each line what was accepted minus our cost, as text."
    )
    amount = Amount(
        string="Accepted beside Ours",
        readonly=True,
        help="What was accepted of usage, minus what our records say it cost.",
        **MONEY,
    )
    on_calls = Amount(
        string="On Calls", readonly=True, help="What of it has calls of ours.", **MONEY
    )
    without_calls = Amount(
        compute="_compute_without_calls",
        help="Of lines that we know no calls of: it is in the books, and in no margin.",
        **MONEY,
    )
    cost = Amount(
        string="Cost Added",
        readonly=True,
        help="In the company's currency, at the rate of the calls.",
        **MONEY,
    )
    booked_at = fields.Datetime(readonly=True)
    withdrawn_at = fields.Datetime(readonly=True)
    reason = fields.Text(
        string="Why Taken Back", help="Needed to take the correction back."
    )

    def init(self):
        cr = self.env.cr
        with file_open("voip_supplier_audit/sql/corrections.sql") as script:
            cr.execute(script.read())
        install_append_only(cr, book.TABLE)

    # === COMPUTE METHODS === #

    def _compute_display_name(self):
        for correction in self:
            correction.display_name = self.env._(
                "Cost by invoice %(number)s of %(supplier)s",
                number=correction.invoice_id.number,
                supplier=correction.partner_id.display_name,
            )

    @api.depends("amount", "on_calls", "state")
    def _compute_without_calls(self):
        for correction in self:
            is_known = correction.state in ("booked", "withdrawn")
            gap = exact(correction.amount) - exact(correction.on_calls)
            correction.without_calls = float(gap) if is_known else 0.0

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Corrections of cost are kept: take one back."))

    # === ACTION METHODS === #

    def action_withdraw(self):
        """Take back what was added to the cost of calls.

        :raises UserError: it is not booked, or no reason is given
        """
        self.check_access("write")
        for correction in self:
            if not (correction.reason or "").strip():
                raise UserError(
                    self.env._(
                        "%(correction)s: say why it is taken back.",
                        correction=correction.display_name,
                    )
                )
            correction.sudo()._withdraw()

    def action_retry(self):
        """Have what failed tried again."""
        self.check_access("write")
        failed = self.filtered(lambda one: one.state == "failed")
        failed.sudo().write({"state": "waiting", **failed._job_done_values()})
        failed._untell_managers()
        self._wake_worker()

    def action_view_invoice(self):
        """The invoice whose decision it follows from."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.supplier.invoice",
            "res_id": self.invoice_id.id,
            "view_mode": "form",
        }

    # === CRON METHODS === #

    @api.model
    def _cron_correct(self):
        """Book what waits, oldest first; one that fails keeps nobody else."""
        waiting = self.search(self._due_domain(), order="id")
        for number, correction in enumerate(waiting, 1):
            correction._work()
            left = len(waiting) - number
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return

    # === BUSINESS METHODS === #

    def _work(self):
        try:
            run_money(self.env, lambda env: self.with_env(env)._book())
        except Exception as error:  # noqa: BLE001 kept on the correction
            self.env.invalidate_all(flush=False)
            self._missed(error)
        self.env.invalidate_all()

    def _lock(self, state):
        """Lock it where it is in this state, after the company; whether it is."""
        self.env.flush_all()
        cr = self.env.cr
        lock_company(cr, self.company_id.id)
        cr.execute(
            "SELECT FROM voip_supplier_correction WHERE id = %s AND state = %s"
            " FOR UPDATE",
            [self.id, state],
        )
        self.invalidate_recordset(flush=False)
        return bool(cr.rowcount)

    def _book(self):
        """Add the differences to the cost of the calls, once."""
        if not self._lock("waiting"):
            return
        invoice = self.invoice_id
        since, until = invoice._period_utc()
        asked = invoice._asked_calls() | {"since": since, "until": until}
        asked["currency"] = self.currency_id.id
        usage = invoice.line_ids.filtered(lambda line: line.kind == "usage")
        gaps = {int(key): Decimal(gap) for key, gap in (self.gaps or {}).items()}
        lines = [asked_of(line) for line in usage]
        book.spread(self.env.cr, asked, lines, gaps, self._rate())
        book.add(self, f"supplier invoice {invoice.number}")
        on_calls, cost = book.placed(self.env.cr, self.id)
        self.write(
            {
                "state": "booked",
                "on_calls": float(on_calls),
                "cost": float(cost),
                "booked_at": fields.Datetime.now(),
                **self._job_done_values(),
            }
        )
        self._log("book", accepted=text(exact(self.amount)), cost=text(cost))

    def _rate(self):
        """Units of the company's currency for one of the supplier's."""
        pair = self.currency_id, self.company_id.currency_id
        return rate_between(*pair, self.company_id, self.invoice_id.date)

    def _withdraw(self):
        if not self._lock("booked"):
            raise UserError(
                self.env._(
                    "%(correction)s is not booked, so there is nothing to take back.",
                    correction=self.display_name,
                )
            )
        book.take_back(self.env.cr, self.id)
        book.add(self, f"supplier invoice {self.invoice_id.number}, taken back")
        self.write({"state": "withdrawn", "withdrawn_at": fields.Datetime.now()})
        self._log("withdraw", cost=text(exact(self.cost)), reason=self.reason)

    def _log(self, event, **data):
        data["number"] = self.invoice_id.number
        self.env["voip.audit"]._log(f"supplier_correction_{event}", self, data)
