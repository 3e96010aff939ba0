"""Folders that call records are dropped in: a local one, or one over SFTP.

Both list, read and move files by the same methods. No Odoo here.
"""

import base64
import contextlib
import io
import os
import posixpath
import socket
import stat
from dataclasses import dataclass

import paramiko

from .plain import MAX_BYTES

SECONDS = 20
IDLE_SECONDS = 60
# What writers call a file that they have not finished.
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".swp", ".lock", "~")


class FolderAway(ConnectionError):
    """It passes by itself: the server is away, or the connection broke."""


class FolderRefused(Exception):
    """It never works so: a wrong key or password, or a right that is missing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a folder; ``size`` in bytes, ``changed`` in whole seconds."""

    name: str
    size: int
    changed: int


def is_finished(name):
    """Whether a file of this name is one that its writer has finished."""
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


class LocalFolder:
    """A folder of this machine.

    :param path: absolute path; it is made when it is not there
    """

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        with self._told(self.path):
            os.makedirs(self.path, mode=0o770, exist_ok=True)
        return self

    def __exit__(self, *_error):
        return False

    def entries(self):
        """Files of the folder; neither links nor what lies in folders within it."""
        with self._told(self.path), os.scandir(self.path) as found:
            names = [item.name for item in found if item.is_file(follow_symlinks=False)]
        return [entry for name in names if (entry := self.entry(name))]

    def others(self):
        """Names of what is no file: links, pipes, folders; hidden ones left out."""
        with self._told(self.path), os.scandir(self.path) as found:
            return sorted(
                item.name
                for item in found
                if not item.is_file(follow_symlinks=False)
                and not item.name.startswith(".")
            )

    def fetch(self, name):
        """The file's bytes.

        :raises FileNotFoundError: somebody else took it
        """
        path = os.path.join(self.path, name)
        with self._told(path):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as file:
                return file.read(MAX_BYTES + 1)

    def entry(self, name):
        """A file as it is now, None where there is none."""
        try:
            with self._told(self.path):
                status = os.lstat(os.path.join(self.path, name))
        except FileNotFoundError:
            return None
        return Entry(name, status.st_size, int(status.st_mtime))

    def move(self, name, new_name):
        """Move a file; ``done/x`` is in a folder within this one, made if need be."""
        target = os.path.join(self.path, new_name)
        with self._told(target):
            os.makedirs(os.path.dirname(target), mode=0o770, exist_ok=True)
            os.rename(os.path.join(self.path, name), target)

    def note(self, into, name, text):
        """Write a short text into the folder ``into`` within this one."""
        folder = os.path.join(self.path, into)
        with self._told(folder):
            os.makedirs(folder, mode=0o770, exist_ok=True)
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)

    def drop_note(self, into, name):
        """Remove what ``note`` wrote; that it cannot be is nobody's trouble."""
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self.path, into, name))

    @contextlib.contextmanager
    def _told(self, path):
        try:
            yield
        except PermissionError as error:
            raise FolderRefused(
                f"Odoo's user has no right to read, or to move files in, {path}"
            ) from error
        except NotADirectoryError as error:
            raise FolderRefused(f"{path} is no folder") from error


class SftpFolder:
    """A folder of another machine, by SFTP; its host key must be the one stated.

    :param host_key: ``ssh-ed25519 AAAA…``, as ``ssh-keyscan`` and ``known_hosts`` say
    :param password: or :param private_key: text of a key in OpenSSH's or PEM form
    """

    def __init__(
        self, host, port, login, host_key, path, password=None, private_key=None
    ):
        self.host, self.port, self.login, self.path = host, port, login, path
        self.host_key = parse_host_key(host_key)
        self.password, self.private_key = password, private_key
        self.transport = self.client = None

    def __enter__(self):
        try:
            with self._told():
                self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        if self.transport:
            self.transport.close()
        return False

    def _connect(self):
        self.transport = _transport(self.host, self.port, self.host_key[0])
        key = self.transport.get_remote_server_key()
        if (key.get_name(), key.get_base64()) != self.host_key:
            raise FolderRefused(
                f"{self.host} shows another host key than the one stated:"
                f" {key.get_name()} {key.fingerprint}. Nothing was sent to it. Ask its"
                " administrator before you change the key"
            )
        if self.private_key:
            self.transport.auth_publickey(self.login, read_key(self.private_key))
        else:
            self.transport.auth_password(self.login, self.password or "")
        self.client = paramiko.SFTPClient.from_transport(self.transport)
        self.client.get_channel().settimeout(IDLE_SECONDS)
        try:
            self.client.chdir(self.path)
        except FileNotFoundError as error:
            raise FolderRefused(f"{self.host} has no folder {self.path}") from error

    def entries(self):
        with self._told():
            found = self.client.listdir_attr(".")
        return [
            Entry(item.filename, item.st_size or 0, int(item.st_mtime or 0))
            for item in found
            if stat.S_ISREG(item.st_mode or 0) and "/" not in item.filename
        ]

    def fetch(self, name):
        with self._told(), self.client.open(name, "rb") as file:
            size = file.stat().st_size or 0
            if size <= MAX_BYTES:
                file.prefetch(size)
            return file.read(MAX_BYTES + 1)

    def entry(self, name):
        try:
            with self._told():
                status = self.client.lstat(name)
        except FileNotFoundError:
            return None
        return Entry(name, status.st_size or 0, int(status.st_mtime or 0))

    def move(self, name, new_name):
        with self._told():
            self._make(posixpath.dirname(new_name))
            self.client.rename(name, new_name)

    def note(self, into, name, text):
        with self._told():
            self._make(into)
            with self.client.open(f"{into}/{name}", "wb") as file:
                file.write(text.encode())

    def drop_note(self, into, name):
        with contextlib.suppress(OSError, paramiko.SSHException, EOFError):
            self.client.remove(f"{into}/{name}")

    def _make(self, folder):
        try:
            self.client.stat(folder or ".")
        except FileNotFoundError:
            self.client.mkdir(folder)

    @contextlib.contextmanager
    def _told(self):
        try:
            yield
        except (FolderAway, FolderRefused, FileNotFoundError):
            raise
        except paramiko.AuthenticationException as error:
            raise FolderRefused(
                f"{self.host} does not let {self.login} in with this password or key"
            ) from error
        except PermissionError as error:
            raise FolderRefused(
                f"{self.login} has no right at {self.host} to read, or to move files"
                f" in, {self.path}"
            ) from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise FolderAway(
                f"{self.host} cannot be reached, or ended the connection"
                f" ({type(error).__name__}: {error})"
            ) from error


def _transport(host, port, kind=None):
    """A connection whose server has shown its key; nobody is logged in."""
    connection = socket.create_connection((host, port), timeout=SECONDS)
    transport = paramiko.Transport(connection)
    transport.banner_timeout = transport.auth_timeout = SECONDS
    if kind:
        # A server has keys of several kinds: the one that was stated is asked for.
        kinds = ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
        transport.get_security_options().key_types = kinds
    try:
        transport.start_client(timeout=SECONDS)
    except paramiko.ssh_exception.IncompatiblePeer as error:
        transport.close()
        raise FolderRefused(f"{host} has no host key of the kind {kind}") from error
    except BaseException:
        transport.close()
        raise
    return transport


def ask_host_key(host, port):
    """(the host key that a server shows now, its fingerprint)

    :raises FolderAway: it shows none
    """
    try:
        transport = _transport(host, port)
        key = transport.get_remote_server_key()
        transport.close()
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise FolderAway(f"{host} cannot be reached ({error})") from error
    return f"{key.get_name()} {key.get_base64()}", key.fingerprint


def parse_host_key(text):
    """(kind, base64) of a host key, also of a line of ``known_hosts``.

    :raises FolderRefused: it is none
    """
    words = (text or "").split()
    for kind, key in zip(words, words[1:], strict=False):
        if kind.startswith(("ssh-", "ecdsa-")):
            try:
                data = base64.b64decode(key, validate=True)
                found = paramiko.PKey.from_type_string(kind, data)
                return kind, found.get_base64()
            except (paramiko.SSHException, ValueError, IndexError) as error:
                raise FolderRefused(f"this is no host key: {error}") from error
    raise FolderRefused("a host key has a kind and a key: ssh-ed25519 AAAA…")


def read_key(text):
    """A private key without a passphrase.

    :raises FolderRefused: it is none
    """
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with contextlib.suppress(paramiko.SSHException, ValueError, IndexError):
            return kind.from_private_key(io.StringIO(text.strip() + "\n"))
    raise FolderRefused(
        "the private key cannot be read: Ed25519, ECDSA or RSA without a passphrase"
    )
