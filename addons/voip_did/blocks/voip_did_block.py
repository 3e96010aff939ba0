"""Blocks of 10, 100 or 1,000 numbers that stay together."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.voip_billing_base.notice import notice

from ..numbers.words import BadNumberRow, e164

SIZES = [("10", "10"), ("100", "100"), ("1000", "1,000")]


class VoipDidBlock(models.Model):
    """Numbers with the same first digits, from …0 to …9, …99 or …999.

    Each is a number of the inventory that names its block. While it does, it is
    assigned, released and given back with the others only.
    """

    _name = "voip.did.block"
    _inherit = ["voip.guard"]
    _description = "Block of Numbers"
    _order = "number, id"
    _rec_name = "number"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    number = fields.Char(
        string="First Number",
        required=True,
        readonly=True,
        help="E.164; its last digits are zeros, as many as the size has.",
    )
    size = fields.Selection(SIZES, required=True, readonly=True, default="10")
    did_ids = fields.One2many("voip.did", "block_id", string="Numbers")
    first_id = fields.Many2one(
        "voip.did", string="First", readonly=True, ondelete="restrict"
    )
    country_id = fields.Many2one(related="first_id.country_id")
    area = fields.Char(related="first_id.area")
    kind = fields.Selection(related="first_id.kind")
    state = fields.Selection(related="first_id.state")
    supplier_id = fields.Many2one(related="first_id.supplier_id")
    account_id = fields.Many2one(
        "voip.account",
        string="Account",
        related="first_id.account_id",
        help="Who has the block today.",
    )

    _number_uniq = models.Constraint(
        "UNIQUE (company_id, number)", "A block begins with this number already."
    )

    # === COMPUTE METHODS === #

    @api.depends("number", "size")
    def _compute_display_name(self):
        for block in self:
            last = f"{block.number[: -block._width()]}{'9' * block._width()}"
            block.display_name = f"+{block.number}–{last[-4:]}"

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """The numbers would be held together by nothing."""
        raise UserError(self.env._("A block is not deleted: split it instead."))

    # === ACTION METHODS === #

    def action_split(self):
        """Part each block into ten smaller ones, or its numbers, and say so."""
        self.check_access("write")
        tens = self.filtered(lambda block: block.size == "10")
        blocks, numbers = 10 * len(self - tens), 10 * len(tens)
        for block in self:
            block._split()
        if not numbers:
            return notice(self.env._("Split into %s blocks.", blocks))
        text = self.env._("Split into %s single numbers.", numbers)
        if blocks:
            text += " " + self.env._("Others into %s blocks.", blocks)
        # The form of a block that is no more has nothing to show.
        told = notice(text)
        told["params"]["next"] = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_did.voip_did_block_action"
        )
        return told

    def action_assign(self):
        """Open the assignment of all numbers of these blocks."""
        self.check_access("read")
        return self.did_ids.action_assign()

    def action_release(self):
        """Open the release of all numbers of these blocks."""
        action = self.action_assign()
        action["context"]["default_mode"] = "release"
        return {**action, "name": self.env._("Release Numbers")}

    def action_view_dids(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_did.voip_did_action"
        )
        return {**action, "domain": [("block_id", "in", self.ids)], "context": {}}

    def action_view_margin(self):
        """Rental, cost and margin of the numbers that are of these blocks today."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_did.voip_did_margin_action"
        )
        return {**action, "domain": [("block_id", "in", self.ids)], "context": {}}

    # === BUSINESS METHODS === #

    @api.model
    def _join(self, dids):
        """Make one block of numbers that are all there and all free.

        :param dids: 10, 100 or 1,000 numbers of one company, singly or in blocks
        :return: the block; smaller ones that they were of are gone
        :raises UserError: naming what does not fit
        """
        dids = dids.sorted("number")
        first = dids[:1].number or ""
        size = str(len(dids))
        if size not in dict(SIZES):
            raise UserError(
                self.env._(
                    "A block has 10, 100 or 1,000 numbers, not %s.", len(dids)
                )
            )
        self._refuse_gaps(dids, first)
        dids._refuse_not_free()
        before = dids.block_id
        block = (
            self.sudo().create(
                {
                    "company_id": dids.company_id.id,
                    "number": first,
                    "size": size,
                    "first_id": dids[0].id,
                }
            )
            if first not in before.mapped("number")
            else before._grow(first, size)
        )
        dids.sudo()._of_block(block)
        (before - block)._dissolve()
        self.env["voip.audit"]._log("did_joined", block.first_id, block._terms())
        return block

    def _refuse_gaps(self, dids, first):
        """:raises UserError: the numbers do not lie side by side from a round one"""
        width = len(str(len(dids))) - 1
        wanted = [f"{first[:-width]}{n:0{width}}" for n in range(len(dids))]
        if len(dids.company_id) != 1 or dids.mapped("number") != wanted:
            raise UserError(
                self.env._(
                    "A block of %(size)s goes from +%(first)s to +%(last)s without a"
                    " gap: choose exactly these numbers.",
                    size=len(dids),
                    first=wanted[0],
                    last=wanted[-1],
                )
            )

    def _grow(self, number, size):
        """The smaller block that begins with ``number``, as one of ``size``."""
        block = self.filtered(lambda one: one.number == number).sudo()
        block.write({"size": size})
        return block

    def _split(self):
        """Ten blocks of a tenth, or single numbers, at whatever account they are."""
        self.ensure_one()
        terms, dids, smaller = self._terms(), self.did_ids, int(self.size) // 10
        by_start = dids.grouped(lambda did: did.number[: -(self._width() - 1)])
        first = self.first_id
        if smaller == 1:
            dids.sudo()._of_block(self.browse())
            self._dissolve()
        else:
            own, *others = (by_start[start] for start in sorted(by_start))
            self.sudo().write({"size": str(smaller)})
            for part in others:
                block = self.sudo().create(
                    {
                        "company_id": self.company_id.id,
                        "number": min(part.mapped("number")),
                        "size": str(smaller),
                        "first_id": part.sorted("number")[0].id,
                    }
                )
                part.sudo()._of_block(block)
        self.env["voip.audit"]._log("did_split", first, terms)

    def _dissolve(self):
        """Forget blocks that hold no number any more."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM voip_did_block WHERE id = ANY(%s)", [self.ids])
        self.env["voip.did"].invalidate_model(["block_id"])
        self.invalidate_model()

    @api.model
    def _make(self, number, size, values):
        """A block of fresh numbers, and of free ones that are there already.

        :param number: its first number
        :param size: key of :data:`SIZES`
        :param values: {field of a number: value}, for the fresh ones
        :return: the block
        :raises UserError: a number is none, does not fit, or is not free
        """
        width = len(size) - 1
        try:
            first = e164(number)
        except BadNumberRow as error:
            raise ValidationError(str(error)) from error
        if not first.endswith("0" * width):
            raise ValidationError(
                self.env._(
                    "+%(number)s begins no block of %(size)s: it must end in"
                    " %(zeros)s.",
                    number=first,
                    size=dict(SIZES)[size],
                    zeros="0" * width,
                )
            )
        numbers = [f"{first[:-width]}{n:0{width}}" for n in range(int(size))]
        dids = self.env["voip.did"]
        there = dids.with_context(active_test=False).search(
            [("number", "in", numbers), ("company_id", "=", self.env.company.id)]
        )
        missing = sorted(set(numbers) - set(there.mapped("number")))
        fresh = dids._insert([{**values, "number": number} for number in missing])
        return self._join(there | fresh)

    def _width(self):
        return len(self.size or "10") - 1

    def _terms(self):
        return {"number": self.number, "size": self.size}
