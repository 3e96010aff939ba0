"""The database is away or busy: what a machine that called is told."""

import psycopg2
from psycopg2.pool import PoolError
from werkzeug.exceptions import ServiceUnavailable

from odoo import sql_db
from odoo.http import db_filter, request, serialize_exception

RETRY_SECONDS = 5
SENTENCE = (
    "The database is away, starting or busy. Send the same call again after"
    f" {RETRY_SECONDS} seconds."
)
# Limits of the program (a statement too complex) do not pass.
NEVER = "54"


def is_away(error):
    """Whether ``error``, or what it was raised from, passes when sent again."""
    while error is not None:
        if isinstance(error, psycopg2.InterfaceError | PoolError):
            return True
        if isinstance(error, psycopg2.DatabaseError):
            code = error.pgcode or ""
            if not code:
                return True
            if isinstance(error, psycopg2.OperationalError):
                return not code.startswith(NEVER)
        error = error.__cause__
    return False


def is_machine_call():
    """Whether the request goes to JSON-2, or brings call records."""
    path = request.httprequest.path
    return path == "/json/2" or path.startswith(("/json/2/", "/voip/cdr/"))


def away_response():
    """503 with ``Retry-After``, and JSON as other errors of JSON-2 have it."""
    error = ServiceUnavailable(SENTENCE)
    body = serialize_exception(error, message=SENTENCE, arguments=(SENTENCE, 503))
    return request.make_json_response(
        body, headers=[("Retry-After", str(RETRY_SECONDS))], status=503
    )


def should_have_database():
    """Whether a request without a database is one whose database is away.

    A database that does not exist, or that the call does not name, is none.
    """
    try:
        with sql_db.db_connect("postgres").cursor() as cr:
            cr.execute(
                "SELECT datname FROM pg_database"
                " WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres'"
            )
            names = [name for (name,) in cr.fetchall()]
    except psycopg2.Error:
        return True
    names = db_filter(names)
    wanted = request.httprequest.headers.get("X-Odoo-Database")
    return wanted in names if wanted else len(names) == 1
