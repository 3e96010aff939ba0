"""Generated rates are previewed, applied and undone as those of a sheet are."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .work import GeneratorWork

# Sources with up to this many rates are worked on while their user waits.
AT_ONCE_RATES = 20_000
_LARGE = """
SELECT count(*) > %(most)s
  FROM (SELECT FROM voip_rate WHERE deck_id = ANY(%(decks)s) LIMIT %(most)s + 1) r
"""


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    generator_id = fields.Many2one(
        "voip.rate.generator",
        string="Mark-up",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    is_generated = fields.Boolean(readonly=True, copy=False)
    generator_mark = fields.Char(readonly=True, copy=False)
    exchange_note = fields.Text(string="Exchange Rates", readonly=True, copy=False)

    @api.depends("generator_id", "is_generated", "create_date")
    def _compute_display_name(self):
        generated = self.filtered("is_generated")
        for sheet in generated:
            sheet.display_name = self.env._(
                "Mark-up of %(deck)s", deck=sheet.deck_id.display_name
            )
        return super(VoipRateImport, self - generated)._compute_display_name()

    def _new_work(self):
        return GeneratorWork(self) if self.generator_id else super()._new_work()

    def _check_ready(self):
        if not self.is_generated:
            return super()._check_ready()
        self._check_deck()
        if not self.generator_id.source_ids:
            raise UserError(self.env._("Choose the decks that the mark-up is put on."))
        return None

    def _is_large(self):
        if not self.is_generated:
            return super()._is_large()
        decks = self.generator_id.source_ids.deck_id.ids
        self.env.cr.execute(_LARGE, {"decks": decks, "most": AT_ONCE_RATES})
        return self.env.cr.fetchone()[0]

    def _questions(self):
        return [] if self.is_generated else super()._questions()

    def _remember_map(self):
        return None if self.is_generated else super()._remember_map()

    def _preview(self):
        result = super()._preview()
        if generator := self.generator_id:
            self._keep(
                {
                    "generator_mark": generator._mark(),
                    "exchange_note": generator._exchange_note(),
                }
            )
            generator.sudo().write({"seen": generator._revisions(), "problem": False})
        return result

    def _log(self, event):
        generated = self.is_generated and event == "rate_import_apply"
        return super()._log("deck_generate" if generated else event)

    def _changes(self):
        """Whether a preview has anything to apply."""
        return any(
            (
                self.new_count,
                self.increased_count,
                self.decreased_count,
                self.changed_count,
                self.closed_count,
            )
        )

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }


class VoipRateGenerator(models.Model):
    _inherit = "voip.rate.generator"

    waiting_import_id = fields.Many2one(
        "voip.rate.import",
        string="Waiting Preview",
        compute="_compute_waiting_import_id",
        help="Generated rates that are not applied yet.",
    )

    @api.depends("import_ids.state")
    def _compute_waiting_import_id(self):
        for generator in self:
            generator.waiting_import_id = generator._waiting()[:1]

    def action_preview(self):
        """Find out what the mark-up would change, and show it."""
        self.check_access("write")
        self.ensure_one()
        made = self._working()
        if not made:
            made = self._create_import()
            made._do("preview")
        return made._open()

    def action_view_waiting(self):
        """Generated rates that wait to be applied."""
        self.check_access("read")
        self.ensure_one()
        return self.waiting_import_id._open()

    def _create_import(self):
        """A generation of this mark-up without its preview, in place of a waiting one.

        :raises UserError: the background is at work on one
        """
        self.deck_id._check_load_access()
        if self._working():
            raise UserError(
                self.env._("%s is being worked on: wait for it.", self.display_name)
            )
        self._waiting().unlink()
        return self.env["voip.rate.import"].sudo().create(
            {
                "deck_id": self.deck_id.id,
                "generator_id": self.id,
                "is_generated": True,
                "mode": "full",
            }
        ).sudo(False)

    def _new_import(self):
        """A generation with its preview."""
        made = self._create_import()
        made._preview()
        return made

    def _generate(self):
        """Preview and apply at once.

        :return: the applied import
        """
        made = self._new_import()
        made._apply()
        return made

    def _waiting(self):
        """Previews that are not applied."""
        return self.import_ids.filtered(lambda s: s.state in ("draft", "previewed"))

    def _working(self):
        """The generation that the background has."""
        return self.import_ids.filtered(lambda s: s.state == "working")[:1]

    def _exchange_note(self):
        """The exchange rates that convert the sources, one on a line."""
        day, lines = self._day(), []
        for source in self.source_ids.grouped("currency_id").values():
            if source[0].currency_id != self.currency_id:
                lines.append(
                    self.env._(
                        "1 %(currency)s = %(rate)s %(target)s (%(day)s)",
                        currency=source[0].currency_id.name,
                        rate=f"{source[0]._factor(day):.10g}",
                        target=self.currency_id.name,
                        day=day,
                    )
                )
        return "\n".join(lines)
