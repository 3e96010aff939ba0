from . import (
    test_calls_rates,
    test_contacts,
    test_crawl,
    test_invoices_page,
    test_pages,
    test_subaccounts,
    test_technical,
    test_topup_page,
)
