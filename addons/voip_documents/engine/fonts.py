"""Fonts of documents: those that Odoo brings, then the system's."""

import atexit
import fcntl
import os
import shutil
import sys
import tempfile
import time
import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

SYSTEM = ("/usr/share/fonts", "/usr/local/share/fonts")
# Where the interpreter, its packages and the libraries that they load lazily are.
LIBRARIES = ("/usr/lib", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache")
TEXT = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{folders}
<cachedir>{cache}</cachedir>
<alias><family>sans-serif</family><prefer>{prefer}</prefer></alias>
<alias><family>Helvetica</family><prefer>{prefer}</prefer></alias>
<alias><family>Arial</family><prefer>{prefer}</prefer></alias>
</fontconfig>
"""
PREFIX, NEW_SECONDS = "voip_fonts_", 60
PREFER = ("Roboto", "Open Sans", "DejaVu Sans", "Noto Sans")


@lru_cache(maxsize=1)
def folders():
    """Folders of fonts that there are."""
    own = []
    found = find_spec("odoo")
    for place in (found.submodule_search_locations if found else None) or ():
        own += Path(place).glob("addons/web/static/fonts/google")
        own += (Path(place).parent / "addons").glob("web/static/fonts/google")
    shown = [str(path) for path in dict.fromkeys(own)]
    return shown + [path for path in SYSTEM if Path(path).is_dir()]


def configuration():
    """Path of the configuration of fontconfig for workers of this process."""
    path = _configuration(os.getpid())
    if not Path(path).exists():
        # What cleans the machine's temporary folder took it.
        _configuration.cache_clear()
        path = _configuration(os.getpid())
    return path


@lru_cache(maxsize=1)
def _configuration(pid):
    """Written into a folder of the process, which is locked as long as that lives."""
    _remove_left()
    folder = tempfile.mkdtemp(prefix=PREFIX)
    fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)
    atexit.register(_remove, folder, pid)
    path = Path(folder) / "fonts.conf"
    path.write_text(
        TEXT.format(
            folders="\n".join(f"<dir>{each}</dir>" for each in folders()),
            cache=f"{folder}/cache",
            prefer="".join(f"<family>{each}</family>" for each in PREFER),
        )
    )
    return str(path)


def _remove(folder, pid):
    # A fork runs what its parent registered.
    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left():
    """Remove folders whose processes were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            # One that was made just now may not have its lock yet.
            if time.time() - folder.stat().st_mtime < NEW_SECONDS:
                continue
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            # Somebody else's, or gone.
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            # Its process works.
            continue
        finally:
            os.close(lock)


@lru_cache(maxsize=1)
def covered():
    """Code points that any of the fonts has a glyph for."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    found = set()
    for folder in folders():
        for path in Path(folder).rglob("*.[to]t[fc]"):
            try:
                if path.suffix == ".ttc":
                    # Fonts of a collection differ in shapes, not in what they have.
                    font = TTCollection(path, lazy=True).fonts[0]
                else:
                    font = TTFont(path, lazy=True)
                found |= font.getBestCmap().keys()
            except (TTLibError, OSError, AttributeError, KeyError):
                # No font that engines take either.
                continue
    return frozenset(found)


def without_glyphs(text):
    """Scripts of ``text`` that are printed as boxes, as no font has them.

    :return: sorted list of their names in Unicode, e.g. ``["CJK", "DEVANAGARI"]``
    """
    # What every font here has needs no look into the fonts.
    marks = {mark for mark in set(text) if ord(mark) > 0x24F}
    marks = {m for m in marks if unicodedata.category(m)[0] in "LNS"}
    if not marks:
        return []
    missing = (mark for mark in marks if ord(mark) not in covered())
    return sorted({unicodedata.name(mark, "?").split()[0] for mark in missing})


def readable():
    """What a closed-in worker may read."""
    fonts_home = str(Path(configuration()).parent)
    links = {str(Path(each).resolve()) for each in folders()}
    for each in folders():
        links |= {str(path.resolve().parent) for path in Path(each).rglob("*.ttf")}
    python = {sys.prefix, sys.base_prefix + "/lib"}
    return sorted({fonts_home, *folders(), *links, *python, *LIBRARIES})
