-- Which redemptions hold a piece of their reward's stock: 1, or 0 where the stock has no end or there was none left. What
-- is taken back gives its piece back.

ALTER TABLE redemptions ADD COLUMN pieces BIGINT NOT NULL DEFAULT 0
    CHECK (pieces = 0 OR (pieces = 1 AND state IN ('requested', 'approved', 'fulfilled')));
