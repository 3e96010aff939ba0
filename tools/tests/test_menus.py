"""The menus that the documents name are those of the product."""

import re
import unittest
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent.parent
TOP = "VoIP Billing"
# A path of menus is written *Calls → Error Queue*, from the top or from below it.
PATH = re.compile(r"(?<![*\w])\*([A-Z][^*:.,;]*→[^*:.,;]+)\*(?![*\w])")
ARROW = re.compile(r"\s*→\s*")


def menus():
    """{names of a menu, from the top: a tuple} of all add-ons."""
    actions, items = {}, {}
    for path in ROOT.glob("addons/*/[vw]*/*.xml"):
        tree = etree.parse(path)
        for record in tree.iter("record"):
            actions[record.get("id")] = record.findtext("field[@name='name']")
        for item in tree.iter("menuitem"):
            parent = item.get("parent") or item.getparent().get("id")
            items[item.get("id")] = (item, (parent or "").rpartition(".")[2])

    def names(key):
        if not key:
            return ()
        item, parent = items[key]
        own = item.get("name") or actions[item.get("action").rpartition(".")[2]]
        return (*names(parent), own)

    return {names(key) for key in items}


def wrong_paths(text, known):
    """What a text says of menus that are not there, or not written as a path."""
    below = {path[1:] for path in known}
    paths = [tuple(ARROW.split(path.strip())) for path in PATH.findall(text)]
    wrong = [" → ".join(path) for path in paths if path not in known | below]
    tops = "|".join({TOP, *(path[0] for path in below if path)})
    loose = re.compile(rf"\b(?:{tops})(?:\s+[/>→]\s+\*?[A-Z]\w*)+")
    return wrong + loose.findall(PATH.sub("", text))


class TestMenus(unittest.TestCase):
    def test_documents_name_menus_that_there_are(self):
        known = menus()
        self.assertIn((TOP, "Calls", "Error Queue"), known)
        files = [
            *ROOT.glob("*.md"),
            *ROOT.glob("docs/*.md"),
            *ROOT.glob("addons/*/*.md"),
            *ROOT.glob("addons/*/readme/*.md"),
        ]
        found = 0
        for path in files:
            with self.subTest(path.relative_to(ROOT)):
                text = path.read_text()
                found += len(PATH.findall(text))
                self.assertEqual(wrong_paths(text, known), [])
        self.assertGreater(found, 5)

    def test_wrong_names_and_other_spellings_are_told(self):
        known = {(TOP,), (TOP, "Calls"), (TOP, "Calls", "Error Queue")}
        for text, wrong in (
            ("see *Calls → Error Queue* or *VoIP Billing → Calls*", []),
            ("see *Calls →\n   Error Queue*, then *Rate Again*", []),
            ("see *Calls → Error queue*", ["Calls → Error queue"]),
            ("see *Calls → Error Queue → New*", ["Calls → Error Queue → New"]),
            ("see *VoIP Billing → Runs*", ["VoIP Billing → Runs"]),
            ("see *Calls / Errors*", ["Calls / Errors"]),
            ("see Calls > *Upload*", ["Calls > *Upload"]),
            ("see VoIP Billing → Calls → Upload.", ["VoIP Billing → Calls → Upload"]),
        ):
            with self.subTest(text):
                self.assertEqual(wrong_paths(text, known), wrong)
