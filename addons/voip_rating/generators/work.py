"""Generated rates through the stage into their deck, inside somebody's transaction."""

from datetime import datetime
from decimal import Decimal

from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.planner import (
    no_nested_loops,
    run_steps,
)

from ..engine.money import ONE, PRICE_LIMIT, to_text
from ..imports.lines import Lines
from ..imports.work import Work
from ..sheets.row import ALWAYS
from . import sql


class GeneratorWork(Work):
    """One run of an import that has a generator instead of a file."""

    go_on = False
    keep_manual = True

    def _refuse_changed(self):
        result = super()._refuse_changed()
        if self.sheet.generator_id._mark() != self.sheet.generator_mark:
            raise UserError(
                self.env._(
                    "The mark-up or its source decks changed since the preview: look "
                    "at a new one."
                )
            )
        return result

    def _fill(self):
        """Make the lines of the stage from the sources' rates."""
        cr, params = self.env.cr, self._generator_params()
        cr.execute("SET LOCAL jit = off")
        with no_nested_loops(cr):
            cr.execute(sql.CREATE)
            run_steps(cr, sql.STEPS, params)
        cr.execute("SET LOCAL jit TO DEFAULT")
        self._refuse_out_of_bounds()
        cr.execute("INSERT INTO voip_sheet SELECT idx, 0, FALSE FROM voip_stage")
        cr.execute("SELECT count(*) FROM voip_stage")
        return Lines(rows=cr.fetchone()[0])

    def _refuse_out_of_bounds(self):
        """:raises UserError: a price would be below zero or beyond all bounds"""
        self.env.cr.execute(sql.OUT_OF_BOUNDS)
        found = self.env.cr.fetchone()
        if not found:
            return
        count, prefix, name, value = found
        field = self.env["voip.rate"]._fields[name]
        way = (
            self.env._("Raise the mark-up per minute, keep a least margin")
            if value.startswith("-")
            else self.env._("Lower the mark-up, mend the source's rate")
        )
        raise UserError(
            self.env._(
                "%(count)s prices are out of bounds, the first of code %(prefix)s:"
                " %(field)s would be %(value)s, and may be 0 to %(most)s. %(way)s, or"
                " make the code an exception of the mark-up.",
                count=count,
                prefix=prefix,
                field=field._description_string(self.env),
                value=value,
                most=to_text([PRICE_LIMIT * ONE - 1])[0],
                way=way,
            )
        )

    def _generator_params(self):
        generator = self.sheet.generator_id
        sources = generator.source_ids
        day = generator._day()
        own = generator.increments == "deck"
        always = datetime.fromisoformat(ALWAYS)
        return generator._exact() | {
            "deck": self.deck.id,
            "generator": generator.id,
            "now": self.now,
            "starts": self.now if self.had_rates else always,
            "basis": generator.basis,
            "ranks": list(range(len(sources))),
            "decks": [source.deck_id.id for source in sources],
            "factors": [source._factor(day) for source in sources],
            "weights": [source.weight for source in sources],
            "scale": Decimal(10) ** generator.decimals,
            "step": Decimal(1).scaleb(-generator.decimals),
            "initial": self.deck.default_initial_increment if own else None,
            "next": self.deck.default_next_increment if own else None,
        }

    def _sort_out(self):
        """Nothing contradicts: each code has one line from each moment."""
        self.env.cr.execute("ANALYZE voip_stage; ANALYZE voip_sheet")

    def _compare(self):
        conflicts = self.deck._stage_compare()[1]
        if conflicts:
            raise UserError(conflicts[0]["message"])

    def close_at(self):
        return self.now
