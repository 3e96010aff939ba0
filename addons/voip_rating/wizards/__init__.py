from . import (
    base_import_import,
    voip_cdr_format_test,
    voip_cdr_upload,
    voip_credit_wizard,
    voip_rate_comparison,
    voip_rate_comparison_line,
    voip_rate_export,
    voip_rate_proof,
    voip_rate_quote,
    voip_switch_key,
    voip_trunk_try,
)
