"""The snippets for switches can be read, and name addresses and formats that exist."""

import configparser
import csv
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "config" / "switches"
FORMATS = ROOT / "addons/voip_rating/data/voip.cdr.format.csv"
ROUTE = ROOT / "addons/voip_rating/controllers/records.py"
DOCS = sorted((ROOT / "docs").glob("switch_*.md"))
SNIPPETS = sorted(path for path in FOLDER.iterdir())


def formats():
    with FORMATS.open() as file:
        return {row["code"] for row in csv.DictReader(file)}


class TestSwitches(unittest.TestCase):
    def test_there_are_snippets_and_pages(self):
        self.assertGreaterEqual(len(SNIPPETS), 8)
        self.assertGreaterEqual(len(DOCS), 6)

    def test_every_snippet_is_on_a_page(self):
        text = "".join(page.read_text() for page in DOCS)
        for path in SNIPPETS:
            self.assertIn(f"config/switches/{path.name}", text)

    def test_xml_is_well_formed_and_names_each_parameter_once(self):
        paths = [path for path in SNIPPETS if path.suffix == ".xml"]
        self.assertEqual(len(paths), 2)
        for path in paths:
            root = ET.parse(path).getroot()
            self.assertEqual(f"freeswitch_{root.get('name')}.xml", path.name)
            names = [param.get("name") for param in root.iter("param")]
            self.assertEqual(len(names), len(set(names)))
            templates = [template.get("name") for template in root.iter("template")]
            for param in root.iter("param"):
                if param.get("name") == "default-template":
                    self.assertIn(param.get("value"), templates)

    def test_the_columns_of_mod_cdr_csv_are_those_of_its_format(self):
        text = (FOLDER / "freeswitch_cdr_csv.conf.xml").read_text()
        with FORMATS.open() as file:
            rows = {row["code"]: row for row in csv.DictReader(file)}
        columns = re.split(r"\s*,\s*", rows["freeswitch_csv"]["columns"])
        self.assertEqual(re.findall(r"\$\{(\w+)\}", text), columns)

    def test_ini_files_are_read(self):
        paths = [path for path in SNIPPETS if path.name.startswith("asterisk")]
        self.assertEqual(len(paths), 2)
        for path in paths:
            parser = configparser.ConfigParser(comment_prefixes=";", strict=True)
            parser.read_string(path.read_text())
            self.assertTrue(parser.sections())

    def test_sip_routers_load_what_they_set(self):
        paths = [path for path in SNIPPETS if path.suffix == ".cfg"]
        self.assertEqual(len(paths), 2)
        for path in paths:
            text = path.read_text()
            loaded = set(re.findall(r'^loadmodule "(\w+)\.so"$', text, re.M))
            lines = [row for row in text.splitlines() if row.startswith("modparam")]
            for line in lines:
                match = re.fullmatch(r'modparam\("(\w+)", "(\w+)", (\d+|".+")\)', line)
                self.assertTrue(match, line)
                self.assertIn(match[1], loaded)

    def test_what_kamailio_exports_is_written_and_read(self):
        script = (FOLDER / "kamailio_export.sh").read_text()
        columns = "".join(re.findall(r"^columns\+?=(\S+)$", script, re.M)).split(",")
        config = (FOLDER / "kamailio_acc.cfg").read_text()
        extra = re.search(r'"db_extra", "(.+)"', config)[1]
        added = [pair.partition("=")[0] for pair in extra.split(";")]
        page = (ROOT / "docs/switch_kamailio.md").read_text()
        self.assertEqual(columns[7:], added)
        self.assertEqual(re.findall(r"ADD COLUMN (\w+)", page), added)
        with (FORMATS.parent / "voip.cdr.format.field.csv").open() as file:
            rows = [row for row in csv.DictReader(file) if "kamailio" in row["id"]]
        read = set(re.findall(r"\w+", " ".join(row["source"] for row in rows)))
        self.assertLessEqual(set(added), read)

    def test_opensips_writes_one_file_with_the_end_of_calls(self):
        text = (FOLDER / "opensips_acc.cfg").read_text()
        self.assertIn('modparam("db_flatstore", "single_file", 1)', text)
        self.assertRegex(text, r'is_method\("BYE"\)\) do_accounting\("db"')
        extra = re.search(r'"extra_fields", "db: (.+)"', text)[1]
        with FORMATS.open() as file:
            rows = {row["code"]: row for row in csv.DictReader(file)}
        columns = re.split(r"\??\s*,\s*", rows["opensips_flat"]["columns"].rstrip("?"))
        self.assertEqual(re.split(r"; ?", extra), columns[7:])

    @unittest.skipUnless(shutil.which("bash"), "there is no bash")
    def test_scripts_are_read_by_bash(self):
        paths = [path for path in SNIPPETS if path.suffix == ".sh"]
        self.assertEqual(len(paths), 2)
        for path in paths:
            subprocess.run(["bash", "-n", str(path)], check=True)

    def test_addresses_and_formats_exist(self):
        known, found = formats(), set()
        self.assertIn('"/voip/cdr/<switch>/<format>"', ROUTE.read_text())
        for path in (*SNIPPETS, *DOCS):
            text = path.read_text()
            codes = re.findall(r"/voip/cdr/(?:SWITCH|fra1)/(\w+)", text)
            codes += re.findall(r"[Ff]ormat[ :]+`?([a-z]+_[a-z]+(?:_[a-z]+)*)`?", text)
            for code in codes:
                with self.subTest(path=path.name, code=code):
                    self.assertIn(code, known)
                    found.add(code)
        self.assertLessEqual(
            {"freeswitch_json", "freeswitch_csv", "asterisk_csv", "kamailio_acc"}, found
        )


if __name__ == "__main__":
    unittest.main()
