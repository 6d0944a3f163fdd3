-- What a redemption was requested as stays; it is paid for once and given back once, whole; what has ended has ended.

CREATE FUNCTION refuse_redemption() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this may not become of a redemption (%)', TG_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER redemptions_fixed BEFORE UPDATE ON redemptions FOR EACH ROW
WHEN (
    NEW.id IS DISTINCT FROM OLD.id OR NEW.sequence IS DISTINCT FROM OLD.sequence
    OR NEW.receiver IS DISTINCT FROM OLD.receiver OR NEW.reward IS DISTINCT FROM OLD.reward
    OR NEW.due IS DISTINCT FROM OLD.due OR NEW.cost IS DISTINCT FROM OLD.cost
    OR NEW.transfer IS DISTINCT FROM OLD.transfer
    OR (OLD.refund IS NOT NULL AND NEW.refund IS DISTINCT FROM OLD.refund)
)
EXECUTE FUNCTION refuse_redemption();

CREATE TRIGGER redemptions_final BEFORE UPDATE ON redemptions FOR EACH ROW
WHEN (OLD.state IN ('fulfilled', 'rejected', 'cancelled', 'expired') AND NEW.state <> OLD.state)
EXECUTE FUNCTION refuse_redemption();

CREATE TRIGGER redemptions_no_delete BEFORE DELETE ON redemptions FOR EACH ROW EXECUTE FUNCTION refuse_redemption();
CREATE TRIGGER redemptions_no_truncate BEFORE TRUNCATE ON redemptions EXECUTE FUNCTION refuse_redemption();

CREATE FUNCTION check_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM transfers
        WHERE id = NEW.transfer AND kind = 'redemption' AND amount = NEW.cost
            AND payer = 'wallet:' || NEW.receiver AND payee = 'reward:' || NEW.reward
    ) THEN
        RAISE EXCEPTION 'a redemption is paid for with its cost, by its receiver' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER redemptions_paid AFTER INSERT ON redemptions FOR EACH ROW
WHEN (NEW.transfer IS NOT NULL) EXECUTE FUNCTION check_payment();

CREATE FUNCTION check_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM transfers
        WHERE id = NEW.refund AND kind = 'refund' AND amount = NEW.cost
            AND payer = 'reward:' || NEW.reward AND payee = 'wallet:' || NEW.receiver
    ) THEN
        RAISE EXCEPTION 'a refund is the opposite of what was paid' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER redemptions_refund_mirrors AFTER UPDATE ON redemptions FOR EACH ROW
WHEN (NEW.refund IS NOT NULL) EXECUTE FUNCTION check_refund();

CREATE TRIGGER redemptions_begin_without_refund BEFORE INSERT ON redemptions FOR EACH ROW
WHEN (NEW.refund IS NOT NULL) EXECUTE FUNCTION refuse_redemption();
