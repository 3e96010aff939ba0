"""Tasks for the tests of the engine: no Odoo, real worker processes."""

from odoo.tests import BaseCase

from ..engine import exact
from ..engine.faults import Fault
from ..engine.pool import Pool

MADE = "2026-01-31T00:00:00Z"
ENGINES = ("plutoprint", "weasyprint")


class EngineCase(BaseCase):
    """One pool for the tests of a class, closed after them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = Pool(size=2, deadline=20)
        cls.addClassCleanup(cls.pool.close)

    def _pdf(self, body, engine="plutoprint", pool=None, **data):
        task = {"format": "pdf", "engine": engine, "body": body, "title": "T"}
        data = {"format": exact.PLAIN, **data}
        return (pool or self.pool).perform({**task, "data": data, "made_at": MADE})

    def _fault(self, body, engine="plutoprint", **data):
        """The fault that ``body`` is refused with."""
        with self.assertRaises(Fault) as refused:
            self._pdf(body, engine, **data)
        return refused.exception
