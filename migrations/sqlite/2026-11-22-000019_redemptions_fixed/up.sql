-- What a redemption was requested as stays; it is paid for once and given back once, whole; what has ended has ended.

CREATE TRIGGER redemptions_fixed BEFORE UPDATE ON redemptions
WHEN NEW.id IS NOT OLD.id OR NEW.sequence IS NOT OLD.sequence OR NEW.receiver IS NOT OLD.receiver
    OR NEW.reward IS NOT OLD.reward OR NEW.due IS NOT OLD.due OR NEW.cost IS NOT OLD.cost
    OR NEW.transfer IS NOT OLD.transfer OR (OLD.refund IS NOT NULL AND NEW.refund IS NOT OLD.refund)
BEGIN
    SELECT RAISE(ABORT, 'what a redemption was requested as is fixed');
END;

CREATE TRIGGER redemptions_final BEFORE UPDATE ON redemptions
WHEN OLD.state IN ('fulfilled', 'rejected', 'cancelled', 'expired') AND NEW.state <> OLD.state
BEGIN
    SELECT RAISE(ABORT, 'a redemption that has ended does not go on');
END;

CREATE TRIGGER redemptions_no_delete BEFORE DELETE ON redemptions
BEGIN
    SELECT RAISE(ABORT, 'redemptions are not deleted');
END;

CREATE TRIGGER redemptions_paid AFTER INSERT ON redemptions
WHEN NEW.transfer IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM transfers
    WHERE id = NEW.transfer AND kind = 'redemption' AND amount = NEW.cost
        AND payer = 'wallet:' || NEW.receiver AND payee = 'reward:' || NEW.reward
)
BEGIN
    SELECT RAISE(ABORT, 'a redemption is paid for with its cost, by its receiver');
END;

CREATE TRIGGER redemptions_refund_mirrors AFTER UPDATE ON redemptions
WHEN NEW.refund IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM transfers
    WHERE id = NEW.refund AND kind = 'refund' AND amount = NEW.cost
        AND payer = 'reward:' || NEW.reward AND payee = 'wallet:' || NEW.receiver
)
BEGIN
    SELECT RAISE(ABORT, 'a refund is the opposite of what was paid');
END;

CREATE TRIGGER redemptions_begin_without_refund BEFORE INSERT ON redemptions
WHEN NEW.refund IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a redemption does not begin with a refund');
END;
