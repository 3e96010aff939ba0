"""Odoo's server outlives PostgreSQL, and a new cron worker looks for work at once.

Odoo's own master process ends when it has to start a worker while the database is
away, a cron thread when it cannot connect; a new cron worker hears no notification
that came before it listened, and would sleep for a minute.
"""

import functools
import logging
import time

import psycopg2

from odoo.service import server

_logger = logging.getLogger(__name__)
PAUSE_SECONDS = 4


def post_load():
    """Called by Odoo when it loads the module, server-wide or with a registry."""
    _extend(server.PreforkServer, "process_spawn", _spawn_later)
    _extend(server.WorkerCron, "start", _start_with_work)
    _extend(server.ThreadedServer, "cron_thread", _thread_again)


def _extend(cls, name, wrapper):
    method = getattr(cls, name)
    if getattr(method, "voip_http", False):
        return

    @functools.wraps(method)
    def extended(*args):
        return wrapper(method, *args)

    extended.voip_http = True
    setattr(cls, name, extended)


def _spawn_later(process_spawn, master):
    """The master asks the database before it starts one: again at its next beat."""
    try:
        process_spawn(master)
    except psycopg2.Error as error:
        _logger.warning("No worker is started while the database is away: %s", error)


def _start_with_work(start, worker):
    """Databases in the queue are worked off before the worker sleeps."""
    start(worker)
    worker.db_queue.extend(server.cron_database_list())
    worker.db_count = len(worker.db_queue)


def _thread_again(cron_thread, threaded, number):
    while True:
        try:
            return cron_thread(threaded, number)
        except psycopg2.Error as error:
            _logger.warning("Cron %s waits for the database: %s", number, error)
            time.sleep(PAUSE_SECONDS)
