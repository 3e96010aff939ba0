"""The address to which switches post their call records, one or some a request."""

import binascii
import re
from base64 import b64decode

from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    Forbidden,
    MethodNotAllowed,
    RequestEntityTooLarge,
    Unauthorized,
)

from odoo import http
from odoo.http import request

from ..records.voip_cdr import SWITCH_CODE
from .json2 import StrictJson2Dispatcher
from .posted import read_records

MAX_BYTES = 8 << 20
# Others than POST are answered as all else is, and not with a page.
METHODS = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE"]
_KEY = re.compile(r"[\x21-\x7e]{8,200}")
HOW = (
    "Send the API key of the switch: as password of HTTP basic authentication with the"
    " switch's code as user, as bearer token, or as last part of the address."
)
WRONG = (
    "The API key that was sent is wrong or revoked, or the user of HTTP basic"
    " authentication is not the code of the switch in the address."
)


class RecordsDispatcher(StrictJson2Dispatcher):
    """Takes what switches post and answers as JSON-2 does, errors included."""

    routing_type = "voip_records"

    @classmethod
    def is_compatible_with(cls, request):
        # Whatever is stated: what cannot be read is refused with a sentence.
        return request.httprequest.path.startswith("/voip/cdr/")

    def _arguments(self):
        # The body is read once it is known whose it is.
        return {}

    def handle_error(self, exc):
        if isinstance(exc, RequestEntityTooLarge):
            exc.description = (
                f"The body is larger than {MAX_BYTES >> 20} MB: send fewer records a"
                " request."
            )
        return super().handle_error(exc)


class Records(http.Controller):
    # voip_http moves a key that is the path's last part to the header.
    @http.route(
        "/voip/cdr/<switch>/<format>",
        type="voip_records",
        auth="none",
        methods=METHODS,
        save_session=False,
        readonly=False,
        max_content_length=MAX_BYTES,
    )
    def voip_records(self, switch, format):
        """Keep records of a switch; 200 once they are committed.

        Odoo commits before it answers.
        """
        # Odoo lets OPTIONS through wherever methods are stated.
        if request.httprequest.method != "POST":
            raise MethodNotAllowed(["POST"], "Call records are sent with POST only.")
        request.update_env(user=self._user(switch), context={}, su=False)
        user = request.env.user
        own = (
            request.env["voip.switch"]
            .sudo()
            .search_fetch([("user_id", "=", user.id)], ["code", "company_id"])
        )
        if not user._is_switch() or own.code != switch:
            raise Forbidden(f"The API key is not that of the switch {switch[:64]!r}.")
        received = request.httprequest
        records = read_records(received.get_data(), received.mimetype)
        return request.env["voip.cdr"]._post(own, records, format)

    def _user(self, switch):
        """The user whose API key came along.

        :raises Unauthorized: no key, or none that is valid
        """
        key = self._key(switch)
        keys = request.env["res.users.apikeys"].sudo()
        uid = _KEY.fullmatch(key) and keys._user_of_key(key)
        if not uid:
            sent = request.httprequest.headers.get("Authorization", "").split()[1:]
            raise Unauthorized(
                WRONG if sent else HOW,
                www_authenticate=WWWAuthenticate("basic", {"realm": "call records"}),
            )
        return uid

    def _key(self, switch):
        kind, _space, value = request.httprequest.headers.get(
            "Authorization", ""
        ).partition(" ")
        if kind.lower() == "bearer":
            return value.strip()
        if kind.lower() == "basic" and SWITCH_CODE.fullmatch(switch):
            try:
                pair = b64decode(value, validate=True).decode("ascii")
            except (binascii.Error, ValueError):
                return ""
            name, _colon, key = pair.partition(":")
            return key if name == switch else ""
        return ""
