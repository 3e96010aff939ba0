from odoo.tests import HttpCase, tagged
from odoo.tests.common import new_test_user
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestRateDoors(HttpCase):
    """The doors of rate decks over JSON-2, as other systems use them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {
            role: cls._create_key(role) for role in ("viewer", "manager", "switch")
        }
        cls.deck = cls.env["voip.rate.deck"].create(
            {"name": "Door", "code": "door-test", "tz": "UTC"}
        )

    @classmethod
    def _create_key(cls, role):
        user = new_test_user(
            cls.env, f"door-{role}", groups=f"voip_billing_base.group_voip_{role}"
        )
        keys = cls.env["res.users.apikeys"].with_user(user).sudo()
        return keys._generate("rpc", "test", None)

    def _call(self, role, method, **arguments):
        return self.url_open(
            f"/json/2/voip.rate.deck/{method}",
            json=arguments,
            headers={"Authorization": f"bearer {self.keys[role]}"},
        )

    def _load(self, role="manager", **arguments):
        rates = [
            {
                "prefix": "44",
                "destination": "United Kingdom",
                "price_per_minute": "0.0085",
                "connect_fee": "0",
                "initial_increment": 1,
                "next_increment": 1,
                "min_charge": None,
                "effective_from": None,
                "effective_to": None,
                "blocked": False,
            },
            {"prefix": "447", "price_per_minute": "1", "connect_fee": "0.15"},
        ]
        values = {"deck": "door-test", "rates": rates, **arguments}
        return self._call(role, "load", **values)

    def test_load_then_quote(self):
        response = self._load(dry_run=True)
        self.assertEqual(response.status_code, 200, response.text)
        self.assertFalse(response.json()["applied"])
        self.assertEqual(
            self._load(mode="full").json(),
            {
                "new": 2,
                "increased": 0,
                "decreased": 0,
                "changed": 0,
                "unchanged": 0,
                "closed": 0,
                "duplicates": 0,
                "agreed": 0,
                "errors": [],
                "fallbacks": [],
                "returns": 0,
                "applied": True,
            },
        )
        response = self._call(
            "viewer", "quote", deck="door-test", called="+442079460000", seconds=47
        )
        quote = response.json()
        self.assertEqual(quote["amount"], "0.006658")
        self.assertEqual(quote["rate"]["destination"], "United Kingdom")

    def test_faulty_row_does_not_fail_the_call(self):
        response = self._load(rates=[{"prefix": "44", "price_per_minute": "1e400"}])
        self.assertEqual(response.status_code, 200, response.text)
        [error] = response.json()["errors"]
        self.assertEqual((error["index"], error["code"]), (0, "bad_price"))

    @mute_logger("odoo.http")
    def test_malformed_calls_name_the_argument(self):
        for arguments, name in (
            ({"deck": "none-such"}, "deck"),
            ({"rates": "44"}, "rates"),
            ({"mode": "half"}, "mode"),
            ({"dry_run": 1}, "dry_run"),
            ({"rates": [{}] * 10_001}, "10000"),
        ):
            with self.subTest(name=name):
                response = self._load(**arguments)
                self.assertEqual(response.status_code, 422, response.text[:300])
                self.assertIn(name, response.json()["message"].replace(",", ""))

    @mute_logger("odoo.http")
    def test_roles(self):
        self.assertEqual(self._load("viewer").status_code, 403)
        self.assertEqual(self._load("switch").status_code, 403)
        response = self._call("switch", "quote", deck="door-test", called="44")
        self.assertEqual(response.status_code, 403)
