"""What is agreed with a supplier about his invoices, for a span of time."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount
from odoo.addons.voip_rating.rates.voip_rate_deck import FORMULAS, ROUNDINGS

AUDITED = {
    "active",
    "amount_decimals",
    "claim_by",
    "date_from",
    "date_to",
    "dispute_days",
    "dispute_from",
    "duration_seconds",
    "formula",
    "four_eyes_amount",
    "initial_increment",
    "invoice_absolute",
    "invoice_percent",
    "line_absolute",
    "line_percent",
    "minute_decimals",
    "next_increment",
    "repeated_invoices",
    "rounding",
    "tz",
}
SPAN = ["active", "company_id", "partner_id", "date_from", "date_to"]
AMOUNT = {**MONEY, "aggregator": None}
COUNT = {"required": True, "aggregator": None}
SECONDS = {**COUNT, "default": 0}


class VoipSupplierAgreement(models.Model):
    """How invoices of a supplier are audited, within which limits and until when.

    Agreements of a supplier never overlap: the one of the first day of an invoice's
    period counts.
    """

    _name = "voip.supplier.agreement"
    _inherit = ["mail.thread", "analytic.mixin", "voip.finite"]
    _description = "Supplier Agreement"
    _order = "partner_id, date_from desc, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    active = fields.Boolean(default=True, tracking=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
        domain="[('parent_id', '=', False)]",
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True
    )
    date_to = fields.Date(
        string="To", tracking=True, help="The last day. Empty: until it is replaced."
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_of_decks",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="An invoice in another currency is marked. From the supplier's decks.",
    )
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        compute="_compute_of_decks",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="In which the supplier counts days, and times without a zone.",
    )
    line_percent = fields.Float(
        string="Per Line (%)",
        default=5.0,
        digits=(6, 3),
        aggregator=None,
        tracking=True,
    )
    line_absolute = Amount(string="Per Line", tracking=True, **AMOUNT)
    invoice_percent = fields.Float(
        string="Per Invoice (%)",
        default=1.0,
        digits=(6, 3),
        aggregator=None,
        tracking=True,
    )
    invoice_absolute = Amount(string="Per Invoice", tracking=True, **AMOUNT)
    repeated_invoices = fields.Integer(
        string="Repeated On",
        default=3,
        tracking=True,
        help="A difference to our disadvantage that is on so many invoices in a row is"
        " shown, however small. 0: never.",
        **COUNT,
    )
    duration_seconds = fields.Integer(
        string="Duration Tolerance (s)",
        default=5,
        tracking=True,
        help="Durations of a call may differ so much.",
        **COUNT,
    )
    dispute_days = fields.Integer(
        string="Dispute Window (days)", default=30, tracking=True, **COUNT
    )
    dispute_from = fields.Selection(
        [("date", "Date of the invoice"), ("received", "Day it was received")],
        string="Counted From",
        required=True,
        default="date",
        tracking=True,
    )
    claim_by = fields.Selection(
        [
            ("hold", "Bill it apart and hold it from payment"),
            ("debit_note", "Pay it and claim it by a debit note"),
        ],
        string="What Is Disputed",
        required=True,
        default="hold",
        tracking=True,
    )
    four_eyes_amount = Amount(
        string="Four Eyes Above",
        tracking=True,
        help="In the agreement's currency: the decision on a larger invoice is approved"
        " by somebody else. 0: always one is enough.",
        **AMOUNT,
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        help="Of the bills. Empty: those of the supplier.",
    )
    product_id = fields.Many2one(
        "product.product",
        check_company=True,
        domain="[('type', '=', 'service')]",
        help="Of the lines of bills: its expense account and taxes are used. Empty:"
        " those of the purchase journal.",
    )
    formula = fields.Selection(
        [("deck", "As our deck says"), *FORMULAS],
        required=True,
        default="deck",
        tracking=True,
    )
    initial_increment = fields.Integer(
        tracking=True, help="Seconds. 0: as the rates say.", **SECONDS
    )
    next_increment = fields.Integer(
        tracking=True, help="Seconds. 0: as the rates say.", **SECONDS
    )
    rounding = fields.Selection(
        [("deck", "As our deck says"), *ROUNDINGS],
        required=True,
        default="deck",
        tracking=True,
        help="Of the amount of each call.",
    )
    minute_decimals = fields.Integer(
        string="Decimals of Minutes",
        default=2,
        tracking=True,
        help="With which minutes are printed: what they hide is no difference.",
        **COUNT,
    )
    amount_decimals = fields.Integer(
        string="Decimals of Amounts",
        default=2,
        tracking=True,
        help="With which the amounts of lines are printed: their sum may differ from"
        " the total by half of the last decimal a line.",
        **COUNT,
    )
    responsible_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        check_company=True,
        help="Is reminded 10, 5 and 2 days before the window ends.",
    )
    escalation_id = fields.Many2one(
        "res.users", check_company=True, help="Is told, too, 2 days before."
    )

    _overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(company_id, company_id, '[]') WITH =,"
        " int4range(partner_id, partner_id, '[]') WITH =,"
        " daterange(date_from, date_to, '[]') WITH &&) WHERE (active)",
        "Two agreements with a supplier are valid on the same day.",
    )
    _limits = models.Constraint(
        "CHECK (line_percent BETWEEN 0 AND 100 AND invoice_percent BETWEEN 0 AND 100"
        " AND line_absolute BETWEEN 0 AND 1000000000"
        " AND invoice_absolute BETWEEN 0 AND 1000000000"
        " AND four_eyes_amount BETWEEN 0 AND 1000000000000)",
        "Tolerances are 0 to 100 %, amounts are not below zero.",
    )
    _counts = models.Constraint(
        "CHECK (dispute_days BETWEEN 0 AND 366 AND duration_seconds BETWEEN 0 AND 3600"
        " AND repeated_invoices BETWEEN 0 AND 24 AND minute_decimals BETWEEN 0 AND 6"
        " AND amount_decimals BETWEEN 0 AND 8"
        " AND initial_increment BETWEEN 0 AND 86400"
        " AND next_increment BETWEEN 0 AND 86400)",
        "The window has 0 to 366 days, decimals are 0 to 8 (minutes: 6), increments"
        " 0 to 86,400 seconds, the duration tolerance 0 to 3,600, repeats 0 to 24.",
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "date_from")
    def _compute_display_name(self):
        for agreement in self:
            agreement.display_name = self.env._(
                "%(partner)s from %(day)s",
                partner=agreement.partner_id.display_name or "",
                day=agreement.date_from or "",
            )

    @api.depends("partner_id", "company_id")
    def _compute_of_decks(self):
        """Propose currency and zone: those of the supplier's decks where they agree."""
        for agreement in self:
            if agreement._origin:
                agreement.currency_id = agreement.currency_id
                agreement.tz = agreement.tz
                continue
            company = agreement.company_id or self.env.company
            decks = self.env["voip.rate.deck"].search(
                [
                    ("side", "=", "supplier"),
                    ("partner_id", "=", agreement.partner_id.id),
                    ("partner_id", "!=", False),
                    ("company_id", "parent_of", company.ids),
                ]
            )
            currency, zones = decks.currency_id, set(decks.mapped("tz"))
            alone = currency if len(currency) == 1 else company.currency_id
            agreement.currency_id = alone
            here = agreement.tz or self.env.user.tz or "UTC"
            agreement.tz = zones.pop() if len(zones) == 1 else here

    # === CONSTRAINT METHODS === #

    @api.constrains("partner_id")
    def _check_partner(self):
        for agreement in self:
            company = agreement.partner_id.commercial_partner_id
            if agreement.partner_id != company:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact: agreements are with %(company)s.",
                        contact=agreement.partner_id.display_name,
                        company=company.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self.flush_model()
        for vals in vals_list:
            self._refuse_span({**self.default_get(SPAN), **vals})
        agreements = super().create(vals_list)
        agreements._log_change()
        return agreements

    def write(self, vals):
        if set(SPAN) & vals.keys():
            self.check_access("write")
            for agreement in self:
                own = {name: agreement[name] for name in SPAN}
                own |= {"company_id": agreement.company_id.id}
                own |= {"partner_id": agreement.partner_id.id}
                agreement._refuse_span({**own, **vals})
        result = super().write(vals)
        self.flush_recordset()
        if AUDITED & vals.keys():
            self._log_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = (
            self.env["voip.supplier.invoice"]
            .sudo()
            .search([("agreement_id", "in", self.ids)], limit=1)
        )
        if used:
            raise ValidationError(
                self.env._(
                    "%(agreement)s counts for invoice %(number)s: end it instead.",
                    agreement=used.agreement_id.display_name,
                    number=used.number,
                )
            )

    def _refuse_span(self, vals):
        """Say in words what the database would refuse in its own.

        :raises ValidationError: it ends before it begins, or another one is valid at
            the same time
        """
        first = fields.Date.to_date(vals.get("date_from"))
        last = fields.Date.to_date(vals.get("date_to"))
        if not first or not vals.get("active", True):
            return
        if last and last < first:
            raise ValidationError(
                self.env._(
                    "The agreement ends on %(last)s, before it begins on %(first)s:"
                    " give a later last day.",
                    last=last,
                    first=first,
                )
            )
        domain = [
            ("id", "not in", self.ids),
            ("company_id", "=", vals.get("company_id")),
            ("partner_id", "=", vals.get("partner_id")),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", first),
        ]
        if last:
            domain.append(("date_from", "<=", last))
        if other := self.search(domain, limit=1):
            raise ValidationError(
                self.env._(
                    "%(other)s is valid at the same time: end it the day before"
                    " %(day)s, or begin this one later.",
                    other=other.display_name,
                    day=first,
                )
            )

    def _log_change(self):
        for agreement in self:
            data = agreement._audit_data()
            self.env["voip.audit"]._log("supplier_agreement", agreement, data)

    def _audit_data(self):
        """What the audit trail keeps of an agreement."""
        data = {name: self[name] for name in sorted(AUDITED)}
        return data | {"partner": self.partner_id.display_name}

    # === BUSINESS METHODS === #

    @api.model
    def _of(self, partner, day, company):
        """The agreement with a supplier on a day, or an empty recordset.

        A branch has those of the companies above it, its own go before.
        """
        # Users of a branch alone do not read the companies above it.
        companies = company.sudo().parent_ids.ids
        found = self.search(
            [
                ("company_id", "in", companies),
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("date_from", "<=", day),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", day),
            ]
        )
        return found.sorted(lambda one: companies.index(one.company_id.id))[-1:]
