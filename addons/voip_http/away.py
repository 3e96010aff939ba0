"""The database is away or busy: what a machine or a person that called is told."""

import json

import psycopg2
from psycopg2.pool import PoolError
from werkzeug.exceptions import InternalServerError, ServiceUnavailable

from odoo import sql_db
from odoo.exceptions import UserError
from odoo.http import db_filter, request, serialize_exception
from odoo.modules.registry import Registry
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

RETRY_SECONDS = 5
SENTENCE = (
    "The database is away, starting or busy. Send the same call again after"
    f" {RETRY_SECONDS} seconds."
)
UNDONE = _lt(
    "The database was away or busy for a moment; nothing was changed. Try again."
)
UNSURE = _lt(
    "The database went away while it stored the change. Look whether it is there before"
    " you try again."
)
# What is no more than stored when it fails.
STORING = (sql_db.Cursor.commit.__code__, Registry.signal_changes.__code__)
FLUSHING = sql_db.BaseCursor.flush.__code__
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
                return isinstance(error, psycopg2.OperationalError) or (
                    # Without a kind: the connection broke within an answer.
                    type(error) is psycopg2.DatabaseError
                )
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


def away_page():
    """The same for a person who opens a page."""
    error = ServiceUnavailable(UNDONE._translate("en_US"), retry_after=RETRY_SECONDS)
    return error.get_response(request.httprequest.environ)


def person_error(error):
    """What the web client is told: a sentence, with none of the driver's words."""
    sentence = UNSURE if _was_storing(error) else UNDONE
    lang = request.session.context.get("lang") or "en_US"
    told = UserError(sentence._translate(lang))
    data = serialize_exception(told)
    return {"code": 0, "message": data["message"], "data": data}


def person_response(error):
    """The same for pages and downloads.

    Downloads (exports, reports) read an error as Odoo's own controllers write it.
    """
    told = person_error(error)
    if isinstance(error, InternalServerError):
        return InternalServerError(json.dumps(told))
    return ServiceUnavailable(told["message"], retry_after=RETRY_SECONDS)


def _was_storing(error):
    """Whether the end of a transaction may have reached the database."""
    while error is not None:
        trace = error.__traceback__
        codes = []
        while trace is not None:
            codes.append(trace.tb_frame.f_code)
            trace = trace.tb_next
        for code, inner in zip(codes, [*codes[1:], None], strict=True):
            if code in STORING and inner is not FLUSHING:
                return True
        error = error.__cause__
    return False


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
