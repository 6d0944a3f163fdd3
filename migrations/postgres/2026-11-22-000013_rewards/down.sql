DROP TABLE grants;
DROP TABLE redemptions;
DROP TABLE rewards;
