-- Indexes of rated usage. Look-ups by id, batch and record find their pages by ranges:
-- rows are written in the order of these numbers.
CREATE SEQUENCE IF NOT EXISTS voip_usage_row_block_seq INCREMENT BY 100;
CREATE INDEX IF NOT EXISTS voip_usage_row_account_idx
    ON voip_usage_row (account_id, started_at);
CREATE INDEX IF NOT EXISTS voip_usage_row_range_idx
    ON voip_usage_row USING brin (id, started_at, batch_id, source_id)
    WITH (pages_per_range = 128, autosummarize = on);
