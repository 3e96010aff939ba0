-- Rated usage: one row per rated event, append-only, one partition per month.
CREATE SEQUENCE IF NOT EXISTS voip_usage_row_block_seq INCREMENT BY 100;
CREATE TABLE IF NOT EXISTS voip_usage_row (
    id bigint NOT NULL,
    started_at timestamp NOT NULL,
    company_id integer NOT NULL,
    account_id integer NOT NULL,
    payer_id integer NOT NULL,
    service_id integer NOT NULL,
    summary_id integer NOT NULL,
    batch_id integer,
    source_id bigint,
    source_ref text,
    kind text NOT NULL CHECK (kind IN ('rated', 'zero', 'reversal')),
    sign smallint NOT NULL CHECK (sign IN (1, -1)),
    local_day date NOT NULL,
    late boolean NOT NULL DEFAULT false,
    direction text,
    caller text,
    called text,
    trunk_id integer,
    destination_id integer,
    label text,
    prefix text,
    answered boolean NOT NULL DEFAULT true,
    duration_ms integer NOT NULL DEFAULT 0 CHECK (duration_ms BETWEEN 0 AND 360000000),
    billed_seconds integer NOT NULL DEFAULT 0 CHECK (billed_seconds BETWEEN 0 AND 400000),
    units integer NOT NULL DEFAULT 1 CHECK (units BETWEEN 0 AND 2000000000),
    rate_id integer,
    unit_price numeric(18, 8) NOT NULL CHECK (unit_price BETWEEN 0 AND 1000000000),
    connect_fee numeric(18, 8) NOT NULL DEFAULT 0 CHECK (connect_fee BETWEEN 0 AND 1000000000),
    initial_increment integer,
    next_increment integer,
    jurisdiction text,
    currency_id integer NOT NULL,
    amount numeric(24, 8) NOT NULL CHECK (amount BETWEEN -1000000000000000 AND 1000000000000000),
    deck_currency_id integer,
    deck_amount numeric(24, 8) CHECK (deck_amount BETWEEN -1000000000000000 AND 1000000000000000),
    exchange_rate numeric(24, 12) CHECK (exchange_rate BETWEEN 0 AND 1000000000),
    amount_company numeric(24, 8) NOT NULL
        CHECK (amount_company BETWEEN -1000000000000000 AND 1000000000000000),
    supplier_id integer,
    supplier_trunk_id integer,
    cost_rate_id integer,
    cost_prefix text,
    cost_price numeric(18, 8) CHECK (cost_price BETWEEN 0 AND 1000000000),
    cost_billed_seconds integer CHECK (cost_billed_seconds BETWEEN 0 AND 400000),
    cost_currency_id integer,
    cost_amount numeric(24, 8) CHECK (cost_amount BETWEEN -1000000000000000 AND 1000000000000000),
    cost_exchange_rate numeric(24, 12) CHECK (cost_exchange_rate BETWEEN 0 AND 1000000000),
    cost numeric(24, 8) NOT NULL DEFAULT 0 CHECK (cost BETWEEN -1000000000000000 AND 1000000000000000),
    reversal_of bigint,
    PRIMARY KEY (id, started_at)
) PARTITION BY RANGE (started_at);
CREATE INDEX IF NOT EXISTS voip_usage_row_account_idx
    ON voip_usage_row (account_id, started_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS voip_usage_row_started_idx
    ON voip_usage_row (started_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS voip_usage_row_summary_idx ON voip_usage_row (summary_id);
CREATE INDEX IF NOT EXISTS voip_usage_row_batch_idx ON voip_usage_row (batch_id);
