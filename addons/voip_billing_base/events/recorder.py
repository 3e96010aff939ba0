"""What other modules record usage events with."""

import logging
import uuid
from datetime import UTC, datetime

import psycopg2

from odoo.modules import module as odoo_module
from odoo.sql_db import db_connect

_logger = logging.getLogger(__name__)
# A caller is held up no longer than this by a database that does not answer.
TIMEOUTS = "SET LOCAL lock_timeout = '300ms'; SET LOCAL statement_timeout = '1s'"


def record_usage_event(
    env,
    account,
    source,
    event_type,
    units,
    metadata=None,
    occurred_at=None,
    event_id=None,
):
    """Record one usage event beside the caller's transaction.

    It is kept when this returns, also where the caller rolls back later: account and
    type are looked up afterwards. Raises nothing, and leaves the caller's transaction
    as it is. What could not be kept is said in the answer and in the log: the caller
    may call again with the same ``event_id``.

    :param account: ``voip.account`` record, or the code of one in ``env.company``
    :param str source: the caller's name, e.g. that of its module
    :param str event_type: code in the registry of event types
    :param int units: 0 to 1,000,000,000
    :param dict metadata: what else is to be known, at most 4,096 bytes as JSON
    :param datetime occurred_at: UTC without zone; None: now
    :param str event_id: unique for the source; None: a new one
    :return: ``{accepted, duplicate, event_id, error: None or {code, message}}``; the
        code is ``not_kept`` where the database did not answer
    """
    event = {"source": source, "event_type": event_type, "units": units}
    event |= {"metadata": metadata, "event_id": event_id or str(uuid.uuid4())}
    try:
        answer = _keep_beside(env, *_placed(env, account, occurred_at, event))
    except Exception as error:  # noqa: BLE001 the caller's work goes on whatever happens
        away = isinstance(error, psycopg2.Error)
        message = "The database did not answer in time." if away else str(error)
        return _refused(event, "not_kept", message, error)
    for error in answer["errors"]:
        return _refused(event, error["code"], error["message"])
    return _answer(event, duplicate=bool(answer["duplicates"]), accepted=True)


def _placed(env, account, occurred_at, event):
    """(company id or None, the event with account and moment)."""
    named = isinstance(account, str)
    company = None if named else account.company_id.id
    at = occurred_at or datetime.now(UTC).replace(tzinfo=None)
    code = account if named else account.code
    moment = at.replace(tzinfo=UTC).isoformat()
    return company, {**event, "account": code, "occurred_at": moment}


def _refused(event, code, message, cause=None):
    named = event["event_id"], event["source"], code, cause or message
    _logger.warning("Usage event %s of %s, %s: %s", *named)
    return _answer(event, error={"code": code, "message": message})


def _answer(event, accepted=False, duplicate=False, error=None):
    return {
        "accepted": accepted,
        "duplicate": duplicate,
        "event_id": event["event_id"],
        "error": error,
    }


def _keep_beside(env, company_id, event):
    """Keep an event in a transaction of its own; in a test, in the test's."""
    name = "voip.usage.event"
    if odoo_module.current_test:
        with env.cr.savepoint():
            return env[name].sudo()._keep(company_id or env.company.id, [event])
    with db_connect(env.cr.dbname).cursor() as cr:
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cr.execute(TIMEOUTS)
        # The company is asked for here: the caller's transaction may have failed.
        own = env(cr=cr)
        return own[name].sudo()._keep(company_id or own.company.id, [event])
