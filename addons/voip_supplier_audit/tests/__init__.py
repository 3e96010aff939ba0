from odoo.addons.voip_billing_base.tests import frozen  # noqa: F401  isort: skip

from . import (
    test_agreement,
    test_correction,
    test_costs,
    test_decide,
    test_dispute,
    test_engine_diagnose,
    test_engine_pair,
    test_engine_summary,
    test_explain,
    test_figures,
    test_load,
    test_margin_price,
    test_margin_watch,
    test_reconcile,
    test_records,
    test_records_file,
    test_score,
    test_security,
    test_sheet,
    test_window,
)
