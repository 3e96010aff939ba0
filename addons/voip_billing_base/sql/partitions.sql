-- Monthly partitions of the append-only volume tables (usage, call records).
CREATE OR REPLACE FUNCTION voip_ensure_partition(parent text, month date)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    child text := parent || '_' || to_char(first, 'YYYYMM');
BEGIN
    IF to_regclass(child) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('voip_ensure_partition'));
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
        child, parent, first, (first + interval '1 month')::date);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER voip_no_truncate BEFORE TRUNCATE ON %I
         FOR EACH STATEMENT EXECUTE FUNCTION voip_refuse_change()', child);
    RETURN true;
END $$;
