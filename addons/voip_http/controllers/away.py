"""Machine calls without a database, where Odoo alone answers 404: taken for good.

Loaded server-wide (``--load``), because no database tells then which modules it has.
"""

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import HttpDispatcher, JsonRPCDispatcher, request

from ..away import (
    RETRY_SECONDS,
    SENTENCE,
    away_page,
    away_response,
    is_away,
    is_machine_call,
    person_error,
    person_response,
    should_have_database,
)


class Away(http.Controller):
    @http.route(
        ["/json/2", "/json/2/<path:subpath>", "/voip/cdr/<path:subpath>"],
        type="http",
        auth="none",
        methods=["GET", "POST", "PUT", "DELETE", "PATCH"],
        csrf=False,
        save_session=False,
        readonly=True,
    )
    def call_without_database(self, subpath=None):
        if not request.db and should_have_database():
            return away_response()
        raise request.not_found()


class AwayHttpDispatcher(HttpDispatcher):
    """What fails before a route is found, as when no connection is left.

    Without a database there are no pages either: a partner's link is not unknown then.
    """

    routing_type = "http"

    def handle_error(self, exc):
        if isinstance(exc, NotFound) and not request.db and should_have_database():
            return away_page()
        if not is_away(exc):
            return super().handle_error(exc)
        if is_machine_call():
            return away_response()
        return person_response(exc)


class AwayJsonRPCDispatcher(JsonRPCDispatcher):
    """``/jsonrpc`` says 503, too; the body stays an answer of JSON-RPC.

    Whoever clicks reads a sentence.
    """

    routing_type = "jsonrpc"

    def handle_error(self, exc):
        if not is_away(exc):
            return super().handle_error(exc)
        if request.httprequest.path != "/jsonrpc":
            return self._response(error=person_error(exc))
        response = self._response(error={"code": 503, "message": SENTENCE})
        response.status_code = 503
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
