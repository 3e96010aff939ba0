"""JSON-2 calls: what is wrong with a body is its sender's error, told by its place."""

import json

from werkzeug.exceptions import (
    HTTPException,
    UnprocessableEntity,
    UnsupportedMediaType,
)

from odoo.exceptions import UserError
from odoo.http import Json2Dispatcher, Response

from odoo.addons.voip_http.away import away_response, is_away

from .strict_json import BadBody, place_of_unstorable, read_object, too_deep

OURS = "/json/2/voip."
TEXTS = ("lang", "tz")


class StrictJson2Dispatcher(Json2Dispatcher):
    """Answers 422 where a body cannot mean what it says.

    A sender repeats a call on any other answer but 2xx, and what can never be taken is
    not to be sent for ever. Error answers carry no traceback: the log does.
    """

    routing_type = "json2"

    @classmethod
    def is_compatible_with(cls, request):
        # Odoo would answer a program with a page.
        ours = request.httprequest.path.startswith(OURS)
        return ours or super().is_compatible_with(request)

    def dispatch(self, endpoint, args):
        try:
            self.jsonrequest = self._arguments()
            self.request.params = self.jsonrequest | args
            if self.request.db:
                result = self.request.registry["ir.http"]._dispatch(endpoint)
            else:
                result = endpoint(**self.request.params)
        except BadBody as error:
            raise UnprocessableEntity(str(error)) from error
        except RecursionError as error:
            text = self.request.httprequest.get_data(as_text=True)
            raise UnprocessableEntity(too_deep(text)) from error
        if isinstance(result, Response):
            return result
        return self.request.make_json_response(result)

    def _arguments(self):
        """What the body says; empty where there is none."""
        received = self.request.httprequest
        if not received.content_length:
            return {}
        if not super().is_compatible_with(self.request):
            raise UnsupportedMediaType(
                f"Content-Type: {received.mimetype[:80]!r} is not taken here: send JSON"
                " as application/json."
            )
        arguments = read_object(self.request.httprequest.get_data())
        if "self" in arguments:
            raise BadBody("self: is no argument")
        _check_context(arguments.get("context", {}))
        ids = arguments.get("ids", [])
        if not isinstance(ids, list) or not all(type(item) is int for item in ids):
            raise BadBody("ids: must be a list of whole numbers")
        return arguments

    def handle_error(self, exc):
        if is_away(exc):
            # Also where the connection is lost before or after the call itself.
            return away_response()
        if place := self._unstorable(exc):
            exc = UnprocessableEntity(place)
        response = super().handle_error(exc)
        if response.mimetype == "application/json":
            body = json.loads(response.get_data())
            if isinstance(body, dict) and body.get("debug"):
                response.set_data(json.dumps({**body, "debug": ""}))
        return response

    def _unstorable(self, exc):
        """The place of a text that the call failed for, as no database keeps it.

        Asked once a call has failed: a method may well answer for such a text.
        """
        if isinstance(exc, HTTPException | UserError):
            return ""
        return place_of_unstorable(self.jsonrequest or {})


def _check_context(context):
    if not isinstance(context, dict):
        raise BadBody("context: must be an object")
    for name in TEXTS:
        if not isinstance(context.get(name) or "", str):
            raise BadBody(f"context.{name}: must be a text")
    companies = context.get("allowed_company_ids") or []
    if not isinstance(companies, list) or not all(type(c) is int for c in companies):
        raise BadBody("context.allowed_company_ids: must be a list of whole numbers")
