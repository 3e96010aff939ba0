"""Child decks: the parent's rates with a mark-up and a margin floor."""

from datetime import datetime
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.money import PRICE_LIMIT
from ..sheets.stage import STAGE_COLUMNS

# In a table of its own, because nothing is known yet about a deck loaded just now.
_COST = """
DROP TABLE IF EXISTS pg_temp.voip_cost;
CREATE TEMP TABLE voip_cost ON COMMIT DROP AS
SELECT prefix, price_per_minute * (1 + %(floor)s / 100) AS price,
       effective_from, effective_to
  FROM voip_rate
 WHERE deck_id = %(cost_deck)s AND blocked IS NOT TRUE AND origin_prefix IS NULL;
CREATE INDEX ON voip_cost (prefix);
ANALYZE voip_cost
"""
# Current and future versions of the parent; payback rates are taken over as they are.
_FILL = """
WITH parent AS (
    SELECT p.*, COALESCE(p.origin_prefix, '') AS origin,
           COALESCE(p.payback, FALSE) AS pays,
           GREATEST(p.effective_from, %(since)s) AS starts,
           CASE WHEN p.payback THEN 1 ELSE 1 + %(percent)s / 100 END AS factor,
           CASE WHEN p.payback THEN 0 ELSE %(fixed)s END AS fixed
      FROM voip_rate p
     WHERE p.deck_id = %(parent)s
       AND (p.effective_to IS NULL OR p.effective_to > %(since)s)
       AND (p.prefix, COALESCE(p.origin_prefix, '')) NOT IN (
           SELECT m.prefix, COALESCE(m.origin_prefix, '') FROM voip_rate m
            WHERE m.deck_id = %(deck)s AND m.manual
              AND (m.effective_to IS NULL OR m.effective_to > %(since)s))),
latest AS (
    SELECT DISTINCT ON (prefix, origin, starts) * FROM parent
     ORDER BY prefix, origin, starts, effective_from DESC, id DESC),
priced AS MATERIALIZED (
    SELECT l.*, CASE WHEN NOT l.pays THEN (
           SELECT c.price FROM voip_cost c
            WHERE c.prefix = ANY (ARRAY(
                  SELECT left(l.prefix, n) FROM generate_series(1, length(l.prefix)) n))
              AND c.effective_from <= l.starts
              AND (c.effective_to IS NULL OR c.effective_to > l.starts)
            ORDER BY length(c.prefix) DESC, c.effective_from DESC LIMIT 1) END AS floor
      FROM latest l)
INSERT INTO voip_stage ({columns}, destination_id)
SELECT row_number() OVER (ORDER BY l.prefix, l.origin, l.starts), l.prefix, l.origin,
       l.label,
       round(GREATEST(l.price_per_minute * l.factor + l.fixed, l.floor), 8),
       {jurisdictions},
       round(l.connect_fee * l.factor, 8), round(l.min_charge * l.factor, 8),
       round(l.max_charge * l.factor, 8), l.initial_increment, l.next_increment,
       l.grace_seconds, COALESCE(l.blocked, FALSE), l.pays, l.service_id,
       l.starts, l.effective_to, l.destination_id
  FROM priced l
"""
_JURISDICTION = """CASE WHEN l.{name} < 0 THEN -1
       ELSE round(GREATEST(l.{name} * l.factor + l.fixed, l.floor), 8) END"""
_SQL = _FILL.format(
    columns=", ".join(STAGE_COLUMNS),
    jurisdictions=",\n       ".join(
        _JURISDICTION.format(name=name)
        for name in ("price_intra", "price_local", "price_indeterminate")
    ),
)
_OUT_OF_BOUNDS = f"""
SELECT count(*), min(prefix) FROM voip_stage
 WHERE LEAST(price, connect_fee, min_charge, max_charge) < 0
    OR GREATEST(price, price_intra, price_local, price_indeterminate,
                connect_fee, min_charge, max_charge) >= {PRICE_LIMIT}
    OR price_intra < 0 AND price_intra <> -1
    OR price_local < 0 AND price_local <> -1
    OR price_indeterminate < 0 AND price_indeterminate <> -1
"""


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    # === ACTION METHODS === #

    def action_preview_generate(self):
        """Tell what :meth:`action_generate` would do."""
        self.check_access("write")
        title = self.env._("%(deck)s would get", deck=self.display_name)
        return self._notify_generated(self._generate(dry_run=True), title)

    def action_generate(self):
        """Make the rates of this deck from those of its parent."""
        self.check_access("write")
        title = self.env._("%(deck)s got", deck=self.display_name)
        return self._notify_generated(self._generate(), title)

    def _notify_generated(self, counts, title):
        counts = {key: counts[key] for key in counts if key != "applied"}
        message = self.env["voip.audit"]._sentence(counts)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title,
                "message": message,
                "type": "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === BUSINESS METHODS === #

    def _generate(self, dry_run=False):
        """Bring the rates in line with the parent's, by new versions from now on.

        Price per minute = parent's · (1 + percent) + fixed, at least cost ·
        (1 + floor); fees and charges · (1 + percent); half up to 8 decimals. Prefixes
        that the parent no longer has are closed; exceptions are left alone.

        :return: counts new, increased, decreased, changed, unchanged and closed, and
            whether they were applied
        """
        self.ensure_one()
        self._check_load_access()
        if not self.parent_id:
            raise UserError(self.env._("Choose a parent deck first."))
        savepoint = self.env.cr.savepoint(flush=False)
        self._stage_open()
        now = fields.Datetime.now()
        self._stage_from_parent(now)
        counts, conflicts = self._stage_compare()
        if conflicts:
            raise UserError(conflicts[0]["message"])
        watch = None if dry_run else self._early_watch()
        closed, _fallbacks, _returns = self._stage_apply(close_at=now, keep_manual=True)
        self._early_settle(self._early_found(watch))
        savepoint.close(rollback=dry_run)
        self.env.invalidate_all(flush=False)
        result = {**counts, "closed": closed, "applied": not dry_run}
        if not dry_run:
            self._log_load("deck_generate", result, parent=self.parent_id.code)
        return result

    def _stage_from_parent(self, since):
        empty = not self.env["voip.rate"].search_count(
            [("deck_id", "=", self.id)], limit=1
        )
        parent = self.parent_id
        cost_deck = parent if parent.side == "supplier" else self.cost_deck_id
        cr = self.env.cr
        cr.execute(
            "SELECT markup_percent::text, markup_fixed::text, margin_floor::text"
            "  FROM voip_rate_deck WHERE id = %s",
            [self.id],
        )
        # Odoo reads numeric columns as float; prices come as text.
        percent, fixed, floor = (Decimal(value or 0) for value in cr.fetchone())
        params = {
            "deck": self.id,
            "parent": parent.id,
            "cost_deck": cost_deck.id or None,
            # The first generation covers the past as the parent does.
            "since": datetime(1970, 1, 1) if empty else since,
            "percent": percent,
            "fixed": fixed,
            "floor": floor,
        }
        cr.execute(_COST, params)
        cr.execute(_SQL, params)
        cr.execute(_OUT_OF_BOUNDS)
        count, first = cr.fetchone()
        if count:
            raise UserError(
                self.env._(
                    "%(count)s prices are out of bounds, the first for %(prefix)s.",
                    count=count,
                    prefix=first,
                )
            )
