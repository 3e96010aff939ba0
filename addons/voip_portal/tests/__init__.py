from . import (
    test_axe,
    test_calls_rates,
    test_contacts,
    test_crawl,
    test_invoices_page,
    test_keys,
    test_pages,
    test_resale,
    test_resold,
    test_subaccounts,
    test_technical,
    test_topup_page,
)
