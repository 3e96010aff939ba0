"""Give numbers to an account, or take them back, many at once."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from odoo.addons.voip_billing_base.notice import notice

SHOWN = 10


class VoipDidAssign(models.TransientModel):
    """What is done to the chosen numbers; all of them or none."""

    _name = "voip.did.assign"
    _inherit = ["voip.guard"]
    _description = "Assign or Release Numbers"

    mode = fields.Selection(
        [("assign", "Assign"), ("release", "Release")], required=True, default="assign"
    )
    did_ids = fields.Many2many("voip.did", string="Numbers", required=True)
    account_id = fields.Many2one("voip.account")
    account_currency_id = fields.Many2one(related="account_id.currency_id")
    plan_id = fields.Many2one(
        "voip.did.plan",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        domain="[('currency_id', '=?', account_currency_id)]",
    )
    date_start = fields.Date(string="From", default=fields.Date.context_today)
    date_end = fields.Date(string="To", help="The last day. Empty: it goes on.")
    setup_text = fields.Char(string="Setup", compute="_compute_prices")
    monthly_text = fields.Char(string="A Month", compute="_compute_prices")

    @api.depends("account_id")
    def _compute_plan_id(self):
        for wizard in self:
            wizard.plan_id = self.env["voip.did.plan"]._plan_for(wizard.account_id)

    @api.depends("did_ids", "plan_id", "account_id")
    def _compute_prices(self):
        for wizard in self:
            plan, account = wizard.plan_id, wizard.account_id
            count, currency = wizard._tier(), plan.currency_id
            alike = {(d.kind, d.country_id, d.channels): d for d in wizard.did_ids}
            dids = alike.values()
            wizard.setup_text = _spread(
                [did._price_today(plan, "setup", account, count) for did in dids],
                currency,
            )
            wizard.monthly_text = _spread(
                [did._month_today(plan, account, count) for did in dids], currency
            )

    def _tier(self):
        """How many numbers the account would have by the plan."""
        assignments = self.env["voip.did.assignment"]
        had = assignments.search_count(
            [
                ("account_id", "=", self.account_id.id),
                ("plan_id", "=", self.plan_id.id),
                ("did_id", "not in", self.did_ids.ids),
                *assignments._current_domain(),
            ]
        )
        return had + len(self.did_ids)

    def action_apply(self):
        self._voip_use()
        self.ensure_one()
        self.did_ids.check_access("write")
        numbers = self.did_ids.mapped("number")
        company = self._one_company()
        dids = self.env["voip.did"].with_company(company)
        end = self.date_end and str(self.date_end) or None
        if self.mode == "release":
            answer = dids.release(numbers=numbers, end=end)
            return self._tell(answer, answer["released"], answer["credit"])
        if not (self.account_id and self.plan_id and self.date_start):
            raise UserError(
                self.env._("Choose the account, the plan and the first day.")
            )
        answer = dids.assign(
            numbers=numbers,
            account=self.account_id.code,
            plan=self.plan_id.code,
            start=str(self.date_start),
            end=end,
        )
        return self._tell(answer, answer["assigned"], {})

    def _one_company(self):
        """The company of the numbers, and of what is chosen for them.

        :raises UserError: they are of several: codes would name others of the numbers'
        """
        company = self.did_ids.company_id
        if len(company) != 1:
            raise UserError(self.env._("Choose numbers of one company."))
        if (self.account_id.company_id | self.plan_id.company_id) - company:
            raise UserError(
                self.env._("Choose numbers, account and plan of one company.")
            )
        return company

    def _tell(self, answer, done, credit):
        if errors := answer["errors"]:
            lines = [
                f"+{error['number']}: {error['message']}" for error in errors[:SHOWN]
            ]
            raise UserError("\n".join([self._undone_text(len(errors)), *lines]))
        text = self._done_text(done)
        if credit:
            given = ", ".join(self._money(*one) for one in credit.items())
            text = " ".join([text, self.env._("Given back: %s.", given)])
        return notice(text, "success")

    def _money(self, name, amount):
        """The exact ``amount`` as it is read: with the decimals of the currency."""
        currency = self.env["res.currency"].search([("name", "=", name)])
        shown = formatLang(self.env, float(amount), digits=currency.decimal_places)
        return f"{shown} {name}"

    def _undone_text(self, count):
        if count == 1:
            return self.env._("Nothing is changed, 1 number does not go:")
        return self.env._("Nothing is changed, %s numbers do not go:", count)

    def _done_text(self, count):
        one, many = self._done_words(count)[self.mode]
        return one if count == 1 else many

    def _done_words(self, count):
        """{mode: (what was done to one number, to ``count`` of them)}"""
        return {
            "assign": (
                self.env._("1 number assigned."),
                self.env._("%s numbers assigned.", count),
            ),
            "release": (
                self.env._("1 number released."),
                self.env._("%s numbers released.", count),
            ),
        }


def _spread(values, currency):
    """One price, or the least and the most of several."""
    known = sorted({value for value in values if value is not None}, key=float)
    if not known:
        return ""
    places = currency.decimal_places
    ends = dict.fromkeys(_with_decimals(one, places) for one in (known[0], known[-1]))
    return f"{' – '.join(ends)} {currency.name}"


def _with_decimals(price, places):
    """The exact ``price`` with the currency's decimals at least."""
    whole, _point, rest = price.partition(".")
    return f"{whole}.{rest.ljust(places, '0')}" if rest or places else whole
