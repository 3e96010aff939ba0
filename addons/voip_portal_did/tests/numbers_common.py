"""Free numbers, a plan that is offered, and a customer who logs in."""

import re

from odoo.addons.voip_portal.tests.portal_common import PortalCommon


class PortalNumbersCommon(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.tz = "UTC"
        cls.germany = cls.env.ref("base.de")
        cls.supplier = cls.env["res.partner"].create({"name": "Canary Carrier"})
        cls.plan = cls.env["voip.did.plan"].create(
            {
                "name": "Standard",
                "code": "standard",
                "is_default": True,
                "is_offered": True,
                "prorate": "whole",
                "price_ids": [
                    (0, 0, {**price, "effective_from": "2020-01-01"})
                    for price in (
                        {"fee": "setup", "price": 2.0},
                        {
                            "fee": "monthly",
                            "price": 3.5,
                            "country_id": cls.germany.id,
                        },
                    )
                ],
            }
        )
        cls.free = cls._did("4930555001")

    @classmethod
    def _did(cls, number, **values):
        return cls.env["voip.did"].create(
            {
                "number": number,
                "country_id": cls.germany.id,
                "supplier_id": cls.supplier.id,
                "cost_monthly": 777.77,
                **values,
            }
        )

    def _post(self, path, **form):
        """Send a form of the page, with its token."""
        page = self._get("?account=auto-1").text
        token = re.search(r'csrf_token: "([^"]+)"', page)[1]
        return self._get(path, data={"csrf_token": token, **form})

    def _of(self, did):
        """The assignments of a number."""
        return self.env["voip.did.assignment"].search([("did_id", "=", did.id)])
