"""Fonts of documents: those that Odoo brings, then the system's."""

import atexit
import shutil
import sys
import tempfile
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


@lru_cache(maxsize=1)
def configuration():
    """Path of the configuration of fontconfig for workers, written once."""
    folder = tempfile.mkdtemp(prefix="voip_fonts_")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "fonts.conf"
    path.write_text(
        TEXT.format(
            folders="\n".join(f"<dir>{each}</dir>" for each in folders()),
            cache=f"{folder}/cache",
            prefer="".join(f"<family>{each}</family>" for each in PREFER),
        )
    )
    return str(path)


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
