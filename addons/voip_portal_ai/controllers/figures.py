"""AI calls of accounts with what each came to; never what it cost us."""

from decimal import Decimal

from odoo.addons.voip_portal.controllers.common import words

# As the books name them: parts of these are tokens.
TOKENS = ("input", "output")


def calls_of(env, accounts, first, last, limit):
    """Charged sessions between two local days, the last one first, each with its call.

    :param accounts: accounts whose rights were checked
    :return: list of dicts; ``amount`` and ``call_amount`` are Decimals of the account's
        currency without taxes, ``parts`` the charges that stand
    """
    env.flush_all()
    env.cr.execute(CALLS_SQL, [accounts.ids, first, last, limit])
    rows = env.cr.dictfetchall()
    charges = env["voip.ai.charge"].sudo().search_fetch(
        [("session_id", "in", [row["id"] for row in rows])],
        ["session_id", "kind", "units", "amount", "reversal_of"],
    )
    by_session = charges.grouped(lambda charge: charge.session_id.id)
    for row in rows:
        own = by_session.get(row["id"], charges.browse())
        row["parts"] = standing(own)
        row["tokens"] = sum(
            part.units for part in row["parts"] if part.kind.split(".")[0] in TOKENS
        )
        row["amount"] = Decimal(row["amount"])
        row["call_amount"] = Decimal(row["call_amount"])
        row["total"] = row["amount"] + row["call_amount"]
    return rows


def standing(charges):
    """Charges that were not taken back."""
    back = {charge.reversal_of for charge in charges} - {0}
    return charges.filtered(lambda c: not c.reversal_of and c.id not in back)


def steps_of(env, row):
    """Sentences about what a session of :func:`calls_of` and its call came to."""
    yield from (part._sentence(by_price=False) for part in row["parts"])
    if row["tools"]:
        yield env._("Tools used: %s.", f"{row['tools']:,}")
    if not row["is_connected"]:
        yield env._("The call never connected.")
    if row["called"]:
        yield env._(
            "Call to %(called)s: %(seconds)s s billed, %(amount)s %(currency)s.",
            called=row["called"],
            seconds=row["billed"],
            amount=shown(row["call_amount"]),
            currency=row["currency"],
        )


def parts_of(env, row):
    """(what, model, units, amount) of a session's parts and its call, for a file."""
    kinds = words(env, "voip.ai.charge", "kind")
    for part in row["parts"]:
        name = part.model_id.name or part.provider_id.name or ""
        yield kinds[part.kind], name, part.units, f"{part.amount:.8f}"
    if row["called"]:
        yield env._("Call"), "", row["billed"], f"{row['call_amount']:.8f}"


def shown(amount):
    """An amount without trailing zeros, two decimals at least."""
    whole, _dot, part = f"{amount:.8f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"


# A call's usage is its account's, and begins when the call does.
CALLS_SQL = """
WITH found AS (
    SELECT s.id, s.account_id, s.session_ref, s.started_at, s.local_day, s.seconds,
           s.tools, s.is_connected, s.cdr_id, s.cdr_start
      FROM voip_ai_session s
     WHERE s.account_id = ANY(%s) AND s.local_day BETWEEN %s AND %s
       AND s.state = 'charged'
     ORDER BY s.local_day DESC, s.started_at DESC, s.id DESC LIMIT %s
)
SELECT f.id, f.session_ref, f.started_at, f.seconds, f.tools, f.is_connected,
       a.code AS account, m.name AS currency, COALESCE(h.amount, 0)::text AS amount,
       c.called, c.billed, COALESCE(c.amount, 0)::text AS call_amount
  FROM found f
  JOIN voip_account a ON a.id = f.account_id
  JOIN res_currency m ON m.id = a.currency_id
  LEFT JOIN LATERAL (
       SELECT sum(x.amount) AS amount FROM voip_ai_charge x
        WHERE x.session_id = f.id) h ON true
  LEFT JOIN LATERAL (
       SELECT max(u.called) AS called, sum(u.amount) AS amount,
              sum(u.billed_seconds)
              FILTER (WHERE u.reversal_of IS NULL)::bigint AS billed
         FROM voip_usage u
        WHERE u.account_id = f.account_id AND u.started_at = f.cdr_start
          AND u.source_id = f.cdr_id) c ON true
 ORDER BY f.local_day DESC, f.started_at DESC, f.id DESC
"""
