"""Columns of one form are read at once: as each value alone, and as mixed ones."""

import json

import pyarrow as pa

from odoo.tests import BaseCase, tagged

from ..formats import transform as ways
from ..formats.source import CsvRows

UNIFORM = {
    "channel": (
        ["PJSIP/north-0000001a", "SIP/a-b-ffffffff", "", "local-0000000Z"],
        ["PJSIP/northé-0000001a", "/-00000001", "a/b/c-00000001"],
        ["a\nb/c-00000001", "PJSIP/x-00000001"],
        ["", ""],
        [],
    ),
    "rfc2822": (
        ["Tue, 31 Aug 2010 20:36:28 +0000", "", "Wed, 01 Dec 2010 00:00:00 +0000"],
        ["Tue, 31 Aug 2010 20:36:28 +0100", "Tue, 31 Aug 2010 20:36:28 +0000"],
        ["Tue, 31 Agu 2010 20:36:28 +0000", "Tue, 31 Aug 2010 20:36:28 +0000"],
        ["tue, 31 Aug 2010 20:36:28 +0000", "TUE, 31 Aug 2010 20:36:28 +0000"],
        ["Tue, 31 Aug 2010 20-36:28 +0000", "Tue, 3: Aug 2010 20:36:28 +0000"],
        ["", ""],
        [],
    ),
}
MIXED = {
    "channel": "PJSIP/other;1",
    "rfc2822": "1 Sep 2010 20:36:28 +0000",
}


def read(texts, kind):
    found, bad = ways.transform(pa.array(texts, pa.string()), kind)
    return [
        None if wrong else text
        for text, wrong in zip(found.to_pylist(), bad.tolist(), strict=True)
    ]


@tagged("post_install", "-at_install")
class TestUniformColumns(BaseCase):
    def test_a_column_of_one_form_reads_as_each_value_beside_another_form(self):
        for kind, columns in UNIFORM.items():
            for texts in columns:
                with self.subTest(kind=kind, texts=texts):
                    alone = [read([text, MIXED[kind]], kind)[0] for text in texts]
                    self.assertEqual(read(texts, kind), alone)

    def test_a_name_is_what_is_between_slash_and_number(self):
        self.assertEqual(
            read(["PJSIP/north-0000001a", "SIP/a-b-ffffffff", "x-00000001"], "channel"),
            ["north", "a-b", "x"],
        )

    def test_a_mail_time_is_iso_in_utc(self):
        self.assertEqual(
            read(["Tue, 31 Aug 2010 20:36:28 +0000", ""], "rfc2822"),
            ["2010-08-31T20:36:28Z", ""],
        )

    def test_what_is_kept_is_the_same_with_and_without_empty_cells(self):
        class Layout:
            used, keep = (), ("*",)

        full = {"a": ["1", 'x"y', "é"], "b": ["p", "q\\", "r\n"], "c": ["ü", "2", "3"]}
        some = {name: [*texts, ""] for name, texts in full.items()}
        some["d"] = ["", "", "", ""]
        texts = list(map(str, CsvRows(full, 3).metadata(Layout)))
        found = [json.loads(text) for text in texts]
        wanted = [
            dict(zip(full, row, strict=True))
            for row in zip(*full.values(), strict=True)
        ]
        self.assertEqual(found, wanted)
        texts = list(map(str, CsvRows(some, 4).metadata(Layout)))
        self.assertEqual([json.loads(text or "{}") for text in texts], [*wanted, {}])
