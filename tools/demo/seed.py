"""Master data of the demo: companies with books, users, customers, trunks, decks."""

from odoo.exceptions import AccessError

TOP_UPS = {"ACME": 4000, "CASTOR": 9000}
IMMEDIATE = "account.account_payment_term_immediate"
ROLES = ("viewer", "user", "manager", "approver")
ADDRESSES = {
    "Meridian Voice Inc.": ("500 Howard Street", "94105", "San Francisco", "US"),
    "Thames Voice Ltd": ("20 Fenchurch Street", "EC3M 3BY", "London", "GB"),
    "Acme Contact Centre Ltd": ("1 Canada Square", "E14 5AB", "London", "GB"),
    "Bayou Logistics LLC": ("400 Poydras Street", "70130", "New Orleans", "US"),
    "Castor Telecom Pvt": ("12 Park Street", "700016", "Kolkata", "IN"),
    "Castor Nepal": ("5 Durbar Marg", "44600", "Kathmandu", "NP"),
    "Acme Ltd, London branch": ("30 St Mary Axe", "EC3A 8BF", "London", "GB"),
    "Northtel Carrier SA": ("Rue du Rhône 14", "1204", "Geneva", "CH"),
    "Orient Transit": ("1 Raffles Place", "048616", "Singapore", "SG"),
}
# Where customers pay: invoices and nettings ask for it.
BANKS = {
    "Meridian Voice Inc.": ("Golden Gate Commercial Bank", "0001 2345 6789"),
    "Thames Voice Ltd": ("Bank of the Estuary", "GB82 WEST 1234 5698 7654 32"),
}


def address(env, name):
    street, postcode, city, country = ADDRESSES[name]
    return {
        "name": name,
        "street": street,
        "zip": postcode,
        "city": city,
        "country_id": env["res.country"].search([("code", "=", country)]).id,
        "email": f"billing@{city.lower().replace(' ', '-')}.example.com",
    }


def company(env, world, first):
    """Return an environment of the world's company, which has a chart of accounts."""
    currency = env.ref(f"base.{world.currency}")
    currency.active = True
    if first:
        found = env.company
    else:
        found = env["res.company"].create(
            {"name": world.name, "currency_id": currency.id}
        )
    found.partner_id.write(address(env, world.name))
    found.name = world.name
    bank, number = BANKS[world.name]
    env["res.partner.bank"].create(
        {
            "partner_id": found.partner_id.id,
            "acc_number": number,
            "bank_id": env["res.bank"].create({"name": bank}).id,
        }
    )
    env["account.chart.template"].try_loading("generic_coa", found)
    found.currency_id = currency
    # Only this company is in sight, as for staff who works for one.
    return env(context=dict(env.context, allowed_company_ids=found.ids))


def exchange_rates(env, world, month):
    """Enter the week's exchange rates, as the reference has them."""
    days = world.exchange(month)
    env.ref("base.EUR").active = True
    env["res.currency.rate"].create(
        [
            {
                "name": day,
                "currency_id": env.ref(f"base.{currency}").id,
                "company_id": env.company.id,
                "rate": float(rate),
            }
            for day, rates in days.items()
            for currency, rate in rates.items()
        ]
    )
    return len(days)


def users(env, companies):
    """Users of every role in the first company, ``demo``, who may do all, and
    ``thames``, who works for the second one."""
    logins = {role: (role, companies[:1]) for role in ROLES}
    logins["demo"] = ("admin", companies)
    logins["thames"] = ("manager", companies[1:])
    # Lists have Odoo's Export for those who have its right.
    export = env.ref("base.group_allow_export")
    for login, (role, allowed) in logins.items():
        group = env.ref(f"voip_billing_base.group_voip_{role}") | export
        values = {
            "name": login.capitalize(),
            "login": login,
            "password": login,
            "company_id": allowed[0].id,
            "company_ids": [(6, 0, allowed.ids)],
            "group_ids": [(6, 0, group.ids)],
            "action_id": env.ref("voip_billing_base.voip_account_action").id,
        }
        model = env["res.users"].with_context(no_reset_password=True, active_test=False)
        if known := model.search([("login", "=", login)]):
            known.write({**values, "active": True})
        else:
            model.create(values)
    env.ref("base.user_admin").company_ids |= companies


def as_user(env, login):
    """The same environment as a user of that login, without superuser rights."""
    user = env["res.users"].search([("login", "=", login)])
    return env(user=user.id, su=False)


def decks(env, world, rates):
    """Create the decks, empty, and return {code: deck}."""
    made = {}
    for party in world.account_dicts() + world.supplier_dicts():
        sale, code = "account_code" in party, party["deck"]
        if code in made:
            continue
        currency = world.currency if sale else party["currency"]
        name = "A-Z sale deck" if sale else f"A-Z deck of {party['name']}"
        made[code] = env["voip.rate.deck"].create(
            {
                "name": name,
                "code": code,
                "side": "customer" if sale else "supplier",
                "tz": "UTC",
                "currency_id": env.ref(f"base.{currency}").id,
                "partner_id": False if sale else partner(env, party["name"]).id,
            }
        )
    assert made.keys() == rates.keys()
    return made


def partner(env, name):
    known = env["res.partner"].search([("name", "=", name)], limit=1)
    return known or env["res.partner"].create(
        {**address(env, name), "is_company": True}
    )


def accounts(env, world, made):
    """Create accounts with a customer trunk each; return {code: account}."""
    found = {}
    for row in world.account_dicts():
        payer = found.get(row["payer"], env["voip.account"])
        found[row["account_code"]] = account = env["voip.account"].create(
            {
                "name": row["name"],
                "code": row["account_code"],
                "partner_id": partner(env, row["name"]).id,
                "kind": row["kind"],
                "currency_id": env.ref(f"base.{row['currency']}").id,
                "tz": row["zone"],
                "parent_id": payer.id,
                "consolidated_billing": bool(payer),
                # A sub-account buys by the deck of its parent.
                "deck_id": False if payer else made[row["deck"]].id,
                "payment_term_id": env.ref(IMMEDIATE).id,
            }
        )
        trunk(env, row, side="customer", account_id=account.id)
    return found


def suppliers(env, world, made):
    """Create a supplier trunk for every supplier."""
    for row in world.supplier_dicts():
        owner = partner(env, row["name"])
        deck = made[row["deck"]]
        trunk(env, row, side="supplier", partner_id=owner.id, deck_id=deck.id)


def trunk(env, row, **values):
    env["voip.trunk"].create(
        {"name": row["trunk_code"], "code": row["trunk_code"], **values}
    )


def switch(env, world):
    name = f"Session border controller of {world.name}"
    env["voip.switch"].create({"name": name, "code": world.switch, "tz": "UTC"})


def top_up(env, account, amount):
    """Top an account up with the wizard, as a billing user does; return the payment."""
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    wizard = env["voip.topup.wizard"].create(
        {
            "account_id": account.id,
            "amount": amount,
            "journal_id": journal.id,
            "memo": f"Bank transfer {account.code}",
        }
    )
    wizard.action_topup()
    return wizard.payment_id


def approve_postpaid(env, account, limit):
    """Give credit as an approver; a billing user is refused first.

    :return: whether the billing user was refused
    """
    terms = {"mode": "postpaid", "credit_limit": limit}
    refused = False
    try:
        with env.cr.savepoint():
            account.with_env(as_user(env, "user")).write(terms)
    except AccessError:
        refused = True
    days = env.ref("account.account_payment_term_30days")
    account.with_env(as_user(env, "approver")).write(
        {**terms, "payment_term_id": days.id}
    )
    return refused
