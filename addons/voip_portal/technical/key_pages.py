"""The page of a customer's keys: made, seen, revoked; how often they are used."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ..controllers.common import PAGE, Chosen, wrong
from .keys import DAYS, SCOPES, keys_of, make_key, revoke_key

USE_DAYS = 30


class VoipKeys(Controller):
    @route("/my/voip/keys", methods=["GET", "POST"], **PAGE)
    def keys(self, account="", revoke="", done="", **form):
        """The reader's own keys, and requests about the account.

        :param revoke: the first characters of a key that is ended
        """
        chosen = Chosen(account)
        values = chosen.values("technical", done=done, form={}, made="")
        if request.httprequest.method == "POST" and not chosen.account:
            raise request.not_found()
        try:
            if request.httprequest.method == "POST":
                if revoke:
                    # His own key: whatever he may now, he may end it.
                    _revoke(chosen.env, revoke)
                    query = f"account={chosen.code}&done=1"
                    return request.redirect(f"/my/voip/keys?{query}")
                chosen.refuse_without("technical")
                values["made"] = _make(chosen.env, form)
        except UserError as error:
            values = wrong({**values, "form": form}, error)
        values.update(_shown(chosen))
        answer = request.render("voip_portal.keys", values)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _make(env, form):
    given = (form.get(name) or "" for name in ("name", "scope", "days", "password"))
    return make_key(env, *given)


def _revoke(env, prefix):
    """:raises NotFound: the reader has no such key"""
    for key in keys_of(env):
        if key["prefix"] == prefix:
            revoke_key(env, key["id"])
            return
    raise request.not_found()


def _shown(chosen):
    env = chosen.env
    words = {
        "voip_portal.read": env._("Balance, calls and rates"),
        "voip_portal.balance": env._("Balance alone"),
    }
    first = chosen.today() - timedelta(days=USE_DAYS - 1)
    return {
        "keys": keys_of(env),
        "scopes": {scope: words[scope] for scope in SCOPES},
        "days": DAYS,
        "use": env["voip.api.use"]._of_days(chosen.account, first),
    }
