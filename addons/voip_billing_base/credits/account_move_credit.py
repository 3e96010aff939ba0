"""Documents that credit usage or bill it again: never edited, never reversed."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.voip_guard import one, without_defaults

OWN = frozenset(("voip_span_start", "voip_span_end", "voip_credit_id"))
OWN_LINE = frozenset(("voip_credited_line_id",))


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_span_start = fields.Date(
        string="Usage of",
        copy=False,
        readonly=True,
        help="First day of the usage that the document credits or bills again.",
    )
    voip_span_end = fields.Date(string="Usage until", copy=False, readonly=True)
    voip_credit_id = fields.Many2one(
        "voip.credit",
        string="Credit of Usage",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    voip_credit_ids = fields.One2many("voip.credit", "move_id", string="Credits")
    voip_credit_count = fields.Integer(compute="_compute_voip_credit_count")

    # === COMPUTE METHODS === #

    @api.depends("voip_period_end", "voip_span_end")
    def _compute_voip_usage_document(self):
        for move in self:
            move.voip_usage_document = bool(move.voip_period_end or move.voip_span_end)

    @api.depends("voip_span_end")
    def _compute_show_reset_to_draft_button(self):
        result = super()._compute_show_reset_to_draft_button()
        for move in self:
            if move.voip_span_end and move.state == "posted":
                move.show_reset_to_draft_button = False
        return result

    def _compute_voip_credit_count(self):
        for move in self:
            found = self.env["voip.credit"].search_count(move._voip_credits_domain())
            move.voip_credit_count = found

    def _voip_credits_domain(self):
        """Credits of these invoices, and those that made these documents."""
        names = ("move_id", "note_id", "again_id")
        return ["|", "|", *((name, "in", self.ids) for name in names)]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        plain = without_defaults(self, OWN)
        for vals in vals_list:
            self._voip_refuse_credit({name for name in vals if vals[name]})
            self._voip_refuse_hand_credit(vals)
        return super(AccountMove, plain).create(vals_list).with_env(self.env)

    def write(self, vals):
        self._voip_refuse_credit(vals.keys())
        self._voip_refuse_hand_credit(vals)
        return super().write(vals)

    @api.model
    def _voip_refuse_hand_credit(self, vals):
        """:raises UserError: a document names a usage invoice as what it reverses"""
        number = vals.get("reversed_entry_id")
        if self.env.su or not number or type(number) is not int:
            return
        self.env["account.move"].sudo().browse(number)._voip_refuse_by_hand()

    def _voip_refuse_by_hand(self):
        usage = self.filtered(lambda m: m.voip_period_end or m.voip_span_end)
        if usage:
            raise UserError(
                self.env._(
                    "%s bills rated usage. Open it and press Credit Note: what is"
                    " credited keeps its calls.",
                    ", ".join(usage.mapped("display_name")),
                )
            )

    @api.model
    def _voip_refuse_credit(self, names):
        if not self.env.su and OWN & names:
            raise AccessError(self.env._("What a document credits is not edited."))

    # === ACTION METHODS === #

    def action_reverse(self):
        """Of a usage invoice the wizard, which knows its calls."""
        self.check_access("write")
        if self.filtered(lambda m: m.voip_period_end or m.voip_span_end):
            return self.action_voip_credit()
        return super().action_reverse()

    def action_voip_credit(self):
        """Credit a usage invoice."""
        self.check_access("write")
        one(self)
        self._voip_refuse_reversal()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_credit_wizard_action"
        )
        return action | {"context": {"default_move_id": self.id}}

    def action_voip_view_credits(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_credit_action"
        )
        return action | {"domain": self._voip_credits_domain(), "context": {}}

    def _voip_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #

    def _voip_refuse_reopening(self):
        result = super()._voip_refuse_reopening()
        kept = self.filtered(lambda m: m.voip_span_end and m.state == "posted")
        if kept:
            raise UserError(
                self.env._(
                    "%s credits rated usage or bills it again, and stays as posted."
                    " Credit an invoice by its button Credit Note; what a credit note"
                    " gave too much goes on an invoice of its own.",
                    ", ".join(kept.mapped("name")),
                )
            )
        return result

    def _voip_refuse_reversal(self):
        """:raises UserError: a credit note of usage would be reversed"""
        notes = self.filtered(
            lambda m: (m.voip_period_end or m.voip_span_end)
            and m.move_type == "out_refund"
        )
        if notes:
            raise UserError(
                self.env._(
                    "%s is a credit note of usage and is not reversed. What it gave too"
                    " much goes on an invoice of its own.",
                    ", ".join(notes.mapped("name")),
                )
            )

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """A credit of usage pays what its wizard was told, not always the invoice."""
        if reverse_moves.voip_credit_id:
            return reverse_moves
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def _voip_exchange_notes(self):
        """A credit note says what the invoice said."""
        if self.voip_credit_id and not self.line_ids.sudo().voip_summary_ids:
            return self.reversed_entry_id._voip_exchange_notes()
        return super()._voip_exchange_notes()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    voip_credited_line_id = fields.Many2one(
        "account.move.line",
        string="Credited Line",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The line of the usage invoice that this line credits.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        plain = without_defaults(self, OWN_LINE)
        for vals in vals_list:
            self._voip_refuse_credited({name for name in vals if vals[name]})
        lines = super(AccountMoveLine, plain).create(vals_list)
        return lines.with_env(self.env)

    def write(self, vals):
        self._voip_refuse_credited(vals.keys())
        return super().write(vals)

    @api.model
    def _voip_refuse_credited(self, names):
        if not self.env.su and OWN_LINE & names:
            raise AccessError(self.env._("What a line credits is not edited."))

    # === BUSINESS METHODS === #

    def _voip_rated_ids(self):
        """A line without usage of its own has the rate of the line it credits."""
        own = self.sudo().filtered("voip_summary_ids")
        credited = {x.id: x.voip_credited_line_id.id for x in self.sudo() - own}
        return [credited.get(x.id) or x.id for x in self]

    def _voip_is_money_part(self):
        """Whether it credits a part of a line's money: of no call, as a tenth of each.

        A paper that printed calls and minutes of the whole line beside it would not add
        up, and say that calls were given back that stay as they were billed.
        """
        line = self.sudo()
        credited = line.voip_credited_line_id
        if not credited or line.voip_summary_ids:
            return False
        if line.move_id.voip_credit_id.scope == "calls":
            return False
        currency = line.currency_id
        return bool(currency.compare_amounts(line.price_unit, credited.price_unit))

    def _voip_usage_action(self):
        """From a credit note the calls that it credits."""
        action = super()._voip_usage_action()
        credited = self.voip_credited_line_id
        if not credited or self.voip_summary_ids:
            return action
        domain = [("summary_id", "in", credited.voip_summary_ids.ids)]
        calls = self.move_id.voip_credit_id.sudo().usage_ids
        if calls:
            domain.append(("id", "in", calls))
        return action | {"domain": domain}
