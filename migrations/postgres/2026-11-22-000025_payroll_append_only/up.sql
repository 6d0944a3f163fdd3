-- A payroll is not changed once it is closed.

CREATE TRIGGER payrolls_no_update BEFORE UPDATE ON payrolls FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payrolls_no_delete BEFORE DELETE ON payrolls FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payrolls_no_truncate BEFORE TRUNCATE ON payrolls EXECUTE FUNCTION refuse_change();
