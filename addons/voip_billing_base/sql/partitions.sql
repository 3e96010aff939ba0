-- Monthly partitions of the volume tables. What is unique is so within its month. A
-- partition is made apart and attached, which waits for no reader or writer of the
-- parent: a batch that meets a new month holds locks on the parent itself.
DROP FUNCTION IF EXISTS voip_ensure_partition(text, date);
DROP FUNCTION IF EXISTS voip_ensure_partition(text, date, text);
CREATE OR REPLACE FUNCTION voip_ensure_partition(
    parent text, month date, unique_columns text[] DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    child text := parent || '_' || to_char(first, 'YYYYMM');
BEGIN
    IF to_regclass(child) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('voip_ensure_partition'));
    -- Names are cached, and a lock like this refreshes no cache; a query sees.
    IF EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = parent::regclass AND c.relname = child) THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS
                          INCLUDING STORAGE)', child, parent);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER voip_no_truncate BEFORE TRUNCATE ON %I
         FOR EACH STATEMENT EXECUTE FUNCTION voip_refuse_change()', child);
    IF unique_columns IS NOT NULL THEN
        EXECUTE format(
            'CREATE UNIQUE INDEX IF NOT EXISTS %I ON %I (%s)', child || '_key', child,
            (SELECT string_agg(quote_ident(c), ', ' ORDER BY n)
               FROM unnest(unique_columns) WITH ORDINALITY x(c, n)));
    END IF;
    EXECUTE format(
        'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, child, first, (first + interval '1 month')::date);
    RETURN true;
END $$;
