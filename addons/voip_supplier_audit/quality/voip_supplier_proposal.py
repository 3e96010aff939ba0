"""What a month comes to by a quality term: a proposal until somebody confirms it."""

import logging
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, ExactFloat

from ..engine import quality
from ..invoices.figures import EXACT, days_utc, exact, text
from . import figures

_logger = logging.getLogger(__name__)
READ = {"readonly": True, "copy": False}
SHARE = {"digits": (16, 2), "aggregator": None, **READ}
MOVES = {quality.PENALTY: "in_refund", quality.BONUS: "in_invoice"}


class VoipSupplierProposal(models.Model):
    """A debit to a supplier for poor quality, or a credit for good one.

    The daily run proposes for the month before and keeps a draft up to date with calls
    that are rated late; what is confirmed or dropped stays as it is.
    """

    _name = "voip.supplier.proposal"
    _inherit = ["mail.thread", "voip.guard", "voip.currency.sums"]
    _description = "Quality Proposal"
    _order = "month desc, id desc"
    _check_company_auto = True

    term_id = fields.Many2one(
        "voip.supplier.quality",
        index=True,
        ondelete="restrict",
        check_company=True,
        **READ,
    )
    agreement_id = fields.Many2one(
        related="term_id.agreement_id", store=True, precompute=True
    )
    company_id = fields.Many2one(
        related="agreement_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="agreement_id.partner_id", store=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, **READ)
    month = fields.Date(
        required=True, help="First day, in the agreement's zone.", **READ
    )
    kind = fields.Selection(
        [(quality.PENALTY, "Debit to the supplier"), (quality.BONUS, "His credit")],
        required=True,
        **READ,
    )
    attempts = BigInteger(**READ)
    answered = BigInteger(**READ)
    duration_ms = BigInteger(**READ)
    asr = ExactFloat(string="ASR (%)", **SHARE)
    acd = ExactFloat(string="ACD (s)", **SHARE)
    cost = Amount(string="Usage", help="What the calls cost us.", **MONEY, **READ)
    percent = ExactFloat(string="Of It (%)", digits=(16, 4), aggregator=None, **READ)
    amount = Amount(**MONEY, **READ)
    state = fields.Selection(
        [("draft", "Proposed"), ("confirmed", "Confirmed"), ("dropped", "Dropped")],
        required=True,
        default="draft",
        index=True,
        tracking=True,
        **READ,
    )
    reason = fields.Text(help="Needed to drop it.")
    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        **READ,
    )

    _once = models.UniqueIndex(
        "(term_id, month)", "The term is proposed for this month already."
    )

    # === COMPUTE METHODS === #

    @api.depends("term_id", "month", "partner_id")
    def _compute_display_name(self):
        for proposal in self:
            proposal.display_name = self.env._(
                "%(supplier)s %(month)s, %(term)s",
                supplier=proposal.partner_id.display_name,
                month=(proposal.month or fields.Date.today()).strftime("%Y-%m"),
                term=proposal.sudo().term_id.display_name,
            )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if kept := self.filtered(lambda one: one.state != "draft")[:1]:
            raise UserError(self.env._("%s is decided and kept.", kept.display_name))

    # === ACTION METHODS === #

    def action_confirm(self):
        """Post the debit note, or the bill of a bonus.

        :raises UserError: one is decided already
        """
        self.check_access("write")
        for proposal in self.sudo():
            proposal._lock_draft()
            move = self.env["account.move"].sudo().with_company(proposal.company_id)
            move = move.create(proposal._prepare_move_vals())
            move.action_post()
            proposal.write({"state": "confirmed", "move_id": move.id})
            proposal._log("confirm", bills=move.name)

    def action_drop(self):
        """Do without it, for a reason.

        :raises UserError: one is decided already, or has no reason
        """
        self.check_access("write")
        for proposal in self.sudo():
            proposal._lock_draft()
            if not (proposal.reason or "").strip():
                raise UserError(
                    self.env._("%s: say why it is dropped.", proposal.display_name)
                )
            proposal.state = "dropped"
            proposal._log("drop", reason=proposal.reason)

    def action_view_move(self):
        """The entry that was posted."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _propose(self, today):
        """Propose for the month before ``today``; each agreement by itself.

        :return: list of (agreement, sentence) where it failed
        """
        last = fields.Date.subtract(today.replace(day=1), days=1)
        month = last.replace(day=1)
        terms = self.env["voip.supplier.quality"].search(
            [
                ("agreement_id.date_from", "<=", month),
                "|",
                ("agreement_id.date_to", "=", False),
                ("agreement_id.date_to", ">=", month),
            ]
        )
        troubles = []
        for agreement, own in terms.grouped("agreement_id").items():
            try:
                run_money(
                    self.env,
                    lambda env, own=own: (
                        self.with_env(env)
                        .sudo()
                        ._propose_terms(own.with_env(env).sudo(), month)
                    ),
                )
            except Exception as error:
                _logger.exception("Quality of %s", agreement.display_name)
                troubles.append((agreement, agreement._quality_trouble(month, error)))
        self.env.invalidate_all()
        return troubles

    def _propose_terms(self, terms, month):
        """Bring the drafts of an agreement's terms up to date."""
        found = terms.agreement_id._month_figures(month)
        for term in terms:
            known = self.search([("term_id", "=", term.id), ("month", "=", month)])
            if known.state in ("confirmed", "dropped"):
                continue
            values = self._values(term, found)
            if not values:
                known.unlink()
            elif known:
                known.write(values)
            else:
                self.create({**values, "term_id": term.id, "month": month})

    @api.model
    def _values(self, term, found):
        """Figures of a term; None where it comes to nothing."""
        attempts, answered, duration_ms, cost = found
        asr, acd = quality.asr(answered, attempts), quality.acd(duration_ms, answered)
        if attempts < term.least_attempts:
            return None
        agreed = quality.Term(
            term.kind,
            *(exact(term[name]) for name in ("threshold", "percent", "step", "most")),
        )
        share = quality.share(agreed, asr if term.measure == "asr" else acd)
        currency = term.agreement_id.currency_id
        unit = Decimal(1).scaleb(-currency.decimal_places)
        whole = _decimal(share * Fraction(cost) / 100)
        amount = whole.quantize(unit, ROUND_HALF_UP, context=EXACT)
        if amount <= 0:
            return None
        return {
            "kind": term.kind,
            "currency_id": currency.id,
            "attempts": attempts,
            "answered": answered,
            "duration_ms": duration_ms,
            "asr": float(round(asr, 2)) if asr is not None else 0.0,
            "acd": float(round(acd, 2)) if acd is not None else 0.0,
            "cost": float(cost),
            "percent": float(share),
            "amount": float(amount),
        }

    def _lock_draft(self):
        """:raises UserError: it is decided already"""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT FROM voip_supplier_proposal WHERE id = %s AND state = 'draft'"
            " FOR UPDATE",
            [self.id],
        )
        if not self.env.cr.rowcount:
            raise UserError(self.env._("%s is decided already.", self.display_name))

    def _prepare_move_vals(self):
        agreed = self.agreement_id
        line = {
            "name": self._words(),
            "quantity": 1,
            "price_unit": self.amount,
            "product_id": agreed.product_id.id,
            "analytic_distribution": agreed.analytic_distribution,
        }
        if not agreed.product_id:
            line["tax_ids"] = False
        return {
            "move_type": MOVES[self.kind],
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": fields.Date.context_today(self),
            "ref": self.display_name,
            "invoice_line_ids": [Command.create(line)],
        }

    def _words(self):
        """The line of the entry, so that the supplier can compute it again."""
        return self.env._(
            "%(term)s in %(month)s: %(answered)s of %(attempts)s attempts answered, ASR"
            " %(asr)s %%, ACD %(acd)s s; %(percent)s %% of %(cost)s %(currency)s",
            term=self.term_id.display_name,
            month=self.month.strftime("%Y-%m"),
            answered=self.answered,
            attempts=self.attempts,
            asr=f"{self.asr:.2f}",
            acd=f"{self.acd:.2f}",
            percent=text(exact(self.percent)),
            cost=text(exact(self.cost)),
            currency=self.currency_id.name,
        )

    def _log(self, event, **data):
        data |= {"number": self.display_name, "difference": text(exact(self.amount))}
        self.env["voip.audit"]._log(f"supplier_quality_{event}", self, data)


class VoipSupplierAgreement(models.Model):
    _inherit = "voip.supplier.agreement"

    # === BUSINESS METHODS === #

    def _quality_trouble(self, month, error):
        return self.env._(
            "%(supplier)s: penalties and bonuses on quality of %(month)s are not"
            " proposed: %(error)s",
            supplier=self.partner_id.display_name,
            month=month.strftime("%Y-%m"),
            error=error,
        )

    def _month_figures(self, month):
        """``(attempts, answered, milliseconds, cost)`` of a month in its zone."""
        last = fields.Date.subtract(fields.Date.add(month, months=1), days=1)
        span = days_utc(self.tz, month, last)
        suppliers = self.env["res.partner"].with_context(active_test=False)
        ids = suppliers.search([("id", "child_of", self.partner_id.id)]).ids
        return figures.month(
            self.env.cr, self.company_id.id, ids, span, self.currency_id.id
        )


def _decimal(share):
    return EXACT.divide(Decimal(share.numerator), Decimal(share.denominator))
