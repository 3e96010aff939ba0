"""Who asks by a key of the portal."""

import re

from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from odoo import models
from odoo.http import request

from .keys import PREFIX, SCOPES

_BEARER = re.compile(r"^bearer\s+(\S+)$", re.IGNORECASE)


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _auth_method_voip_key(cls):
        """A key in the header alone: no session counts, and none is made."""
        header = request.httprequest.headers.get("Authorization") or ""
        found = _BEARER.match(header)
        keys = request.env["res.users.apikeys"]
        for scope in SCOPES if found else ():
            if user := keys._check_credentials(scope=scope, key=found[1]):
                request.session.can_save = False
                request.update_env(user=user)
                request.update_context(
                    voip_scope=scope,
                    voip_key=found[1][:PREFIX],
                    lang=request.env.user.lang,
                )
                cls._auth_method_user()
                return
        raise Unauthorized(
            "Send a valid key as Authorization: Bearer.",
            www_authenticate=WWWAuthenticate("bearer"),
        )
