"""A private PostgreSQL cluster: a physical copy of the project's, with one database.

It is made with PostgreSQL's backup functions, so it needs no program but ``pg_ctl``,
and may be crashed without harm to anybody.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg2

SETTINGS = """
unix_socket_directories = '{socket}'
listen_addresses = ''
shared_buffers = 64MB
autovacuum = off
fsync = on
full_page_writes = on
synchronous_commit = on
log_destination = stderr
logging_collector = off
"""


class NotOurs(Exception):
    """The server keeps its files where this process cannot read them."""


class Cluster:
    """``with Cluster("mydb") as cluster``: started, crashed at will, then removed."""

    def __init__(self, database):
        self.database = database
        self._connection = psycopg2.connect(dbname="postgres")
        self._connection.autocommit = True
        self.source = Path(self._one("SHOW data_directory"))
        try:
            options = (self.source / "postmaster.opts").read_text()
        except OSError as error:
            raise NotOurs(f"{self.source} cannot be read here") from error
        self.bin = Path(shlex.split(options)[0]).parent
        owner = self.source.stat()
        self.ids = owner.st_uid, owner.st_gid

    def __enter__(self):
        self.home = Path(tempfile.mkdtemp(prefix="voip-crash-", dir="/tmp"))
        self.data, self.socket = self.home / "data", self.home / "sock"
        try:
            self._copy()
            # Blocks of the databases left out are replayed into nothing.
            self.start("-c ignore_invalid_pages=on")
            self._reset()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        self._connection.close()
        self._pg_ctl("stop", "-m", "immediate", check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def start(self, options=""):
        self._pg_ctl("start", "-l", str(self.home / "log"), "-o", options, "-t", "60")

    def crash(self):
        """Stop at once, as when the machine loses its power."""
        self._pg_ctl("stop", "-m", "immediate")

    # === Making === #

    def _one(self, sql, *arguments):
        with self._connection.cursor() as cursor:
            cursor.execute(sql, arguments)
            return cursor.fetchone()[0]

    def _copy(self):
        oid = self._one("SELECT oid FROM pg_database WHERE datname = %s", self.database)
        first = self._one("SELECT pg_walfile_name(pg_backup_start('voip-drill', true))")
        self._copy_files(str(oid))
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_walfile_name(lsn), labelfile FROM pg_backup_stop(false)"
            )
            last, label = cursor.fetchone()
        self._copy_wal(first, last)
        (self.data / "backup_label").write_text(label)
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(SETTINGS.format(socket=self.socket))
        self.socket.mkdir()
        self._hand_over()

    def _copy_files(self, oid):
        kept = {"1", "4", "5", oid, "pgsql_tmp"}
        base, wal = self.source / "base", self.source / "pg_wal"

        def left_out(folder, names):
            if Path(folder) == base:
                return [name for name in names if name not in kept]
            if Path(folder) == wal:
                return names
            return [name for name in names if name.startswith("postmaster.")]

        shutil.copytree(
            self.source, self.data, ignore=left_out, copy_function=copy_if_there
        )

    def _copy_wal(self, first, last):
        target = self.data / "pg_wal"
        (target / "archive_status").mkdir(exist_ok=True)
        for segment in (self.source / "pg_wal").iterdir():
            if len(segment.name) == 24 and first <= segment.name <= last:
                shutil.copy(segment, target)

    def _hand_over(self):
        for folder, _folders, files in os.walk(self.home):
            os.chmod(folder, 0o700)
            for path in (folder, *(os.path.join(folder, name) for name in files)):
                os.chown(path, *self.ids)

    def _reset(self):
        # Databases for tests wait for no disk; what is acknowledged here must stay.
        connection = psycopg2.connect(dbname=self.database, host=str(self.socket))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{self.database}" RESET synchronous_commit')
        connection.close()

    def _pg_ctl(self, *arguments, check=True):
        user, group = self.ids
        rights = {"user": user, "group": group, "extra_groups": []}
        subprocess.run(
            [str(self.bin / "pg_ctl"), "-D", str(self.data), "-w", *arguments],
            check=check,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **(rights if os.geteuid() == 0 else {}),
        )


def copy_if_there(source, target):
    """Copy a file unless the server has removed it meanwhile."""
    try:
        shutil.copy(source, target)
    except FileNotFoundError:
        return
