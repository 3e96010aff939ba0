"""Give numbers to an account, or take them back, many at once."""

from odoo import api, fields, models
from odoo.exceptions import UserError

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
    plan_id = fields.Many2one(
        "voip.did.plan", default=lambda self: self.env["voip.did.plan"]._default_plan()
    )
    date_start = fields.Date(string="From", default=fields.Date.context_today)
    date_end = fields.Date(string="To", help="The last day. Empty: it goes on.")
    setup_text = fields.Char(string="Setup", compute="_compute_prices")
    monthly_text = fields.Char(string="A Month", compute="_compute_prices")

    @api.depends("did_ids", "plan_id")
    def _compute_prices(self):
        for wizard in self:
            plan = wizard.plan_id
            prices = [did._prices(plan) for did in wizard.did_ids] if plan else []
            currency = plan.currency_id.name or ""
            setups, months = zip(*prices, strict=True) if prices else ((), ())
            wizard.setup_text = _spread(setups, currency)
            wizard.monthly_text = _spread(months, currency)

    def action_apply(self):
        self._voip_use()
        self.ensure_one()
        self.did_ids.check_access("write")
        numbers = self.did_ids.mapped("number")
        company = self.did_ids.company_id
        if len(company) != 1:
            raise UserError(self.env._("Choose numbers of one company."))
        dids = self.env["voip.did"].with_company(company)
        end = self.date_end and str(self.date_end) or None
        if self.mode == "release":
            answer = dids.release(numbers=numbers, end=end)
            return self._tell(answer, answer["released"], answer["credit"])
        if not (self.account_id and self.plan_id and self.date_start):
            raise UserError(
                self.env._("Choose the account, the plan and the first day.")
            )
        if self.account_id.company_id | self.plan_id.company_id != company:
            # Their codes would name others of the numbers' company.
            raise UserError(
                self.env._("Choose numbers, account and plan of one company.")
            )
        answer = dids.assign(
            numbers=numbers,
            account=self.account_id.code,
            plan=self.plan_id.code,
            start=str(self.date_start),
            end=end,
        )
        return self._tell(answer, answer["assigned"], {})

    def _tell(self, answer, done, credit):
        if answer["errors"]:
            lines = [
                f"+{error['number']}: {error['message']}"
                for error in answer["errors"][:SHOWN]
            ]
            raise UserError(
                self.env._(
                    "Nothing is changed, %(count)s numbers do not go:\n%(lines)s",
                    count=len(answer["errors"]),
                    lines="\n".join(lines),
                )
            )
        text = self.env._("%s numbers changed.", done)
        if credit:
            given = ", ".join(f"{amount} {name}" for name, amount in credit.items())
            text = self.env._(
                "%(count)s numbers released, given back: %(credit)s.",
                count=done,
                credit=given,
            )
        return {**notice(text, "success")}


def _spread(values, currency):
    """One price, or the least and the most of several."""
    known = sorted({value for value in values if value is not None}, key=float)
    if not known:
        return ""
    if len(known) == 1:
        return f"{known[0]} {currency}"
    return f"{known[0]} – {known[-1]} {currency}"
