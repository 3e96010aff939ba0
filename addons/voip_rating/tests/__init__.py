from . import (
    test_amounts,
    test_answer,
    test_answer_doors,
    test_attempt_fee,
    test_batch_counts,
    test_batch_group,
    test_calls_read,
    test_calls_column,
    test_engine_deck,
    test_engine_fees,
    test_engine_money,
    test_engine_national,
    test_engine_numbers,
    test_engine_poison,
    test_engine_rate,
    test_engine_seconds,
    test_engine_times,
)
from . import test_batch_job, test_billing, test_billing_conflict, test_ingest
from . import test_error_corrected
from . import test_intake_failed
from . import test_intake_folder, test_intake_plain, test_intake_sftp
from . import test_billing_late, test_billing_settle, test_check, test_run_job
from . import test_branch, test_invoice_total, test_invoice_typed
from . import (
    test_codes,
    test_damaged_file,
    test_deck_load,
    test_deck_cache,
    test_deck_generator,
    test_generator_job,
    test_deck_rules,
    test_deck_timeline,
    test_destinations,
    test_door_away,
    test_door_http,
    test_door_limits,
    test_door_poison,
    test_door_records,
    test_quote,
    test_rate_comparison,
    test_rate_doors,
    test_rate_export,
    test_rate_import,
    test_rate_sheet_closing,
    test_rate_sheet_import,
    test_rate_sheet_job,
    test_rate_sheet_mail,
    test_rate_sheet_reading,
    test_rate_sheet_damages,
    test_rate_sheet_undo,
    test_rate_sheet_workbooks,
    test_rate_terms,
    test_rate_versions,
    test_rating_forms,
    test_rating_matrix,
    test_rating_matrix_doors,
    test_registry,
    test_screens,
    test_seal,
    test_service_charges,
    test_service_charges_mutated,
    test_sheet_cells,
    test_switch_key,
    test_switch_methods,
    test_tamper,
    test_tamper_sheets,
    test_out_of_bounds,
    test_overrides,
    test_parties,
    test_posts,
    test_tour,
    test_trunk,
    test_undo,
    test_unreadable_file,
    test_upgrade,
    test_upgrade_markup,
    test_upgrade_terms,
    test_upload,
    test_usage_document,
    test_volume,
)
from . import test_compare, test_credit, test_credit_approval, test_credit_note
from . import test_credit_again, test_credit_beside, test_credit_taxes
from . import test_credit_variants
from . import test_envelope
from . import test_formats_beside
from . import test_format_doors, test_format_ways, test_formats, test_formats_damaged
from . import test_formats_mutated
from . import test_formats_uniform
from . import test_tax_renewal
from . import test_notice, test_notice_early, test_notice_fees, test_notice_files
from . import test_notice_terms
from . import test_method_ids
from . import test_notice_agreed, test_notice_sequence
from . import test_notice_delivery, test_notice_proof
from . import test_generator_change, test_generator_property
