-- Call records as the switches sent them: append-only, one partition per month. Columns
-- stand the widest first, so that no byte is lost to alignment; leg a and direction
-- outbound are null. The batch names the switch.
CREATE SEQUENCE IF NOT EXISTS voip_cdr_row_block_seq INCREMENT BY 100;
CREATE TABLE IF NOT EXISTS voip_cdr_row (
    id bigint NOT NULL,
    start timestamp NOT NULL,
    answer timestamp,
    "end" timestamp,
    company_id integer NOT NULL,
    batch_id integer NOT NULL,
    position integer NOT NULL,
    duration_ms integer NOT NULL CHECK (duration_ms BETWEEN 0 AND 360000000),
    pdd_ms integer CHECK (pdd_ms BETWEEN 0 AND 3600000),
    sip_code smallint CHECK (sip_code BETWEEN 0 AND 999),
    answered boolean NOT NULL,
    call_id text NOT NULL,
    called text NOT NULL,
    caller text,
    trunk text,
    supplier_trunk text,
    hangup_cause text,
    mos numeric(5, 3) CHECK (mos BETWEEN 0 AND 5),
    packet_loss numeric(9, 4) CHECK (packet_loss BETWEEN 0 AND 100),
    jitter_ms numeric(12, 3) CHECK (jitter_ms BETWEEN 0 AND 1000000),
    leg text,
    direction text CHECK (direction IN ('outbound', 'inbound')),
    account text,
    jurisdiction text,
    lrn text,
    attempts jsonb,
    metadata jsonb
) PARTITION BY RANGE (start);
CREATE INDEX IF NOT EXISTS voip_cdr_row_id_idx ON voip_cdr_row (id);
CREATE INDEX IF NOT EXISTS voip_cdr_row_range_idx
    ON voip_cdr_row USING brin (start, batch_id)
    WITH (pages_per_range = 128, autosummarize = on);
-- One row per call leg accepted, in the month of its start: what is written are this
-- month's pages, and an old month goes to an archive with its keys.
CREATE TABLE IF NOT EXISTS voip_cdr_key (
    key bigint NOT NULL,
    cdr_id bigint NOT NULL,
    month date NOT NULL,
    mark integer NOT NULL,
    switch_id integer NOT NULL
) PARTITION BY RANGE (month);
-- 64 bits: the first half from the call id alone, so that a call is found by it; the
-- second tells the legs of one call id apart. A key is of its switch: nobody can choose
-- a leg that clashes with the calls of another.
CREATE OR REPLACE FUNCTION voip_cdr_key_of(call_id text, switch_id integer, leg text)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || left(md5(call_id), 16))::bit(64)::bigint
           # ('x' || left(md5(switch_id::text || E'\x1f' || leg), 8))::bit(32)::bigint
$$;
CREATE TABLE IF NOT EXISTS voip_cdr_progress (
    batch_id integer PRIMARY KEY,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0
);
