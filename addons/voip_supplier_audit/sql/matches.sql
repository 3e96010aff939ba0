-- Which record of a supplier is which of our rated calls, and what is different: a row
-- per record of theirs (usage_id null: we have none), and per call of ours that they
-- lack (record_id null). Classes and ways are positions in the engine's tables.
CREATE TABLE IF NOT EXISTS voip_supplier_match_row (
    invoice_id integer NOT NULL REFERENCES voip_supplier_invoice ON DELETE CASCADE,
    record_id bigint,
    usage_id bigint,
    class smallint NOT NULL,
    way smallint NOT NULL,
    ambiguous boolean NOT NULL,
    amount numeric NOT NULL
);
CREATE INDEX IF NOT EXISTS voip_supplier_match_row_idx
    ON voip_supplier_match_row (invoice_id, class);
