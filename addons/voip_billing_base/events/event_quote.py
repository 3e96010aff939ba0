"""What an event would cost, before it happens."""

from datetime import UTC
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import AccessError

from ..engine.event import BadEvent, read_event
from .pricing import WORDS, Event, beyond, priced_events

VIEWER = "voip_billing_base.group_voip_viewer"


class VoipUsageEvent(models.Model):
    _inherit = "voip.usage.event"

    # === MACHINE DOOR === #

    @api.model
    def quote(self, account=None, event_type=None, units=1, at=None, metadata=None):
        """What an event would cost, by the lists and volumes of now; nothing is kept.

        :param str account: code
        :param str event_type: code
        :param units: whole number
        :param str at: ISO 8601 with ``Z`` or an offset, at most 400 days ago; now
        :param dict metadata: as the event will have it: destination, campaign …
        :return: ``{amount, currency, cost, cost_currency, steps: [sentence]}``, money
            as decimal strings; or ``{error: {code, message}}``
        :raises AccessError: the caller is no staff
        """
        if not (self.env.su or self.env.user.has_group(VIEWER)):
            raise AccessError(self.env._("Billing staff ask what an event costs."))
        given = {
            "event_id": "quote",
            "source": "quote",
            "account": account,
            "event_type": event_type,
            "units": units,
            "occurred_at": at or self.env.cr.now().replace(tzinfo=UTC).isoformat(),
            "metadata": metadata,
        }
        try:
            event = read_event(given, self.env.cr.now())
        except BadEvent as error:
            return {"error": {"code": error.code, "message": str(error)}}
        return self.sudo()._quote(self.env.company, event)

    @api.model
    def _quote(self, company, event):
        """The answer of :meth:`quote` for a :class:`~..engine.event.Event`."""
        self.env.flush_all()
        values = {
            "company": company.id,
            "account": event.account,
            "type": event.event_type,
            "units": event.units,
            "at": event.occurred_at,
            "metadata": event.metadata,
        }
        self.env.cr.execute(QUOTE_SQL, values)
        asked = Event(*self.env.cr.fetchone())
        errors = {asked.id: asked.error} if asked.error else {}
        priced = None
        if asked.priced and not errors:
            priced = priced_events(self.env, company, [asked], errors)
            if not errors and beyond(priced):
                errors[asked.id] = "out_of_bounds"
        if code := errors.get(asked.id):
            return {"error": {"code": code, "message": self._quoted(code, event)}}
        account = self.env["voip.account"].browse(asked.account_id)
        lines = priced.lines if priced else ()
        cost = priced.cost_company.sum() if priced else 0
        return {
            "amount": _text(sum(lines.amount.tolist()) if priced else 0),
            "currency": account.currency_id.name,
            "cost": _text(cost),
            "cost_currency": company.currency_id.name,
            "steps": self._steps(account, priced) if priced else [],
        }

    def _quoted(self, code, event):
        """What is to be done where an event has no price."""
        sent = self.new(
            {
                "company_id": self.env.company.id,
                "account_code": event.account,
                "type_code": event.event_type,
                "occurred_at": event.occurred_at,
                "error": code,
            }
        )
        return sent._what_to_do()

    def _steps(self, account, priced):
        """Sentences as *Why This Price?* says them, one for each line."""
        lines, charges = priced.lines, self.env["voip.usage.event.charge"]
        return [
            charges.new(
                {
                    "price_id": priced.prices[lines.price[row]].id,
                    "part": priced.prices[lines.price[row]].part,
                    "word": WORDS[lines.word[row]] or False,
                    "start": int(lines.start[row]),
                    "base": int(lines.base[row]),
                    "unit_price": float(_text(lines.unit_price[row])),
                    "per": priced.prices[lines.price[row]].per,
                    "currency_id": account.currency_id.id,
                    "amount": float(_text(lines.amount[row])),
                }
            )._sentence()
            for row in range(len(lines))
        ]


def _text(scaled):
    """Decimal text of money that is scaled by 10**8."""
    return f"{Decimal(int(scaled)).scaleb(-8):f}"


QUOTE_SQL = """
SELECT 0, 'quote', 'quote', e.units, e.at, a.id, k.id,
       (e.at AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(a.tz, 'UTC'))::date,
       CASE WHEN a.id IS NULL THEN 'no_account'
            WHEN a.state = 'closed' THEN 'account_closed'
            WHEN k.id IS NULL THEN 'unknown_event_type' END,
       COALESCE(k.is_priced, false), k.service_id,
       CASE WHEN k.is_priced THEN COALESCE(a.event_pricelist_id, l.id) END,
       e.said ->> 'to', e.said ->> 'campaign', e.said ->> 'carrier',
       e.said ->> 'model', e.said ->> 'kind', e.said ->> 'supplier'
  FROM (SELECT %(units)s::bigint AS units, %(at)s::timestamp AS at,
               %(metadata)s::jsonb AS said) e
  LEFT JOIN voip_account a
         ON a.company_id = %(company)s AND a.code = %(account)s
  LEFT JOIN LATERAL (
       SELECT id, is_priced, service_id FROM voip_usage_event_type k
        WHERE k.code = %(type)s AND k.active
          AND COALESCE(k.company_id, %(company)s) = %(company)s
        ORDER BY k.company_id LIMIT 1) k ON true
  LEFT JOIN voip_event_pricelist l
         ON l.company_id = %(company)s AND l.currency_id = a.currency_id
        AND l.side = 'sale' AND l.is_default AND l.active
"""
