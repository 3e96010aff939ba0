"""What carriers' files have wrong: each is read right, or refused with the reason."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .import_common import ImportCommon, sheet, workbook

FAULTY = "faulty"
HEADER = "Code;Area code;Destination;Rate;Increment;Effective;Status"
CASES = [
    ("44;;UK;0.01;;;", [("44", "new", 0.01)]),
    ("0044;;UK;0.01;;;", [("44", "new", 0.01)]),
    ("+44;;UK;0.01;;;", [("44", "new", 0.01)]),
    ("'44;;UK;0.01;;;", [("44", "new", 0.01)]),
    ("44.0;;UK;0.01;;;", [("44", "new", 0.01)]),
    (" 44 ;;UK; 0.01 ;;;", [("44", "new", 0.01)]),
    ("44\u00a0;;UK;0.01\u00a0;;;", [("44", "new", 0.01)]),
    ("4.47E+2;;UK;0.01;;;", [("447", "new", 0.01)]),
    ("4.47E+11;;UK;0.01;;;", "lost digits in a spreadsheet"),
    ("44;20;UK;0.01;;;", [("4420", "new", 0.01)]),
    ("44;20,21;UK;0.01;;;", [("4420", "new", 0.01), ("4421", "new", 0.01)]),
    ("44,45;20;UK;0.01;;;", "not one country code"),
    ("441-443;;UK;0.01;;;", [(c, "new", 0.01) for c in ("441", "442", "443")]),
    (
        "4470-72;;UK;0.01;;;",
        [(c, "new", 0.01) for c in ("4470", "4471", "4472")],
    ),
    ("443-441;;UK;0.01;;;", "ends where it begins, or before"),
    ("441, 4470;;UK;0.01;;;", [("441", "new", 0.01), ("4470", "new", 0.01)]),
    ("UK;;UK;0.01;;;", "Code: "),
    ("1234567890123456;;UK;0.01;;;", "15 digits"),
    ("44;;UK;0,012;;;", [("44", "new", 0.012)]),
    ("44;;UK;$ 0.01;;;", [("44", "new", 0.01)]),
    ("44;;UK;0.01 USD;;;", [("44", "new", 0.01)]),
    ("44;;UK;0.01 EUR;;;", "'0.01 EUR' is in EUR, the deck is in USD"),
    ("44;;UK;£0.01;;;", "is in £, the deck is in USD"),
    ("44;;UK;0.01;;25-Dec-2027;", [("44", "new", 0.01)]),
    ("44 20 7946;;UK;0.01;;;", "may be one code or several"),
    ("49-89;;Munich;0.01;;;", "range over several countries"),
    ("44;;UK;;;;", "Price per minute: the cell is empty"),
    ("44;;UK;n/a;;;", "'n/a' is not a number"),
    ("44;;UK;#REF!;;;", "is not a number"),
    ("44;;UK;-0.5;;;", "below zero"),
    ("44;;UK;0.123456789;;;", "more than 8 decimals"),
    ("44;;UK;blocked;;;", [("44", "new", 0.0)]),
    ("44;;UK;-1;;;", [("44", "new", 0.0)]),
    ("44;;UK;0.5;;;Blocked", [("44", "new", 0.5)]),
    ("44;;UK;0.01;30/6;;", [("44", "new", 0.01)]),
    ("44;;UK;0.01;0/0;;", "Increments"),
    ("44;;UK;0.01;soon;;", "not an increment"),
    ("44;;UK;0.01;;31/02/2027;", "not a date|no day of the calendar"),
    ("44;;UK;0.01;;tomorrow;", "'tomorrow' is not a date"),
    ("44;;UK;0.01;;25/12/2027;", [("44", "new", 0.01)]),
    ("44;;UK;0.01;;20271225;", [("44", "new", 0.01)]),
    (";;EUROPE;;;;", []),
    (";;UK;0.01;;;", "no code is given"),
]


@tagged("post_install", "-at_install")
class TestRateSheetDamages(ImportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.empty = cls._create_deck(currency_id=cls.env.ref("base.USD").id)

    def _read(self, data, **values):
        found = self._import(data, deck=self.empty, **values)
        if not found.mark and found.mark_example:
            found.mark = ","
        found.action_preview()
        return self._rows(found, "prefix", "status", "price"), found

    def test_codes_of_north_america_come_without_their_country_code(self):
        for header, code in (("NPANXX", ""), ("NPA-NXX", ""), ("Code;NPA", "1;")):
            rows = ("201200", "1201201", "201-555", "212, 213", "112200", "44")
            lines = [f"{code}{row};0.01;0.02" for row in rows]
            data = sheet(*lines, header=f"{header};Interstate;Intrastate")
            told, found = self._read(data, leave_faulty=True)
            with self.subTest(header=header):
                good = ["1201200", "1201201", "1201555", "1212", "1213"]
                new = [(code, "new", 0.01) for code in good]
                self.assertEqual(told, [*new, *[(False, FAULTY, 0.0)] * 2])
                reasons = [reason for (reason,) in self._rows(found, "reason")[-2:]]
                for reason in reasons:
                    self.assertIn("no code of North America", reason)
                found.action_apply()
                rates = self.env["voip.rate"].search([("deck_id", "=", self.empty.id)])
                self.assertEqual(rates.mapped("price_intra"), [0.02] * 5)
                found.action_undo()

    def test_a_damaged_row_is_read_right_or_refused_with_the_reason(self):
        for row, expected in CASES:
            with self.subTest(row=row):
                rows, found = self._read(sheet(row, header=HEADER))
                if isinstance(expected, str):
                    self.assertEqual([status for _p, status, _n in rows], [FAULTY])
                    self.assertRegex(self._rows(found, "reason")[0][0], expected)
                else:
                    self.assertEqual(rows, expected)

    def test_what_a_row_says_beside_its_price_is_kept(self):
        header = "Code;Rate;Increment;Connection fee;Origin;Blocked"
        found = self._import(
            sheet("44;0.01;30/6;0.1;49;", "33;blocked;;;;", header=header),
            deck=self._create_deck(),
        )
        found.action_preview()
        found.action_apply()
        blocked, rate = found.deck_id.rate_ids.sorted("prefix")
        self.assertEqual((rate.initial_increment, rate.next_increment), (30, 6))
        self.assertEqual((rate.connect_fee, rate.origin_prefix), (0.1, "49"))
        self.assertTrue(blocked.blocked)

    def test_a_date_is_of_the_decks_zone_unless_it_says_another(self):
        deck = self._create_deck([{"prefix": "1"}], tz="Europe/Berlin")
        for cell, begins in (
            ("2026-12-01", "2026-11-30 23:00:00"),
            ("Dec 1, 2026", "2026-11-30 23:00:00"),
            ("46357", "2026-11-30 23:00:00"),
            ("12/01/2026 12:00 AM", "2026-11-30 23:00:00"),
            ("12/01/2026 01:30 PM", "2026-12-01 12:30:00"),
            ("2026-12-01T00:00:00Z", "2026-12-01 00:00:00"),
            ("2026-12-01T00:00:00+05:00", "2026-11-30 19:00:00"),
        ):
            with self.subTest(cell=cell):
                header = "Code;Rate;Effective date"
                data = sheet(f"44;0,01;{cell}", header=header)
                found = self._import(data, deck=deck, mark=",", shape="mdy")
                found.action_preview()
                [(status, starts)] = self._rows(found, "status", "starts")
                self.assertEqual((status, str(starts)), ("new", begins))
        days = workbook(["Code", "Rate", "Effective date"], ["44", 0.01, 46357.5])
        _rows, found = self._read(days)
        [(starts,)] = self._rows(found, "starts")
        self.assertEqual(str(starts), "2026-12-01 12:00:00")

    def test_a_file_is_read_whatever_it_is_written_with(self):
        text = "Code;Destination;Rate\n44;Türkiye;0.01\n"
        files = {
            "utf-8": text.encode(),
            "mark": text.encode("utf-8-sig"),
            "utf-16": text.encode("utf-16"),
            "windows": text.encode("cp1252"),
            "returns": text.replace("\n", "\r\n").encode(),
            "comma": text.replace(";", ",").encode(),
            "tab": text.replace(";", "\t").encode(),
            "named": b"sep=;\n" + text.encode(),
            "title": b"Carrier Ltd;;\nRates of May;;\n;;\n" + text.encode(),
            "workbook": workbook(
                ["Code", "Destination", "Rate"], [44, "Türkiye", 0.01]
            ),
        }
        for name, data in files.items():
            with self.subTest(file=name):
                rows, found = self._read(data)
                self.assertEqual(rows, [("44", "new", 0.01)])
                self.assertEqual(self._rows(found, "label"), [("Türkiye",)])

    def test_a_file_that_is_no_sheet_is_refused_when_it_is_brought(self):
        for data in (b"  ", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", b"a\x00b"):
            with self.subTest(data=data), self.assertRaises(UserError):
                self._import(data)

    def test_a_sheet_without_a_header_asks_for_its_row(self):
        found = self._import(sheet("44;UK;0.01", header="a;b;c"))
        self.assertFalse(found.column_ids)
        self.assertIn("in which row", found.question)
        with self.assertRaises(UserError):
            found.action_preview()

    def test_a_sheet_of_names_gets_the_codes_of_the_destinations(self):
        zone = self.env["voip.destination"].create(
            {
                "name": "Atlantis",
                "code": "Atlantis",
                "company_id": self.env.company.id,
                "prefix_ids": [(0, 0, {"prefix": p}) for p in ("9991", "9992")],
            }
        )
        self.assertTrue(zone)
        rows, _found = self._read(
            sheet("ATLANTIS;0.5", "Nowhere;1", header="Destination;Rate")
        )
        self.assertEqual(
            rows,
            [("9991", "new", 0.5), ("9992", "new", 0.5), (False, FAULTY, 0.0)],
        )
