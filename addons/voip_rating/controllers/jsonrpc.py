"""JSON-RPC calls of machines: their bodies are read as strictly as those of JSON-2."""

from werkzeug.exceptions import HTTPException

from odoo.exceptions import UserError
from odoo.http import serialize_exception

from odoo.addons.voip_http.controllers.away import AwayJsonRPCDispatcher

from .strict_json import BadBody, place_of_unstorable, read_object, too_deep

PARSE_ERROR = -32700


class StrictJsonRPCDispatcher(AwayJsonRPCDispatcher):
    """``/jsonrpc`` refuses a body that cannot mean what it says, with its place.

    The answer is an error of JSON-RPC with status 422: it is not to be sent again.
    """

    routing_type = "jsonrpc"

    def dispatch(self, endpoint, args):
        if self.request.httprequest.path != "/jsonrpc":
            return super().dispatch(endpoint, args)
        try:
            self.jsonrequest = read_object(self.request.httprequest.get_data())
            self.request_id = self.jsonrequest.get("id")
            params = self.jsonrequest.get("params", {})
            if not isinstance(params, dict):
                raise BadBody("params: must be an object")
            self.request.params = params | args
            if self.request.db:
                result = self.request.registry["ir.http"]._dispatch(endpoint)
            else:
                result = endpoint(**self.request.params)
        except BadBody as error:
            return self._refused(error)
        except RecursionError:
            text = self.request.httprequest.get_data(as_text=True)
            return self._refused(BadBody(too_deep(text)))
        return self._response(result)

    def handle_error(self, exc):
        """Of a call that failed for a text no database keeps, its place is told.

        Odoo's own answer quotes such a text, and half of a pair cannot be sent.
        """
        machine = self.request.httprequest.path == "/jsonrpc"
        if machine and not isinstance(exc, HTTPException | UserError):
            place = place_of_unstorable(getattr(self, "jsonrequest", None) or {})
            if place:
                return self._refused(BadBody(place))
        return super().handle_error(exc)

    def _refused(self, error):
        data = {**serialize_exception(error), "debug": ""}
        response = self._response(
            error={"code": PARSE_ERROR, "message": str(error), "data": data}
        )
        response.status_code = 422
        return response
