-- What was recorded is not changed: the ledger, badges, what closed seasons published, and what evidence once was.
-- Of a revision the content alone may change, so that a person can be erased.

CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers
BEGIN
    SELECT RAISE(ABORT, 'transfers is append-only');
END;

CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers
BEGIN
    SELECT RAISE(ABORT, 'transfers is append-only');
END;

CREATE TRIGGER badge_events_no_update BEFORE UPDATE ON badge_events
BEGIN
    SELECT RAISE(ABORT, 'badge_events is append-only');
END;

CREATE TRIGGER badge_events_no_delete BEFORE DELETE ON badge_events
BEGIN
    SELECT RAISE(ABORT, 'badge_events is append-only');
END;

CREATE TRIGGER season_statements_no_update BEFORE UPDATE ON season_statements
BEGIN
    SELECT RAISE(ABORT, 'season_statements is append-only');
END;

CREATE TRIGGER season_statements_no_delete BEFORE DELETE ON season_statements
BEGIN
    SELECT RAISE(ABORT, 'season_statements is append-only');
END;

CREATE TRIGGER frozen_boards_no_update BEFORE UPDATE ON frozen_boards
BEGIN
    SELECT RAISE(ABORT, 'frozen_boards is append-only');
END;

CREATE TRIGGER frozen_boards_no_delete BEFORE DELETE ON frozen_boards
BEGIN
    SELECT RAISE(ABORT, 'frozen_boards is append-only');
END;

CREATE TRIGGER signal_revisions_no_update BEFORE UPDATE OF signal, sequence, version, status, received_at, delivered_by
ON signal_revisions
BEGIN
    SELECT RAISE(ABORT, 'signal_revisions is append-only');
END;

CREATE TRIGGER signal_revisions_no_delete BEFORE DELETE ON signal_revisions
BEGIN
    SELECT RAISE(ABORT, 'signal_revisions is append-only');
END;

-- A reversal takes back one transfer, whole, and is not taken back itself.
CREATE TRIGGER transfers_reversal_mirrors AFTER INSERT ON transfers
WHEN NEW.reverses IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM transfers
    WHERE id = NEW.reverses AND kind <> 'reversal'
        AND payer = NEW.payee AND payee = NEW.payer AND amount = NEW.amount
)
BEGIN
    SELECT RAISE(ABORT, 'a reversal is the opposite of what it reverses');
END;
