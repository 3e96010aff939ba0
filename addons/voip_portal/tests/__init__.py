from . import test_calls_rates, test_pages, test_topup_page
