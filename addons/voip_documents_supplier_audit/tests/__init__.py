from odoo.addons.voip_billing_base.tests import frozen  # noqa: F401  isort: skip

from . import (
    test_dispute_mail,
    test_golden,
    test_languages,
    test_security,
    test_supplier_documents,
)
