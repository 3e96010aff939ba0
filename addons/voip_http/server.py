"""Odoo's server outlives PostgreSQL, and a new cron worker looks for work at once.

It never sees, so never logs, a key that stands in an address (:mod:`.hidden`).

Odoo's own master process ends when it has to start a worker while the database is
away, a cron thread when it cannot connect; a new cron worker hears no notification
that came before it listened, and would sleep for a minute.
"""

import functools
import logging
import time

import psycopg2

from odoo.http import Application
from odoo.service import server
from odoo.tools import config

from .hidden import move_key, name_database, without_key

_logger = logging.getLogger(__name__)
PAUSE_SECONDS = 4


def post_load():
    """Called by Odoo when it loads the module, server-wide or with a registry."""
    _extend(server.PreforkServer, "process_spawn", _spawn_later)
    _extend(server.WorkerCron, "start", _start_with_work)
    _extend(server.ThreadedServer, "cron_thread", _thread_again)
    _extend(server.CommonRequestHandler, "log_request", _log_without_key)
    _extend(Application, "__call__", _call_without_key)


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


def _log_without_key(log_request, handler, *args):
    path, line = getattr(handler, "path", None), handler.requestline
    handler.requestline = without_key(line)
    if path is not None:
        handler.path = without_key(path)
    try:
        log_request(handler, *args)
    finally:
        handler.requestline = line
        if path is not None:
            handler.path = path


def _call_without_key(call, application, environ, start_response):
    move_key(environ)
    name_database(environ, config["db_name"] or [])
    return call(application, environ, start_response)
