DROP TRIGGER payrolls_no_delete;
DROP TRIGGER payrolls_no_update;
