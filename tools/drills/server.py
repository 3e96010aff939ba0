"""A real Odoo server as a process: HTTP on the loopback and cron workers."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time

import psycopg2
from common import ROOT, Failed

LOAD = "base,rpc,web,voip_http"


class Server:
    """``with Server("mydb", workers=1, crons=1) as server``.

    :param workers: 0 for threads as in ``./voip run``, else processes as in production
    :param crons: cron workers
    """

    def __init__(self, database, workers=1, crons=1):
        self.database, self.crons = database, crons
        self.port, gevent_port = free_ports(2)
        self.name = f"voip-drill-{os.getpid()}-{workers}"
        self._command = [
            sys.executable,
            str(ROOT / "tools" / "odoo_launcher.py"),
            f"--config={os.environ.get('ODOO_RC') or ROOT / '.voip' / 'odoo.conf'}",
            f"--database={database}",
            f"--db-filter=^{database}$",
            f"--load={LOAD}",
            f"--http-port={self.port}",
            f"--gevent-port={gevent_port}",
            f"--workers={workers}",
            f"--max-cron-threads={crons}",
            "--log-level=warn",
        ]

    def __enter__(self):
        self.process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            env={**os.environ, "PGAPPNAME": self.name},
        )
        try:
            self._await()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def post(self, path, key, body, timeout=60):
        """(status, headers, text) of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {
            "Authorization": f"bearer {key}",
            "Content-Type": "application/json",
        }
        try:
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def healthy(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/web/health")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    def listens(self):
        """Whether a cron worker waits for notifications."""
        with psycopg2.connect(dbname="postgres") as connection:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT FROM pg_stat_activity WHERE application_name = %s"
                    " AND datname = 'postgres' AND state = 'idle'",
                    [self.name],
                )
                found = bool(cursor.rowcount)
        connection.close()
        return found

    def _await(self):
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if self.healthy() and (not self.crons or self.listens()):
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise Failed("the server does not start")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _port in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports
