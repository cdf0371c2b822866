-- Claims in operation: their place in the queue, a second approver, decisions, who bears which share, and what the public sees once they are paid.
-- A fund whose books do not add up says so, and nothing of it moves until they do.

ALTER TABLE claims ADD
  region nvarchar(64) COLLATE Latin1_General_100_BIN2 CHECK (LEN(region) = 6),
  reviewed_at datetime2(3),
  first_approver nvarchar(100),
  decision nvarchar(max),
  out_of_turn nvarchar(2000),
  shares nvarchar(max),
  paid_at datetime2(3),
  subsidy_id nvarchar(40) COLLATE Latin1_General_100_BIN2,
  CHECK (first_approver IS NULL
    OR (reviewer IS NOT NULL AND first_approver <> reviewer AND (approver IS NULL OR first_approver <> approver) AND (payer IS NULL OR first_approver <> payer)));
ALTER TABLE funds ADD breach nvarchar(2000);

GO

UPDATE claims SET region = (SELECT p.region FROM contracts c JOIN parties p ON p.id = c.buyer_id WHERE c.id = claims.contract_id);
UPDATE claims SET reviewed_at = updated_at WHERE state = 'reviewed';
UPDATE claims SET paid_at = (SELECT e.occurred_at FROM ledger_entries e WHERE e.claim_id = claims.id AND e.kind = 'pay'),
  subsidy_id = 'sub_' + LOWER(SUBSTRING(REPLACE(CONVERT(nvarchar(36), NEWID()), '-', ''), 1, 26))
WHERE reference IS NOT NULL;

CREATE INDEX ix_claims_reviewed ON claims (reviewed_at, id) WHERE state = 'reviewed';
CREATE UNIQUE INDEX ux_claims_subsidy ON claims (subsidy_id) WHERE subsidy_id IS NOT NULL;
