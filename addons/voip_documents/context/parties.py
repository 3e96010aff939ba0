"""Who sends a document, and who gets it."""

import re

from ..engine.shape import DEFAULT_COLOR
from .logo import logo_url

COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def company_data(company):
    """``company`` of the data."""
    color = company.primary_color or ""
    # The web client asks for the size of files in their place.
    logo = company.with_context(bin_size=False).logo
    return {
        "name": company.name,
        "address": address_of(company.partner_id),
        "vat": company.vat or "",
        "registry": company.company_registry or "",
        "email": company.email or "",
        "phone": company.phone or "",
        "website": company.website or "",
        "logo": "" if company.uses_default_logo else logo_url(logo),
        "color": color if COLOR.fullmatch(color) else DEFAULT_COLOR,
    }


def customer_data(partner):
    """``customer`` of the data: the company behind ``partner``, at its address."""
    company = partner.commercial_partner_id
    return {
        "name": company.name or "",
        "contact": partner.name if partner != company and partner.name else "",
        "address": address_of(partner),
        "vat": company.vat or "",
        "reference": company.ref or "",
    }


def account_data(account):
    """``account`` of the data; empty texts of none."""
    return {"code": account.code or "", "name": account.name or ""}


def address_of(partner):
    text = partner._display_address(without_company=True)
    return [line.strip() for line in text.splitlines() if line.strip()]
