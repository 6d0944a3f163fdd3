DROP TABLE payrolls;
DROP TABLE budget_charges;
DROP TABLE budgets;
