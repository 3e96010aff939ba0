import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import VoipRatingCommon

WORLD = """code,name,country,kind,prefixes
XX-FIXED,Nowhere - Fixed,,fixed,999 9981
XX-MOBILE,Nowhere - Mobile,,mobile,9997
"""
CHANGED = """code,name,country,kind,prefixes
XX-MOBILE,Nowhere - Cellular,FR,mobile,9997 9981
"""


@tagged("post_install", "-at_install")
class TestDestinations(VoipRatingCommon):
    def _shared(self, code):
        return (
            self.env["voip.destination"]
            .with_context(active_test=False)
            .search([("code", "=", code), ("company_id", "=", False)])
        )

    def _find(self, prefix, company=None):
        found = self.env["voip.destination"]._find_by_prefix(
            [prefix], company or self.env.company
        )
        return self.env["voip.destination"].browse(found.get(prefix)).code

    def test_world_is_loaded_and_covers_the_calling_codes(self):
        self.assertGreater(self.env["voip.destination.prefix"].search_count([]), 5_000)
        for number, country in (
            ("442079460000", "GB"),
            ("4915112345678", "DE"),
            ("33612345678", "FR"),
            ("12125550100", "US"),
            ("14165550100", "CA"),
            ("18765550100", "JM"),
            ("8613812345678", "CN"),
            ("77011234567", "KZ"),
        ):
            with self.subTest(number=number):
                found = self.env["voip.destination"]._find_by_prefix(
                    [number], self.env.company
                )
                zone = self.env["voip.destination"].browse(found[number])
                self.assertEqual(zone.country_id.code, country)

    def test_loading_the_world_again_does_nothing(self):
        self.assertEqual(self.env["voip.destination"]._load_world(), 0)

    def test_refresh_follows_the_list(self):
        destinations = self.env["voip.destination"]
        self.assertEqual(destinations._refresh_world(WORLD), 3)
        self.assertEqual(destinations._refresh_world(WORLD), 3)
        fixed, mobile = self._shared("XX-FIXED"), self._shared("XX-MOBILE")
        self.assertEqual(fixed.prefix_ids.mapped("prefix"), ["9981", "999"])
        self.assertEqual(self._find("99971"), "XX-MOBILE")
        destinations._refresh_world(CHANGED)
        self.assertFalse(fixed.active)
        self.assertFalse(fixed.prefix_ids)
        self.assertEqual(mobile.name, "Nowhere - Cellular")
        self.assertEqual(mobile.country_id.code, "FR")
        self.assertEqual(self._find("99812"), "XX-MOBILE")
        self.assertFalse(self._find("9992"))

    def test_own_zones_come_before_shared_ones(self):
        self.env["voip.destination"]._refresh_world(WORLD)
        self.env["voip.destination"].create(
            {
                "name": "My zone",
                "code": "MINE",
                "company_id": self.env.company.id,
                "prefix_ids": [(0, 0, {"prefix": "99"})],
            }
        )
        other = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self._find("99971"), "MINE")
        self.assertEqual(self._find("99971", other), "XX-MOBILE")

    @mute_logger("odoo.sql_db")
    def test_a_prefix_belongs_to_one_destination(self):
        self.env["voip.destination"]._refresh_world(WORLD)
        with self.assertRaises(psycopg2.IntegrityError):
            self._shared("XX-MOBILE").prefix_ids = [(0, 0, {"prefix": "999"})]
            self.env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_faulty_prefixes_are_refused(self):
        zone = self.env["voip.destination"].create({"name": "Z", "code": "Z"})
        for prefix in ("0", "044", "4" * 16, "+44", "4 4", "٤٤"):
            with (
                self.subTest(prefix=prefix),
                self.assertRaises(psycopg2.IntegrityError),
                self.env.cr.savepoint(),
            ):
                zone.prefix_ids = [(0, 0, {"prefix": prefix})]
                self.env.flush_all()

    def test_list_with_an_unknown_kind_is_refused(self):
        with self.assertRaisesRegex(ValueError, "kind"):
            self.env["voip.destination"]._refresh_world(WORLD.replace("mobile", "moon"))
