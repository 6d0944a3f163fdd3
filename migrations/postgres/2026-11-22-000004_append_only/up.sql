-- What was recorded is not changed: the ledger, badges, what closed seasons published, and what evidence once was.
-- Of a revision the content alone may change, so that a person can be erased.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_no_truncate BEFORE TRUNCATE ON transfers EXECUTE FUNCTION refuse_change();

CREATE TRIGGER badge_events_no_update BEFORE UPDATE ON badge_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER badge_events_no_delete BEFORE DELETE ON badge_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER badge_events_no_truncate BEFORE TRUNCATE ON badge_events EXECUTE FUNCTION refuse_change();

CREATE TRIGGER season_statements_no_update BEFORE UPDATE ON season_statements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER season_statements_no_delete BEFORE DELETE ON season_statements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER season_statements_no_truncate BEFORE TRUNCATE ON season_statements EXECUTE FUNCTION refuse_change();

CREATE TRIGGER frozen_boards_no_update BEFORE UPDATE ON frozen_boards FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen_boards_no_delete BEFORE DELETE ON frozen_boards FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen_boards_no_truncate BEFORE TRUNCATE ON frozen_boards EXECUTE FUNCTION refuse_change();

CREATE TRIGGER signal_revisions_no_update BEFORE UPDATE OF signal, sequence, version, status, received_at, delivered_by
ON signal_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signal_revisions_no_delete BEFORE DELETE ON signal_revisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signal_revisions_no_truncate BEFORE TRUNCATE ON signal_revisions EXECUTE FUNCTION refuse_change();

-- A reversal takes back one transfer, whole, and is not taken back itself.
CREATE FUNCTION check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM transfers
        WHERE id = NEW.reverses AND kind <> 'reversal'
            AND payer = NEW.payee AND payee = NEW.payer AND amount = NEW.amount
    ) THEN
        RAISE EXCEPTION 'a reversal is the opposite of what it reverses' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER transfers_reversal_mirrors AFTER INSERT ON transfers FOR EACH ROW
WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION check_reversal();
