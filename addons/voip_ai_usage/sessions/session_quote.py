"""What a session would cost now, without keeping it."""

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..engine.session import BadSession, read_session
from .charging import said_of, session_rows
from .labels import label_of
from .pricing import Pricer, Waiting

STAFF = "voip_billing_base.group_voip_viewer"


class VoipAiSession(models.Model):
    _inherit = "voip.ai.session"

    # === MACHINE DOOR === #

    @api.model
    def quote(
        self, account=None, model=None, tokens=None, at=None, provider=None,
        seconds=None, parts=None,
    ):
        """What a session would cost an account, and us.

        :param str account: code
        :param str model: as sessions name it
        :param dict tokens: {kind: number}, totals as in sessions
        :param str at: ISO 8601; None: now
        :param str provider: code
        :param seconds: of the session, for plans with minutes
        :param list parts: further parts as in sessions
        :return: ``{amount, cost, currency, cost_currency, steps}`` of decimal texts, or
            ``{error: {code, message}}``
        :raises UserError: no such account
        """
        if not (self.env.su or self.env.user.has_group(STAFF)):
            raise AccessError(self.env._("Only staff ask for prices of sessions."))
        holder = self._quoted_account(account)
        now = self.env.cr.now()
        given = {
            "session_id": "quote",
            "account": holder.code,
            "model": model,
            "provider": provider,
            "tokens": tokens,
            "seconds": seconds,
            "parts": parts,
            "started_at": at or f"{now:%Y-%m-%dT%H:%M:%S}Z",
        }
        try:
            session = read_session(given, now)
        except BadSession as error:
            return {"error": {"code": error.code, "message": str(error)}}
        return self.sudo()._quote(holder.sudo(), session)

    # === BUSINESS METHODS === #

    @api.model
    def _quoted_account(self, code):
        found = self.env["voip.account"]
        if code and isinstance(code, str):
            own = [("company_id", "=", self.env.company.id), ("code", "=", code)]
            found = found.search(own, limit=1)
        if not found:
            raise UserError(self.env._("account: %r is unknown.", str(code)[:64]))
        return found

    @api.model
    def _quote(self, account, session):
        waiting = self._as_waiting(account, session)
        errors = {}
        company = account.company_id
        priced = Pricer(self.env, company).price([waiting], errors)
        if errors:
            code, about = errors[0]
            sentence = self._quoted_words(
                code,
                account=account.code,
                currency=account.currency_id.name,
                company=company.name,
                about=about,
                parts=waiting.parts,
                day=waiting.local_day,
            )
            return {"error": {"code": code, "message": sentence}}
        plans = self.env["voip.ai.plan"].browse(waiting.plan_id or [])
        rows = session_rows(self.env, priced, {plan.id: plan for plan in plans})
        return {
            "amount": _text(sum(row.amount for row in rows)),
            "cost": _text(sum(row.cost for row in rows)),
            "currency": account.currency_id.name,
            "cost_currency": company.currency_id.name,
            "steps": [self._step(row) for row in rows],
        }

    @api.model
    def _quoted_words(self, code, **about):
        """What the caller is to do: he sends nothing again."""
        if code == "missing_duration":
            return self.env._(
                "seconds is missing: the account's plan has a price per minute or"
                " included minutes. Say how long the session is, e.g. 60."
            )
        return self._what_to_do(code, **about)

    @api.model
    def _as_waiting(self, account, session):
        self.env.cr.execute(PLAN_SQL, [session.started_at, account.id])
        day, plan = self.env.cr.fetchone()
        parts = [
            {
                "provider": part.provider,
                "model": part.model,
                "kind": part.kind,
                "units": part.units,
                "cost": part.cost,
            }
            for part in session.parts
        ]
        return Waiting(
            id=0,
            ref="",
            account_id=account.id,
            plan_id=plan,
            started_at=session.started_at,
            local_day=day,
            seconds=session.seconds,
            connected=True,
            tools=session.tools,
            parts=parts,
            cost="",
            cost_parts="",
            cost_currency="",
        )

    @api.model
    def _step(self, row):
        return {
            "kind": row.kind,
            "label": label_of(self.env, said_of(row)),
            "particular": row.word,
            "units": row.units,
            "unit_price": _text(row.unit_price),
            "per": row.per,
            "amount": _text(row.amount),
            "cost": _text(row.cost),
        }


def _text(scaled):
    """Plain decimal text of money scaled by 10**8."""
    sign, digits = "-" if scaled < 0 else "", f"{abs(scaled):09d}"
    return f"{sign}{digits[:-8]}.{digits[-8:]}".rstrip("0").rstrip(".")


PLAN_SQL = """
SELECT d.day, p.plan_id
  FROM voip_account a
 CROSS JOIN LATERAL (
       SELECT (%s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE a.tz)::date AS day) d
  LEFT JOIN voip_ai_subscription p
         ON p.account_id = a.id AND p.date_start <= d.day
        AND (p.date_end IS NULL OR p.date_end >= d.day)
 WHERE a.id = %s
"""
