DROP TRIGGER redemptions_begin_without_refund;
DROP TRIGGER redemptions_refund_mirrors;
DROP TRIGGER redemptions_paid;
DROP TRIGGER redemptions_no_delete;
DROP TRIGGER redemptions_final;
DROP TRIGGER redemptions_fixed;
