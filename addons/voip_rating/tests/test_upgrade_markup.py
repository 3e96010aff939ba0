"""Decks with a parent and a mark-up are upgraded to decks with a mark-up."""

from odoo.tests import tagged

from .common import VoipRatingCommon
from .test_upgrade import run

SCRIPT = "voip_rating/migrations/19.0.3.2.0/post-generators.py"


@tagged("post_install", "-at_install")
class TestUpgradeMarkup(VoipRatingCommon):
    def test_each_child_gets_a_mark_up_of_its_parent(self):
        supplier = self._create_deck([{"prefix": "44"}], side="supplier")
        retail = self._create_deck([{"prefix": "44"}])
        cases = (
            (supplier, 10, 0, 25, (25, 0, True, False)),
            (supplier, 30, 0, 25, (30, 0, True, False)),
            (supplier, 10, 0.002, 0, (10, 0.002, True, False)),
            (supplier, 10, 0.002, 25, (10, 0.002, True, True)),
            (retail, -5, 0, 0, (-5, 0, False, False)),
            (retail, -5, 0, 15, (-5, 0, False, True)),
        )
        decks = [self._create_deck() for _case in cases]
        self.env.flush_all()
        self.env.cr.execute(
            """ALTER TABLE voip_rate_deck ADD parent_id integer,
                   ADD markup_percent numeric, ADD markup_fixed numeric,
                   ADD margin_floor numeric"""
        )
        for deck, (parent, percent, fixed, floor, _expected) in zip(
            decks, cases, strict=True
        ):
            self.env.cr.execute(
                """UPDATE voip_rate_deck SET parent_id = %s, markup_percent = %s,
                       markup_fixed = %s, margin_floor = %s WHERE id = %s""",
                [parent.id, percent, fixed, floor, deck.id],
            )
        for _again in range(2):
            run(self.env.cr, SCRIPT)
        self.env.invalidate_all()
        for deck, (parent, *_values, expected) in zip(decks, cases, strict=True):
            made = deck.generator_ids
            self.assertEqual(made.source_ids.deck_id, parent)
            self.assertEqual(
                (made.markup_percent, made.markup_fixed, made.is_floored,
                 bool(made.problem)),
                expected,
            )
            self.assertEqual((made.on_change, made.decimals), ("hand", 8))
