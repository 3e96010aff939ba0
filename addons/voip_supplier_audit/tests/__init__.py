from odoo.addons.voip_billing_base.tests import frozen
from . import test_dispute
from . import test_margin_price
from . import test_margin_watch
from . import test_security
