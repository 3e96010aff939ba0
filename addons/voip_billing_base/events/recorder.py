"""What other modules record usage events with."""

import logging
import time
import uuid
from collections import Counter
from datetime import UTC, datetime

import psycopg2

from odoo.modules import module as odoo_module
from odoo.sql_db import db_connect

_logger = logging.getLogger(__name__)
# A caller is held up no longer than this by a database that does not answer.
MODEL = "voip.usage.event"
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
    :param datetime occurred_at: UTC where it has no zone; None: now
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
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    return company, {**event, "account": code, "occurred_at": moment.isoformat()}


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

    def keep(own):
        # The company is asked for here: the caller's transaction may have failed.
        return own[MODEL].sudo()._keep(company_id or own.company.id, [event])

    return _beside(env, keep)


def _beside(env, work):
    """``work(env)`` in a transaction of its own; in a test, in the test's."""
    if odoo_module.current_test:
        with env.cr.savepoint():
            return work(env)
    with db_connect(env.cr.dbname).cursor() as cr:
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cr.execute(TIMEOUTS)
        return work(env(cr=cr))


class Capture:
    """Records what Odoo itself has sent to customers, beside its transaction.

    Each message is one event for each account of those it went to. Who is no customer,
    and a type that is archived, leave none. Nothing is raised, and nobody waits long:
    after the database did not answer, the next half minute's events are given up and
    said in the log.

    :param str source: what events name as their source
    :param str event_type: code of their type
    """

    PAUSE_SECONDS = 30

    def __init__(self, source, event_type):
        self.source = source
        self.event_type = event_type
        self._paused_until = 0.0

    def record(self, env, company_id, messages):
        """Record messages that were sent just now.

        :param company_id: None: that of the environment
        :param list messages: of (id, partner ids, metadata)
        :return: how many events were kept
        """
        try:
            if time.monotonic() < self._paused_until:
                _logger.warning("Not counted, %s: %s", self.source, messages)
                return 0
            return _beside(env, lambda own: self._keep(own, company_id, messages))
        except Exception as error:  # noqa: BLE001 what was sent is sent
            self._paused_until = time.monotonic() + self.PAUSE_SECONDS
            _logger.warning("Not counted, %s: %s (%s)", self.source, messages, error)
            return 0

    def _keep(self, env, company_id, messages):
        company = company_id or env.company.id
        partners = sorted({one for _id, some, _more in messages for one in some})
        env.cr.execute(
            ACCOUNTS_SQL,
            {"company": company, "partners": partners, "type": self.event_type},
        )
        accounts = dict(env.cr.fetchall())
        events = []
        now = datetime.now(UTC).isoformat()
        for number, some, metadata in messages:
            counts = Counter(accounts[one] for one in some if one in accounts)
            for code, count in sorted(counts.items()):
                events.append(
                    {
                        "event_id": f"{number}:{code}",
                        "account": code,
                        "source": self.source,
                        "event_type": self.event_type,
                        "units": count,
                        "occurred_at": now,
                        "metadata": metadata,
                    }
                )
        return env[MODEL].sudo()._keep(company, events)["accepted"] if events else 0


# Of a partner's accounts his own comes first, then the main one of his customer.
ACCOUNTS_SQL = """
SELECT p.id, a.code
  FROM res_partner p
 CROSS JOIN LATERAL (
       SELECT a.code FROM voip_account a JOIN res_partner q ON q.id = a.partner_id
        WHERE q.commercial_partner_id = p.commercial_partner_id
          AND a.company_id = %(company)s AND a.active AND a.state <> 'closed'
        ORDER BY a.partner_id <> p.id, NOT COALESCE(a.is_main, false), a.id
        LIMIT 1) a
 WHERE p.id = ANY(%(partners)s)
   AND EXISTS (SELECT FROM voip_usage_event_type t
                WHERE t.code = %(type)s AND t.active
                  AND COALESCE(t.company_id, %(company)s) = %(company)s)
"""
