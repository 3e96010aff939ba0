-- Usage events as their senders said them and what became of each, and what they were
-- charged: a partition for each month in which they occurred. Columns stand the widest
-- first, so that no byte is lost to alignment.
CREATE SEQUENCE IF NOT EXISTS voip_usage_event_row_id_seq;
CREATE TABLE IF NOT EXISTS voip_usage_event_row (
    id bigint NOT NULL DEFAULT nextval('voip_usage_event_row_id_seq'),
    occurred_at timestamp NOT NULL,
    received_at timestamp NOT NULL,
    units bigint NOT NULL CHECK (units BETWEEN 0 AND 1000000000),
    create_date timestamp,
    write_date timestamp,
    company_id integer NOT NULL,
    account_id integer,
    type_id integer,
    local_day date,
    create_uid integer,
    write_uid integer,
    is_priced boolean,
    state text NOT NULL
        CHECK (state IN ('waiting', 'counted', 'error', 'dismissed')),
    error text,
    note text,
    source text NOT NULL,
    event_ref text NOT NULL,
    account_code text NOT NULL,
    type_code text NOT NULL,
    digest text NOT NULL,
    metadata jsonb,
    PRIMARY KEY (id, occurred_at),
    CHECK ((state IN ('error', 'dismissed')) = (error IS NOT NULL)),
    CHECK ((state = 'counted') = (account_id IS NOT NULL AND type_id IS NOT NULL
                                  AND local_day IS NOT NULL))
) PARTITION BY RANGE (occurred_at);
CREATE INDEX IF NOT EXISTS voip_usage_event_row_waiting_idx
    ON voip_usage_event_row (company_id, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS voip_usage_event_row_error_idx
    ON voip_usage_event_row (company_id, id) WHERE state IN ('error', 'dismissed');
CREATE INDEX IF NOT EXISTS voip_usage_event_row_account_idx
    ON voip_usage_event_row (account_id, local_day);
-- One row for each event that was accepted, of all months: sent again with another time
-- it is the same event.
CREATE TABLE IF NOT EXISTS voip_usage_event_key (
    key uuid NOT NULL PRIMARY KEY,
    event_id bigint NOT NULL,
    occurred_at timestamp NOT NULL
);
CREATE OR REPLACE FUNCTION voip_usage_event_key_of(
    company_id integer, source text, event_ref text)
RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT md5(company_id::text || E'\x1f' || source || E'\x1f' || event_ref)::uuid
$$;
CREATE SEQUENCE IF NOT EXISTS voip_usage_event_charge_row_id_seq;
CREATE TABLE IF NOT EXISTS voip_usage_event_charge_row (
    id bigint NOT NULL DEFAULT nextval('voip_usage_event_charge_row_id_seq'),
    event_id bigint NOT NULL,
    started_at timestamp NOT NULL,
    start bigint NOT NULL,
    units bigint NOT NULL,
    base bigint NOT NULL,
    usage_id bigint NOT NULL,
    reversal_of bigint,
    company_id integer NOT NULL,
    account_id integer NOT NULL,
    price_id integer NOT NULL,
    local_day date NOT NULL,
    per integer NOT NULL,
    currency_id integer NOT NULL,
    summary_id integer NOT NULL,
    cost_price_id integer,
    cost_carrier_fee_id integer,
    cost_surcharge_id integer,
    part text NOT NULL,
    word text,
    unit_price numeric NOT NULL CHECK (unit_price BETWEEN 0 AND 1000000),
    amount numeric NOT NULL
        CHECK (amount BETWEEN -1000000000000000 AND 1000000000000000),
    cost numeric NOT NULL CHECK (cost BETWEEN -1000000000000000 AND 1000000000000000),
    PRIMARY KEY (id, started_at)
) PARTITION BY RANGE (started_at);
CREATE INDEX IF NOT EXISTS voip_usage_event_charge_row_event_idx
    ON voip_usage_event_charge_row (event_id);
CREATE INDEX IF NOT EXISTS voip_usage_event_charge_row_summary_idx
    ON voip_usage_event_charge_row (summary_id);
CREATE INDEX IF NOT EXISTS voip_usage_event_charge_row_price_idx
    ON voip_usage_event_charge_row (price_id, account_id, local_day);
CREATE INDEX IF NOT EXISTS voip_usage_event_charge_row_cost_price_idx
    ON voip_usage_event_charge_row (cost_price_id, account_id, local_day)
    WHERE cost_price_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS voip_usage_event_charge_row_cost_fee_idx
    ON voip_usage_event_charge_row (cost_carrier_fee_id, account_id, local_day)
    WHERE cost_carrier_fee_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS voip_usage_event_charge_row_cost_surcharge_idx
    ON voip_usage_event_charge_row (cost_surcharge_id, account_id, local_day)
    WHERE cost_surcharge_id IS NOT NULL;
-- A charge is taken back once; what takes it back is of its moment.
CREATE UNIQUE INDEX IF NOT EXISTS voip_usage_event_charge_row_back_idx
    ON voip_usage_event_charge_row (reversal_of, started_at)
    WHERE reversal_of IS NOT NULL;
