"""Who would tell that something was fetched: a server, and a file that is watched."""

import ctypes
import os
import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

OPENED = 0x20
NONBLOCK = 0o4000


class Listener:
    """A server on every address of this machine that counts who comes."""

    def __init__(self):
        self.hits = 0
        dual = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if dual else socket.AF_INET
        self.socket = socket.create_server(
            ("::" if dual else "127.0.0.1", 0), family=family, dualstack_ipv6=dual
        )
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/x"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.hits += 1

    def close(self):
        # Closing alone does not wake the thread that waits.
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Canary:
    """A picture whose every opening the kernel tells (inotify)."""

    def __init__(self):
        handle, self.path = tempfile.mkstemp(suffix=".svg")
        text = "<svg xmlns='http://www.w3.org/2000/svg'><text>canary</text></svg>"
        os.write(handle, text.encode())
        os.close(handle)
        libc = ctypes.CDLL(None, use_errno=True)
        self.handle = libc.inotify_init1(NONBLOCK)
        if libc.inotify_add_watch(self.handle, self.path.encode(), OPENED) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def openings(self):
        """How often the file was opened since it was asked last, 16 bytes each."""
        with suppress(BlockingIOError):
            return len(os.read(self.handle, 65536)) // 16
        return 0

    def close(self):
        os.close(self.handle)
        Path(self.path).unlink()
