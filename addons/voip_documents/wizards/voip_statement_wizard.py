"""A statement of account on the screen, and as a file."""

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..statements.shown import shown


class VoipStatementWizard(models.TransientModel):
    """Whose statement, of which days; the statement itself."""

    _name = "voip.statement.wizard"
    _inherit = ["voip.document.wizard"]
    _description = "Statement of Account"
    _check_company_auto = True
    _kind = "statement"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", check_company=True
    )
    account_id = fields.Many2one(
        "voip.account",
        string="Account",
        check_company=True,
        help="Empty: all that the customer has with the company.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self)
        + relativedelta(day=1, months=-1),
    )
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    view = fields.Selection(
        [
            ("ledger", "Invoices and payments"),
            ("wallet", "Movements of the wallet, usage per day"),
        ],
        string="Shows",
        required=True,
        default="ledger",
    )
    content = fields.Html(compute="_compute_content", sanitize=False)

    # === COMPUTE METHODS === #

    @api.onchange("account_id")
    def _onchange_account_id(self):
        if not self.account_id:
            self.view = "ledger"
            return
        self.partner_id = self.account_id.partner_id
        self._take_today_of(self.account_id.payer_id)
        if self.account_id.mode == "prepaid":
            self.view = "wallet"

    @api.depends("partner_id", "account_id", "date_from", "date_to", "view")
    def _compute_content(self):
        for wizard in self:
            wizard.content = wizard._content()

    def _content(self):
        if not (self.partner_id or self.account_id):
            return self._hint(self.env._("Choose a customer or an account."))
        if not (self.date_from and self.date_to):
            return self._hint(self.env._("Choose the first and the last day."))
        try:
            found = self._statements()
        except UserError as error:
            return self._hint(str(error))
        if not found:
            return self._hint(self.env._("Nothing happened up to the last day."))
        return self.env["ir.qweb"]._render(
            "voip_documents.statement_content", shown(self.env, found)
        )

    def _hint(self, text):
        return Markup('<p class="text-muted">%s</p>') % text

    # === ACTION METHODS === #

    def action_send(self):
        """Mail the statement of the account, or of all that the customer has."""
        self._voip_use()
        self.ensure_one()
        if self.account_id:
            options = {"account": self.account_id.payer_id, "view": self.view}
            return self._queue("_queue_statement", 5, **options)
        self._ready()
        options = {"partner": self.partner_id, "company": self.company_id}
        return self._queue("_queue_customer_statement", 5, **options)

    # === BUSINESS METHODS === #

    def _ready(self):
        self._statements()

    def _subject(self):
        """What the statement's documents are made of."""
        kind = self.env["voip.document.kind"]._of("statement")
        days = self.date_from, self.date_to
        if self.account_id:
            return kind._of_account(self.account_id, *days, self.view)
        if not self.partner_id:
            raise UserError(self.env._("Choose a customer or an account."))
        partner = self.partner_id.commercial_partner_id
        return kind._of_customer(partner, self.company_id, *days)

    def _statements(self):
        """The statements, one for each currency.

        :raises UserError: nobody is chosen, or the range ends before it begins
        """
        if self.account_id:
            wallet = self.view == "wallet"
            return self.account_id._statement(self.date_from, self.date_to, wallet)
        if not self.partner_id:
            raise UserError(self.env._("Choose a customer or an account."))
        return self.partner_id._voip_statement(
            self.company_id, self.date_from, self.date_to
        )
