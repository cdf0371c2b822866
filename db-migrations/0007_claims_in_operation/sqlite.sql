-- Claims in operation: their place in the queue, a second approver, decisions, who bears which share, and what the public sees once they are paid.
-- A fund whose books do not add up says so, and nothing of it moves until they do.

ALTER TABLE claims ADD COLUMN region TEXT CHECK (LENGTH(region) = 6);
ALTER TABLE claims ADD COLUMN reviewed_at TEXT;
ALTER TABLE claims ADD COLUMN first_approver TEXT CHECK (first_approver IS NULL
  OR (reviewer IS NOT NULL AND first_approver <> reviewer AND (approver IS NULL OR first_approver <> approver) AND (payer IS NULL OR first_approver <> payer)));
ALTER TABLE claims ADD COLUMN decision TEXT;
ALTER TABLE claims ADD COLUMN out_of_turn TEXT;
ALTER TABLE claims ADD COLUMN shares TEXT;
ALTER TABLE claims ADD COLUMN paid_at TEXT;
ALTER TABLE claims ADD COLUMN subsidy_id TEXT;
ALTER TABLE funds ADD COLUMN breach TEXT;

UPDATE claims SET region = (SELECT p.region FROM contracts c JOIN parties p ON p.id = c.buyer_id WHERE c.id = claims.contract_id);
UPDATE claims SET reviewed_at = updated_at WHERE state = 'reviewed';
UPDATE claims SET paid_at = (SELECT e.occurred_at FROM ledger_entries e WHERE e.claim_id = claims.id AND e.kind = 'pay'),
  subsidy_id = 'sub_' || LOWER(HEX(RANDOMBLOB(13)))
WHERE reference IS NOT NULL;

CREATE INDEX ix_claims_reviewed ON claims (reviewed_at, id) WHERE state = 'reviewed';
CREATE UNIQUE INDEX ux_claims_subsidy ON claims (subsidy_id) WHERE subsidy_id IS NOT NULL;
