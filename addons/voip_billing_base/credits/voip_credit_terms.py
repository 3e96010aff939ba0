"""What is credited of a usage invoice, and what of each line that comes to."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..charge.line_rows import LINE_ROWS, reversed_sql
from ..engine.rounding import to_currency

PARTS = ("percent", "amount")


@dataclass(slots=True)
class Left:
    """What is left to credit of an invoice line; ``credits`` counts its credits.

    Amounts are Decimals with the sign of the line: ``amount`` is the rounded line,
    ``exact`` its usage, ``undone`` the usage that the next invoice gives back.
    """

    amount: Decimal
    exact: Decimal
    credited: Decimal
    exact_credited: Decimal
    undone: Decimal
    credits: int
    decimals: int

    @property
    def left(self):
        # What was undone is given back rounded, too.
        rest = self.amount - to_currency(self.undone, self.decimals) - self.credited
        return rest if rest * self.amount > 0 else Decimal(0)

    @property
    def exact_left(self):
        return self.exact - self.undone - self.exact_credited

    @property
    def untouched(self):
        return not self.credits and not self.undone


@dataclass(slots=True)
class Part:
    """What one line of a credit note takes back of an invoice line."""

    line: models.Model
    amount: Decimal
    exact: Decimal
    calls: int
    seconds: int
    whole: bool


class VoipCreditTerms(models.AbstractModel):
    """The choices of a credit note: what, why, what becomes of usage and money."""

    _name = "voip.credit.terms"
    _description = "Terms of a Credit Note"
    _inherit = ["voip.finite"]
    _check_company_auto = True

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        index=True,
    )
    currency_id = fields.Many2one(related="move_id.currency_id")
    scope = fields.Selection(
        [
            ("whole", "Whole invoice"),
            ("lines", "Chosen lines"),
            ("calls", "Chosen calls"),
            ("percent", "A percentage"),
            ("amount", "An amount"),
        ],
        string="Credit",
        required=True,
        default="whole",
        help="What was credited before is left out.",
    )
    line_ids = fields.Many2many(
        "account.move.line",
        string="Lines",
        check_company=True,
        groups="account.group_account_readonly,account.group_account_invoice",
        domain="[('move_id', '=', move_id), ('display_type', '=', 'product')]",
        help="For a percentage or an amount: empty means all lines.",
    )
    usage_ids = fields.Json(string="Call Numbers", help="Ids of the chosen calls.")
    percentage = fields.Float(
        digits=(7, 4), help="Of each line, as it was invoiced: above 0, up to 100."
    )
    amount = fields.Monetary(
        string="Amount of the Lines",
        help="As the invoice's prices are: before tax, or with taxes where the prices "
        "include them. It is shared by the lines in proportion to what is left.",
    )
    reason = fields.Char(required=True, help="The customer reads it on the paper.")
    outcome = fields.Selection(
        [("credited", "Stays credited")],
        string="Usage",
        required=True,
        default="credited",
        help="What becomes of the calls that are credited.",
    )
    settlement = fields.Selection(
        [
            ("receivable", "Pays what is open of the invoice"),
            ("wallet", "Stays in the wallet as credit"),
        ],
        string="Money",
        required=True,
        compute="_compute_settlement",
        store=True,
        readonly=False,
        precompute=True,
        help="What is more than is open of the invoice stays in the wallet either way.",
    )
    date = fields.Date(
        string="Credit Note Date", required=True, default=fields.Date.context_today
    )

    # === COMPUTE METHODS === #

    @api.depends("move_id")
    def _compute_company_id(self):
        for terms in self:
            terms.company_id = terms.move_id.company_id

    @api.depends("move_id")
    def _compute_settlement(self):
        for terms in self:
            residual = terms.move_id.amount_residual
            terms.settlement = "receivable" if residual else "wallet"

    # === BUSINESS METHODS === #

    def _refuse_invoice(self):
        """:raises UserError: the document is no posted invoice of usage"""
        move = self.move_id
        usable = move.state == "posted" and move.move_type == "out_invoice"
        if not (usable and (move.voip_period_end or move.voip_span_end)):
            raise UserError(
                self.env._(
                    "%s is no posted usage invoice: only such is credited here.",
                    move.display_name,
                )
            )
        if self.line_ids.move_id - move:
            raise UserError(
                self.env._("Choose lines of %s only.", self.move_id.display_name)
            )
        if self.date:
            self._refuse_date()

    def _plan(self):
        """[:class:`Part`] of the invoice lines that are credited, in their order.

        :raises UserError: nothing or less is left, or the sum would charge
        """
        parts = self._parts()
        if (total := sum(part.amount for part in parts)) < 0:
            raise self._would_charge(total)
        return parts

    def _parts(self):
        """What :meth:`_plan` returns, whatever its sum.

        :raises UserError: as there
        """
        self.ensure_one()
        self._refuse_invoice()
        lines = self._chosen_lines()
        lefts = self._lefts(lines)
        parts = getattr(self, f"_plan_{self._planner()}")(lines, lefts)
        for part in parts:
            left = lefts[part.line.id].left
            if part.amount * left < 0 or abs(part.amount) > abs(left):
                raise self._too_much(part.line.name, part.amount, left)
        if not any(p.amount or p.whole for p in parts):
            raise self._nothing(lefts)
        return parts

    def _would_charge(self, total):
        return UserError(
            self.env._(
                "What is chosen comes to %s, and a credit note cannot charge: choose"
                " more lines, or charge it on an invoice.",
                self.move_id.currency_id.format(float(total)),
            )
        )

    def _nothing(self, lefts):
        if self.scope == "percent" and any(left.left for left in lefts.values()):
            return UserError(
                self.env._(
                    "Percentage: %(percent)s %% of each line comes to nothing. Enter"
                    " more.",
                    percent=f"{self.percentage:g}",
                )
            )
        return UserError(
            self.env._("Nothing is left to credit on %s.", self.move_id.name)
        )

    def _planner(self):
        return "left" if self.scope in ("whole", "lines") else self.scope

    def _chosen_lines(self):
        lines = self.move_id.invoice_line_ids.filtered(
            lambda x: x.display_type == "product"
        )
        chosen = self.line_ids._origin & lines
        if self.scope == "lines" and not chosen:
            raise UserError(self.env._("Choose the lines that it is about."))
        if self.scope in ("lines", *PARTS) and chosen:
            lines = chosen
        return lines.sorted("sequence")

    def _lefts(self, lines):
        """{line id: :class:`Left`}"""
        self.env.flush_all()
        cr, currency = self.env.cr, self.move_id.currency_id
        cr.execute(UNDONE_SQL, {"lines": lines.ids})
        undone = {line: Decimal(amount) for line, amount in cr.fetchall()}
        cr.execute(LEFT_SQL, {"lines": lines.ids})
        return {
            line: Left(
                *map(Decimal, amounts),
                undone=undone.get(line, Decimal(0)),
                credits=credits_,
                decimals=currency.decimal_places,
            )
            for line, credits_, *amounts in cr.fetchall()
        }

    def _plan_left(self, lines, lefts):
        return [
            Part(
                line,
                lefts[line.id].left,
                lefts[line.id].exact_left,
                line.voip_calls,
                line.voip_seconds,
                lefts[line.id].untouched,
            )
            for line in lines
            if lefts[line.id].left or lefts[line.id].untouched
        ]

    def _plan_amount(self, lines, lefts):
        """Share the amount by what is left, the last unit to the largest remainders."""
        currency = self.move_id.currency_id
        wanted = to_currency(Decimal(str(self.amount)), currency.decimal_places)
        if wanted <= 0:
            raise UserError(self.env._("Amount: enter more than zero."))
        lines = lines.filtered(lambda x: lefts[x.id].left > 0)
        total = sum((lefts[line.id].left for line in lines), Decimal(0))
        if wanted > total:
            raise self._too_much(self.move_id.name, wanted, total)
        unit = Decimal(1).scaleb(-currency.decimal_places)
        shares = {x: wanted * lefts[x.id].left / total for x in lines}
        amounts = {x: share // unit * unit for x, share in shares.items()}
        missing = int((wanted - sum(amounts.values())) / unit)
        by_rest = sorted(lines, key=lambda x: amounts[x] - shares[x])
        for line in by_rest[:missing]:
            amounts[line] += unit
        return [
            self._money_part(line, amounts[line], lefts[line.id])
            for line in lines
            if amounts[line]
        ]

    def _money_part(self, line, amount, found):
        whole = found.untouched and amount == found.amount
        exact = found.exact if whole else amount
        return Part(line, amount, exact, line.voip_calls, line.voip_seconds, whole)

    def _plan_calls(self, lines, lefts):
        parts = []
        for line_id, calls, seconds, exact in self._call_sums(lines):
            line, exact = lines.browse(line_id), Decimal(exact)
            found = lefts[line_id]
            amount = to_currency(exact, found.decimals)
            if abs(exact) <= abs(found.exact_left):
                # Calls that are credited one by one round up more often than the line.
                amount = min(amount, found.left, key=abs)
            all_of_it = calls == line.voip_calls and exact == found.exact
            whole = found.untouched and all_of_it
            parts.append(Part(line, amount, exact, calls, seconds, whole))
        # Attempts that nobody answered and that were free are nothing to credit.
        parts = [part for part in parts if part.amount or part.calls]
        return sorted(parts, key=lambda part: (part.line.sequence, part.line.id))

    def _call_sums(self, lines):
        """[(line id, calls, seconds, exact amount)] of the chosen calls.

        :raises UserError: calls are not of the invoice, or were given back before
        """
        chosen = self._chosen_calls()
        if not chosen:
            raise UserError(
                self.env._(
                    "Choose the calls: open the calls of %s, select them and press"
                    " the button again.",
                    self.move_id.name,
                )
            )
        credited = self._credited_calls()
        self.env.cr.execute(CALLS_SQL, {"lines": lines.ids, "calls": chosen})
        rows = self.env.cr.fetchall()
        if any(given or usage_id in credited for usage_id, *_sums, given in rows):
            raise UserError(self.env._("A chosen call is credited or undone already."))
        found = defaultdict(lambda: [0, 0, Decimal(0)])
        for _usage_id, line_id, answered, seconds, amount, _given in rows:
            sums = found[line_id]
            sums[0] += answered
            sums[1] += seconds
            sums[2] += Decimal(amount)
        if len(rows) < len(chosen):
            raise UserError(
                self.env._("Choose only calls that %s bills.", self.move_id.name)
            )
        return [(line, *sums) for line, sums in found.items()]

    def _chosen_calls(self):
        """Ids of the chosen calls, ascending."""
        ids = {n for n in self.usage_ids or () if type(n) is int and 0 < n < 2**63}
        return sorted(ids)

    def _credited_calls(self):
        """Ids of calls of the invoice that were credited one by one."""
        done = self.env["voip.credit"].sudo()
        done = done.search([("move_id", "=", self.move_id.id), ("state", "=", "done")])
        return {n for credit in done for n in credit.usage_ids or ()}

    def _too_much(self, name, asked, left):
        currency = self.move_id.currency_id
        return UserError(
            self.env._(
                "%(name)s: %(asked)s is more than the %(left)s that is left to credit."
                " Credit at most what is left.",
                name=name,
                asked=currency.format(float(asked)),
                left=currency.format(float(left)),
            )
        )


LEFT_SQL = """
SELECT l.id, count(c.id), (l.price_unit * l.quantity)::text,
       COALESCE(l.voip_amount, l.price_unit * l.quantity)::text,
       COALESCE(sum(c.price_unit * c.quantity), 0)::text,
       COALESCE(sum(c.voip_amount), 0)::text
  FROM account_move_line l
  LEFT JOIN account_move_line c
    ON c.voip_credited_line_id = l.id AND c.parent_state <> 'cancel'
 WHERE l.id = ANY(%(lines)s) GROUP BY l.id
"""
# Of undone batches; what credit notes release is on lines that name what they credit.
# What was undone before its invoice is on the same line, whose amount is without it.
# Calls of a local day begin within a day of it in UTC.
UNDONE_SQL = """
SELECT s.move_line_id, (-sum(r.amount))::text
  FROM (SELECT move_line_id, account_id, min(local_day) AS first,
               max(local_day) AS last
          FROM voip_usage_summary WHERE move_line_id = ANY(%(lines)s)
         GROUP BY 1, 2) d
  JOIN voip_usage_row r ON r.account_id = d.account_id
       AND r.started_at >= d.first - interval '1 day'
       AND r.started_at < d.last + interval '2 days' AND r.reversal_of IS NOT NULL
  JOIN voip_usage_row u ON u.id = r.reversal_of AND u.account_id = r.account_id
       AND u.started_at = r.started_at
  JOIN voip_usage_summary s ON s.id = u.summary_id AND s.move_line_id = d.move_line_id
  JOIN voip_usage_summary t ON t.id = r.summary_id
  LEFT JOIN account_move_line c ON c.id = t.move_line_id
 WHERE c.voip_credited_line_id IS NULL
   AND t.move_line_id IS DISTINCT FROM s.move_line_id
 GROUP BY 1
"""
CALLS_SQL = f"""
SELECT u.id, s.move_line_id, u.answered::int, u.billed_seconds, u.amount::text,
       u.reversal_of IS NOT NULL OR {reversed_sql("u")}
{LINE_ROWS} WHERE u.id = ANY(%(calls)s)
"""
