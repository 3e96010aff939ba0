"""The calls of an invoice as a file of any size."""

from base64 import b64encode

from werkzeug.wsgi import FileWrapper

from odoo.exceptions import UserError
from odoo.http import Controller, Response, content_disposition, request, route

from ..calls import calls_file


class VoipCalls(Controller):
    @route(
        "/voip/invoice/<int:move_id>/calls/<any(csv,parquet):format>",
        type="http",
        auth="user",
    )
    def calls(self, move_id, format):  # noqa: A002  as in the address
        """The calls that the user may read; their SHA-256 goes with them (RFC 9530)."""
        move = request.env["account.move"].search([("id", "=", move_id)])
        if not move:
            raise request.not_found()
        try:
            return streamed(*move._voip_calls_file(format))
        except UserError as error:
            raise request.not_found(str(error)) from error


def streamed(name, kind, file, size, digest):
    """The answer that sends an open file, which is closed with it.

    :param kind: one of :data:`~..calls.calls_file.TYPES`
    :param digest: SHA-256 in hexadecimal
    """
    coded = b64encode(bytes.fromhex(digest)).decode()
    return Response(
        FileWrapper(file, calls_file.PIECE),
        headers=[
            ("Content-Type", calls_file.TYPES[kind]),
            ("Content-Length", str(size)),
            ("Content-Disposition", content_disposition(name)),
            ("Repr-Digest", f"sha-256=:{coded}:"),
            ("X-Content-Type-Options", "nosniff"),
        ],
        direct_passthrough=True,
    )
