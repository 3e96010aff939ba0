"""Two companies with a record of each model, and users of each role."""

import base64

from odoo.tests import new_test_user

from odoo.addons.voip_billing_base.tests.test_security_matrix import (
    ROLES,
    MatrixCommon,
)

# A harmless change of each model, which only rights can refuse.
CHANGES = {
    "voip.cdr": {"call_id": "mine"},
    "voip.cdr.batch": {"file_name": "mine"},
    "voip.cdr.error": {"note": "Mine"},
    "voip.cdr.post": {"record": "{}"},
    "voip.cdr.format": {"name": "Mine"},
    "voip.cdr.format.field": {"source": "mine"},
    "voip.destination": {"name": "Mine"},
    "voip.destination.prefix": {"prefix": "4999"},
    "voip.intake.file": {"name": "mine"},
    "voip.intake.folder": {"name": "Mine"},
    "voip.rate": {"label": "Mine"},
    "voip.rate.agreement": {"days_new": 3},
    "voip.rate.deck": {"name": "Mine"},
    "voip.rate.generator": {"decimals": 3},
    "voip.rate.generator.exception": {"note": "Mine"},
    "voip.rate.generator.source": {"weight": 2},
    "voip.rate.import": {"leave_faulty": True},
    "voip.rate.import.column": {"target": "service"},
    "voip.rate.import.map": {"header": "Mine"},
    "voip.rate.import.row": {"label": "Mine"},
    "voip.rate.import.sale": {"label": "Mine"},
    "voip.rate.notice": {"reason": "Mine"},
    "voip.rate.notice.row": {"label": "Mine"},
    "voip.switch": {"name": "Mine"},
    "voip.trunk": {"name": "Mine"},
}
WIZARDS = {
    "voip.cdr.format.test",
    "voip.cdr.upload",
    "voip.rate.comparison",
    "voip.rate.comparison.line",
    "voip.rate.export",
    "voip.rate.proof",
    "voip.rate.quote",
    "voip.switch.key",
    "voip.trunk.try",
}
# Records that only the intake makes and changes.
INTAKE = {"voip.cdr", "voip.cdr.batch", "voip.cdr.error", "voip.cdr.post"}
# What whoever may only look has no business with.
STAFF = {"voip.intake.file", "voip.intake.folder", "voip.switch"}
CALLED = "442071234567"


def actions_of(record):
    """The buttons of a model that do more than open a list or a form."""
    return [
        name
        for name in dir(type(record))
        if name.startswith("action_")
        and not name.startswith("action_view_")
        and name != "action_quote"
        and "voip_rating" in getattr(type(record), name).__module__
    ]


class RatingMatrixCommon(MatrixCommon):
    """Two companies whose decks, trunks, switches and calls have the same codes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()["company"]
        partners = cls.env["res.partner"].create(
            [{"name": "Customer A"}, {"name": "Customer B"}]
        )
        cls.start = cls.env.cr.now().strftime("%Y-%m-%dT00:00:00Z")
        cls.own = cls._rating_records(cls.env.company, partners[0], "0.01")
        cls.foreign = cls._rating_records(cls.other, partners[1], "0.02")
        cls._rename_foreign()
        cls.users = {role: cls._user(role) for role in ROLES}
        cls.users["portal"] = new_test_user(
            cls.env, login="rating_matrix_portal", groups="base.group_portal"
        )
        cls.own["voip.switch"].action_create_key()
        cls.users["switch"] = cls.own["voip.switch"].user_id
        cls.env.flush_all()

    @classmethod
    def _user(cls, role):
        return new_test_user(
            cls.env,
            login=f"rating_matrix_{role}",
            groups=f"voip_billing_base.group_voip_{role}",
            company_id=cls.env.company.id,
            company_ids=[(6, 0, cls.env.company.ids)],
        )

    @classmethod
    def _rename_foreign(cls):
        """Codes that only the other company has, besides those both have."""
        common = {"company_id": cls.other.id}
        only = {"name": "only-deck", "code": "only-deck"}
        cls.foreign["voip.rate.deck"].copy(only)
        cls.env["voip.switch"].create({"name": "B", "code": "only-switch", **common})
        cls.foreign["voip.trunk"].copy({"code": "only-in"})
        cls.foreign["account"].code = "ONLY-ACCOUNT"

    @classmethod
    def _env_of(cls, company):
        return cls.env(context={"allowed_company_ids": company.ids})

    @classmethod
    def _deck(cls, env, code, price, **values):
        company = env.company
        deck = env["voip.rate.deck"].create(
            {
                "name": code,
                "code": code,
                "tz": "UTC",
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                **values,
            }
        )
        answer = env["voip.rate.deck"].load(
            deck=code, rates=[{"prefix": "44", "price_per_minute": price}]
        )
        assert answer["applied"], answer
        return deck

    @classmethod
    def _trunks(cls, env, account, supplier_deck):
        carrier = env["res.partner"].create({"name": "Carrier"})
        return env["voip.trunk"].create(
            [
                {"name": "In", "code": "in", "account_id": account.id},
                {
                    "name": "Out",
                    "code": "out",
                    "side": "supplier",
                    "partner_id": carrier.id,
                    "deck_id": supplier_deck.id,
                },
            ]
        )

    @classmethod
    def _record(cls, call_id, **values):
        return {
            "call_id": call_id,
            "called": CALLED,
            "start": cls.start,
            "answer": cls.start,
            "duration": "60",
            "trunk": "in",
            "supplier_trunk": "out",
            **values,
        }

    @classmethod
    def _rating_records(cls, company, partner, price):
        """One record of every model of the module, as the doors make them."""
        env = cls._env_of(company)
        account = cls._account(env, company, partner)
        deck = cls._deck(env, "retail", price)
        account.deck_id = deck
        trunks = cls._trunks(
            env, account, cls._deck(env, "carrier", "0.005", side="supplier")
        )
        switch = env["voip.switch"].create({"name": "Switch", "code": "switch"})
        zone = env["voip.destination"].create(
            {"name": "Own", "code": "OWN", "prefix_ids": [(0, 0, {"prefix": "4420"})]}
        )
        answer = env["voip.cdr"].ingest(
            switch="switch",
            records=[cls._record("good"), cls._record("bad", called="9990000000")],
            rate_now=True,
        )
        batch = env["voip.cdr.batch"].browse(answer["batch"])
        env["voip.cdr"]._post(switch, [cls._record("posted")], "generic")
        found = [("batch_id", "=", batch.id)]
        return {
            **cls._import_records(env, trunks[1].deck_id),
            **cls._door_records(env, switch),
            **cls._generator_records(env, deck, trunks[1].deck_id),
            **cls._notice_records(env, partner, deck),
            "account": account,
            "voip.cdr": env["voip.cdr"].search([*found, ("call_id", "=", "good")]),
            "voip.cdr.batch": batch,
            "voip.cdr.error": env["voip.cdr.error"].search(found),
            "voip.cdr.post": env["voip.cdr.post"].search(
                [("switch_id", "=", switch.id)]
            ),
            "voip.destination": zone,
            "voip.destination.prefix": zone.prefix_ids,
            "voip.rate": deck.rate_ids,
            "voip.rate.deck": deck,
            "voip.switch": switch,
            "voip.trunk": trunks[0],
        }

    @classmethod
    def _generator_records(cls, env, deck, source):
        """A mark-up with a source and an exception."""
        made = env["voip.rate.generator"].create(
            {
                "deck_id": deck.id,
                "source_ids": [(0, 0, {"deck_id": source.id})],
                "exception_ids": [(0, 0, {"prefix": "4479"})],
            }
        )
        return {
            "voip.rate.generator": made,
            "voip.rate.generator.exception": made.exception_ids,
            "voip.rate.generator.source": made.source_ids,
        }

    @classmethod
    def _door_records(cls, env, switch):
        """A format of the company, and a folder with a file."""
        own = {"code": "own", "company_id": env.company.id}
        shipped = env["voip.cdr.format"].search([("code", "=", "generic")])
        made = shipped.copy(own)
        folder = env["voip.intake.folder"].create(
            {"name": "Files", "switch_id": switch.id}
        )
        file = env["voip.intake.file"].sudo().create(
            {
                "name": "calls.csv",
                "folder_id": folder.id,
                "switch_id": switch.id,
                "company_id": env.company.id,
            }
        )
        return {
            "voip.cdr.format": made,
            "voip.cdr.format.field": made.field_ids[0],
            "voip.intake.folder": folder,
            "voip.intake.file": file.sudo(False),
        }

    @classmethod
    def _import_records(cls, env, deck):
        """A previewed sheet of a supplier that costs more than is asked for."""
        sheet = env["voip.rate.import"].create(
            {
                "deck_id": deck.id,
                "file": base64.b64encode(b"Code,Price\n44,0.5\n"),
                "file_name": "sheet.csv",
            }
        )
        sheet.action_preview()
        found = [("import_id", "=", sheet.id)]
        return {
            "voip.rate.import": sheet,
            "voip.rate.import.column": sheet.column_ids[0],
            "voip.rate.import.map": env["voip.rate.import.map"].search(
                [("deck_id", "=", deck.id)]
            ),
            "voip.rate.import.row": env["voip.rate.import.row"].search(found),
            "voip.rate.import.sale": env["voip.rate.import.sale"].search(found),
        }

    @classmethod
    def _notice_records(cls, env, partner, deck):
        """An agreement and its first notice, which waits to be approved."""
        agreement = env["voip.rate.agreement"].create(
            {
                "partner_id": partner.id,
                "deck_ids": [(6, 0, deck.ids)],
                "days_increased": 0,
                "tz": "UTC",
            }
        )
        notice = agreement._make_notices()
        return {
            "voip.rate.agreement": agreement,
            "voip.rate.notice": notice,
            "voip.rate.notice.row": notice.row_ids,
        }

    def _as(self, role):
        """The environment of a user, with nothing in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env(user=self.users[role], context={})

    def _count_foreign(self):
        """Records of the other company in each model."""
        self.env.flush_all()
        found = [("company_id", "=", self.other.id)]
        return {
            name: self.env[name].sudo().with_context(active_test=False)
            .search_count(found)
            for name in (*CHANGES, "voip.usage", "voip.audit")
        }
