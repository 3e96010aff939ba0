"""Keys of the customer's own programs, kept by Odoo with a scope of the portal's."""

from datetime import timedelta

from odoo.exceptions import AccessDenied, UserError
from odoo.fields import Datetime

# {scope of a key: the doors that it opens}. Odoo's doors want other scopes.
SCOPES = {
    "voip_portal.read": ("balance", "calls", "rates"),
    "voip_portal.balance": ("balance",),
}
DAYS = (30, 90, 365)
MOST = 10
LONGEST_NAME = 60
# So many of a key's first characters are kept in the clear.
PREFIX = 8


def keys_of(env):
    """The reader's own keys: dicts of ``id``, ``name``, ``scope``, ``prefix``, days."""
    env["res.users.apikeys"].flush_model()
    env.cr.execute(KEYS_SQL, [env.uid, list(SCOPES)])
    return env.cr.dictfetchall()


def make_key(env, name, scope, days, password):
    """Make a key for the reader himself.

    :return: the key, which is shown this once
    :raises UserError: something of the form, or the password, is wrong
    """
    name = " ".join(name.replace("\0", " ").split())
    if not name or len(name) > LONGEST_NAME:
        raise UserError(env._("Name the key, in %s letters at most.", LONGEST_NAME))
    if scope not in SCOPES or days not in map(str, DAYS):
        raise UserError(env._("Choose what the key opens and for how long."))
    _check_password(env, password)
    if len(keys_of(env)) >= MOST:
        raise UserError(env._("You have %s keys: revoke one first.", MOST))
    until = Datetime.now() + timedelta(days=int(days))
    # As long as the page offers, whatever the reader's groups allow elsewhere.
    return env["res.users.apikeys"].sudo()._generate(scope, name, until)


def revoke_key(env, number):
    """End one of the reader's own keys; it was found by :func:`keys_of`."""
    env["res.users.apikeys"].sudo().browse(number)._remove()


def _check_password(env, password):
    credential = {"type": "password", "login": env.user.login, "password": password}
    try:
        env.user._check_credentials(credential, {"interactive": True})
    except AccessDenied as error:
        raise UserError(env._("The password is wrong.")) from error


KEYS_SQL = """
SELECT k.id, k.name, k.scope, k.index AS prefix, k.create_date AS made,
       k.expiration_date AS until, u.used, COALESCE(u.requests, 0) AS requests
  FROM res_users_apikeys k
  LEFT JOIN LATERAL (
       SELECT max(minute) AS used, sum(requests)::bigint AS requests
         FROM voip_api_use
        WHERE user_id = k.user_id AND prefix = k.index
          AND minute >= k.create_date - interval '1 minute') u ON true
 WHERE k.user_id = %s AND k.scope = ANY(%s)
   AND k.expiration_date > now() AT TIME ZONE 'UTC'
 ORDER BY k.create_date DESC, k.id DESC
"""
