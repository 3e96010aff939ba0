-- Call records as the switches sent them: append-only, one partition per month.
CREATE SEQUENCE IF NOT EXISTS voip_cdr_row_block_seq INCREMENT BY 100;
CREATE TABLE IF NOT EXISTS voip_cdr_row (
    id bigint NOT NULL,
    start timestamp NOT NULL,
    key uuid NOT NULL,
    company_id integer NOT NULL,
    switch_id integer NOT NULL,
    batch_id integer NOT NULL,
    position integer NOT NULL,
    call_id text NOT NULL,
    leg text NOT NULL,
    caller text,
    called text NOT NULL,
    answer timestamp,
    "end" timestamp,
    duration_ms integer NOT NULL CHECK (duration_ms BETWEEN 0 AND 360000000),
    answered boolean NOT NULL,
    trunk text,
    account text,
    supplier_trunk text,
    direction text NOT NULL CHECK (direction IN ('outbound', 'inbound')),
    jurisdiction text,
    lrn text,
    sip_code integer CHECK (sip_code BETWEEN 0 AND 999),
    hangup_cause text,
    pdd_ms integer CHECK (pdd_ms BETWEEN 0 AND 3600000),
    mos numeric(5, 3) CHECK (mos BETWEEN 0 AND 5),
    packet_loss numeric(9, 4) CHECK (packet_loss BETWEEN 0 AND 100),
    jitter_ms numeric(12, 3) CHECK (jitter_ms BETWEEN 0 AND 1000000),
    attempts jsonb,
    metadata jsonb,
    PRIMARY KEY (id, start)
) PARTITION BY RANGE (start);
CREATE INDEX IF NOT EXISTS voip_cdr_row_start_idx
    ON voip_cdr_row (start DESC, id DESC);
CREATE INDEX IF NOT EXISTS voip_cdr_row_batch_idx ON voip_cdr_row (batch_id);
-- One row per call leg ever accepted: a record is counted once, whatever its month.
CREATE TABLE IF NOT EXISTS voip_cdr_key (
    key uuid PRIMARY KEY,
    content uuid NOT NULL,
    cdr_id bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS voip_cdr_progress (
    batch_id integer PRIMARY KEY,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0
);
