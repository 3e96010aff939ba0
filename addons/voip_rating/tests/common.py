from odoo.addons.voip_billing_base.tests.common import VoipBillingCommon


class VoipRatingCommon(VoipBillingCommon):
    """Factories of decks, trunks and switches; codes count up."""

    _codes = iter(range(1, 1_000_000))

    @classmethod
    def _create_deck(cls, rates=(), **values):
        """Create a deck; ``rates`` are rows as ``load`` takes them."""
        code = f"deck-{next(cls._codes)}"
        deck = cls.env["voip.rate.deck"].create(
            {
                "name": code,
                "code": code,
                "tz": "UTC",
                "currency_id": cls.env.company.currency_id.id,
                **values,
            }
        )
        if rates:
            result = deck._load([{"price_per_minute": "0.01", **row} for row in rates])
            assert result["applied"], result["errors"]
        return deck

    @classmethod
    def _create_trunk(cls, account=None, **values):
        """Create a customer trunk of ``account``, or what ``values`` say."""
        code = f"trunk-{next(cls._codes)}"
        return cls.env["voip.trunk"].create(
            {
                "name": code,
                "code": code,
                "side": "customer",
                "account_id": account.id if account else False,
                **values,
            }
        )

    @classmethod
    def _create_supplier_trunk(cls, deck, **values):
        partner = deck.partner_id or cls.env["res.partner"].create({"name": "Carrier"})
        return cls._create_trunk(
            **{
                "side": "supplier",
                "deck_id": deck.id,
                "partner_id": partner.id,
                **values,
            }
        )

    @classmethod
    def _create_switch(cls, **values):
        code = f"switch-{next(cls._codes)}"
        return cls.env["voip.switch"].create({"name": code, "code": code, **values})
