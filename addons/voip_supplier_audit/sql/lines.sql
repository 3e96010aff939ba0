-- What was decided stays: of a decided invoice no line comes, goes or changes.
CREATE OR REPLACE FUNCTION voip_supplier_line_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    line voip_supplier_invoice_line := CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END;
BEGIN
    IF EXISTS (SELECT FROM voip_supplier_invoice
                WHERE id = line.invoice_id AND state NOT IN ('imported', 'reconciled'))
       AND (TG_OP <> 'UPDATE' OR ROW(
            OLD.invoice_id, OLD.kind, OLD.prefix, OLD.name, OLD.day, OLD.rate,
            OLD.calls, OLD.minutes, OLD.amount, OLD.ours_amount, OLD.decision,
            OLD.disputed_amount, OLD.reason)
            IS DISTINCT FROM ROW(
            NEW.invoice_id, NEW.kind, NEW.prefix, NEW.name, NEW.day, NEW.rate,
            NEW.calls, NEW.minutes, NEW.amount, NEW.ours_amount, NEW.decision,
            NEW.disputed_amount, NEW.reason)) THEN
        RAISE EXCEPTION 'lines of a decided invoice are kept: % refused', TG_OP
              USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER voip_supplier_line_keep
    BEFORE INSERT OR UPDATE OR DELETE ON voip_supplier_invoice_line
    FOR EACH ROW EXECUTE FUNCTION voip_supplier_line_keep();
