from . import test_pages, test_topup_page
