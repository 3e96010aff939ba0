"""What a worker process may still do once it is closed in.

Limits of memory, processor time and files by the kernel; no network by a namespace of
its own; of the file system only what engines read, by Landlock. Each is applied where
the kernel has it; the checks and the engines' closed fetchers do not rely on it.
"""

import ctypes
import os
import resource
import struct

MEMORY, CPU_SECONDS = 900_000_000, 20
NEW_NET, NEW_USER = 0x40000000, 0x10000000
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_SELF = 444, 445, 446
NO_NEW_PRIVS, PATH_BENEATH = 38, 1
EXECUTE, WRITE, READ, READ_DIR = 1, 2, 4, 8
# All rights of the file system that the first version of Landlock knows.
ALL_RIGHTS = (1 << 13) - 1


def limit(memory=MEMORY, seconds=CPU_SECONDS):
    """Memory of the process, and processor time from now on."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    allow(seconds)


def allow(seconds):
    """``seconds`` of processor time more; the soft limit only goes with each task."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def close_in(folders):
    """Cut off network and file system, but for reading ``folders``.

    :return: names of what the kernel has not
    """
    libc = ctypes.CDLL(None, use_errno=True)
    missing = []
    # Mapping a user namespace is refused in some containers; root needs none.
    if libc.unshare(NEW_NET) and libc.unshare(NEW_USER | NEW_NET):
        missing.append("network")
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    if not _landlock(libc, folders):
        missing.append("files")
    return missing


def _landlock(libc, folders):
    attribute = struct.pack("Q", ALL_RIGHTS)
    ruleset = libc.syscall(LANDLOCK_CREATE, attribute, len(attribute), 0)
    if ruleset < 0:
        return False
    for folder in folders:
        try:
            handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        rights = READ | READ_DIR if os.path.isdir(folder) else READ
        rule = struct.pack("=Qi", rights, handle)
        libc.syscall(LANDLOCK_ADD, ruleset, PATH_BENEATH, rule, 0)
        os.close(handle)
    closed = libc.syscall(LANDLOCK_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return closed
