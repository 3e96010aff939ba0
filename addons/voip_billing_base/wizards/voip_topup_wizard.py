"""Top-up by staff: a posted payment that raises the balance at once, once."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..charge.bounds import largest_of
from ..charge.exchange import refuse_unconverted
from ..charge.transaction import run_money


class VoipTopupWizard(models.TransientModel):
    _name = "voip.topup.wizard"
    _inherit = ["voip.once", "voip.finite"]
    _description = "Top Up Account"
    _check_company_auto = True

    account_id = fields.Many2one(
        "voip.account",
        required=True,
        check_company=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    company_id = fields.Many2one(related="account_id.company_id")
    currency_id = fields.Many2one(related="account_id.currency_id")
    amount = fields.Monetary(required=True)
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash')),"
        " ('company_id', 'parent_of', company_id)]",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    memo = fields.Char(help="For example the reference of the bank transfer.")
    payment_id = fields.Many2one("account.payment", readonly=True)

    @api.depends("account_id")
    def _compute_journal_id(self):
        """The company's own journal, else that of the company it is a branch of."""
        journals = self.env["account.journal"]
        for wizard in self:
            company = wizard.account_id.company_id
            found = journals.search(
                [
                    ("type", "in", ("bank", "cash")),
                    *journals._check_company_domain(company),
                ]
            )
            own = found.filtered(lambda journal, c=company: journal.company_id == c)
            wizard.journal_id = (own or found)[:1]

    def action_topup(self):
        """Post the payment; a second click opens the first one's.

        It is posted and committed as a money transaction, which waits for a busy wallet
        instead of failing. Where the caller's own transaction has changed anything, as
        when it made this wizard, it is posted there: the other one would neither see
        that nor get past its locks.
        """
        self._voip_use()
        self.ensure_one()
        self.account_id.check_access("write")
        self.env.flush_all()
        self.env.cr.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
        if self.env.cr.fetchone()[0]:
            done = run_money(self.env, lambda env: self.with_env(env)._post_once())
        else:
            done = self._post_once()
        if done or not self.payment_id.has_access("read"):
            return {"type": "ir.actions.act_window_close"}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Top-Up"),
            "res_model": "account.payment",
            "res_id": self.payment_id.id,
            "views": [(False, "form")],
        }

    def _made(self):
        return self._made_payments(self.payment_id)

    def _post_once(self):
        """Whether it was done now, not by a click before."""
        self.env.cr.execute(
            "SELECT payment_id FROM voip_topup_wizard WHERE id = %s FOR UPDATE",
            [self.id],
        )
        self.invalidate_recordset(["payment_id"], flush=False)
        if self.payment_id:
            return False
        self.sudo().payment_id = self._post_payment()
        return True

    def _refuse_wrong(self):
        currency = self.currency_id
        if currency.compare_amounts(self.amount, 0) <= 0:
            raise UserError(self.env._("The amount of a top-up is more than zero."))
        if self.amount > largest_of(currency):
            raise UserError(self.env._("The amount of a top-up is too large."))
        if self.journal_id.type not in ("bank", "cash"):
            raise UserError(self.env._("Choose a bank or cash journal."))
        if self.account_id.state == "closed":
            raise UserError(self.env._("A closed account is not topped up."))
        refuse_unconverted(self.company_id, currency, self.date)

    def _post_payment(self):
        self._refuse_wrong()
        currency = self.currency_id
        payer = self.account_id.payer_id
        company = self.company_id
        payment = (
            self.env["account.payment"]
            .with_company(company)
            .create(
                {
                    "company_id": company.id,
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": payer.partner_id.commercial_partner_id.id,
                    "amount": self.amount,
                    "currency_id": currency.id,
                    "journal_id": self.journal_id.id,
                    "date": self.date,
                    "memo": self.memo or self.env._("Top-up %s", self.account_id.code),
                    "voip_account_id": self.account_id.id,
                    "voip_topup": True,
                }
            )
        )
        payment.action_post()
        self.env["voip.audit"]._log(
            "topup",
            self.account_id,
            {
                "amount": f"{self.amount:.{currency.decimal_places}f}",
                "currency": currency.name,
                "payer": payer.code,
                "payment": payment.name,
            },
        )
        return payment
