"""Fonts of documents: those that Odoo brings, then the system's."""

import atexit
import shutil
import sys
import tempfile
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


def readable():
    """What a closed-in worker may read."""
    fonts_home = str(Path(configuration()).parent)
    links = {str(Path(each).resolve()) for each in folders()}
    for each in folders():
        links |= {str(path.resolve().parent) for path in Path(each).rglob("*.ttf")}
    python = {sys.prefix, sys.base_prefix + "/lib"}
    return sorted({fonts_home, *folders(), *links, *python, *LIBRARIES})
