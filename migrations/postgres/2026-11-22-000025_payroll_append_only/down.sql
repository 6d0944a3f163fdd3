DROP TRIGGER payrolls_no_truncate ON payrolls;
DROP TRIGGER payrolls_no_delete ON payrolls;
DROP TRIGGER payrolls_no_update ON payrolls;
