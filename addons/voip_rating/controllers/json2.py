"""JSON-2 bodies nested too deep are the sender's error, not the server's."""

from werkzeug.exceptions import BadRequest

from odoo.http import Json2Dispatcher


class DeepJson2Dispatcher(Json2Dispatcher):
    """Answers 400 where Python's reader of JSON gives up on the nesting."""

    routing_type = "json2"

    def dispatch(self, endpoint, args):
        try:
            return super().dispatch(endpoint, args)
        except RecursionError as error:
            raise BadRequest("the body is nested too deep") from error
