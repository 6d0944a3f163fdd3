ALTER TABLE redemptions DROP COLUMN pieces;
