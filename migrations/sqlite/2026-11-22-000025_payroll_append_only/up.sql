-- A payroll is not changed once it is closed.

CREATE TRIGGER payrolls_no_update BEFORE UPDATE ON payrolls
BEGIN
    SELECT RAISE(ABORT, 'payrolls is append-only');
END;

CREATE TRIGGER payrolls_no_delete BEFORE DELETE ON payrolls
BEGIN
    SELECT RAISE(ABORT, 'payrolls is append-only');
END;
