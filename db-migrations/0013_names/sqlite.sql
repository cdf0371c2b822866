-- Names that people type are compared in their canonical form (CanonicalName), which lies beside what was typed. SQL cannot compute it: the program fills
-- in what lay here before, once, before the market is ready (NameFill), and says so in fills.

CREATE TABLE fills (
  name TEXT NOT NULL PRIMARY KEY,
  filled_at TEXT NOT NULL
) WITHOUT ROWID;

ALTER TABLE api_keys ADD COLUMN person_key TEXT;
ALTER TABLE api_keys ADD COLUMN issued_by TEXT;
ALTER TABLE api_keys ADD COLUMN issued_by_key TEXT;
ALTER TABLE api_keys ADD COLUMN is_waiting INTEGER NOT NULL DEFAULT 0 CHECK (is_waiting IN (0, 1));
ALTER TABLE api_keys ADD COLUMN confirmed_by TEXT;
ALTER TABLE api_keys ADD COLUMN confirmed_by_key TEXT CHECK (confirmed_by_key IS NULL OR (is_waiting = 0 AND confirmed_by_key <> issued_by_key AND confirmed_by_key <> person_key));
CREATE INDEX ix_api_keys_person ON api_keys (person_key);
CREATE INDEX ix_api_keys_party ON api_keys (party_id, id);

ALTER TABLE parties ADD COLUMN is_office INTEGER NOT NULL DEFAULT 0 CHECK (is_office IN (0, 1));

ALTER TABLE contracts ADD COLUMN project_key TEXT;
ALTER TABLE contracts ADD COLUMN separated INTEGER NOT NULL DEFAULT 0 CHECK (separated IN (0, 1));
ALTER TABLE contracts ADD COLUMN backdated INTEGER NOT NULL DEFAULT 0 CHECK (backdated IN (0, 1));
ALTER TABLE contracts ADD COLUMN number_key TEXT;
-- Digest of what makes two contracts the same; of one that is the same as an earlier one on the register and was recognised for a reason, with its id.
ALTER TABLE contracts ADD COLUMN likeness TEXT;
UPDATE contracts SET backdated = 1 WHERE recognised_on < submitted_on;
CREATE INDEX ix_contracts_project_key ON contracts (buyer_id, project_key) WHERE project_key IS NOT NULL;
CREATE UNIQUE INDEX ux_contracts_number_key ON contracts (number_key) WHERE number_key IS NOT NULL;
CREATE UNIQUE INDEX ux_contracts_likeness ON contracts (likeness) WHERE likeness IS NOT NULL;
DROP INDEX ix_contracts_project;

-- Who had a hand in a contract, its payments and its claims: for a party of it or for an office, never both.
CREATE TABLE contract_hands (
  contract_id TEXT NOT NULL REFERENCES contracts (id),
  person_key TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('party', 'office')),
  PRIMARY KEY (contract_id, person_key)
) WITHOUT ROWID;

ALTER TABLE contract_payments ADD COLUMN reference_key TEXT;
CREATE UNIQUE INDEX ux_contract_payments_reference_key ON contract_payments (contract_id, reference_key) WHERE reference_key IS NOT NULL AND state <> 'rejected';

ALTER TABLE claims ADD COLUMN filed_by TEXT;
ALTER TABLE claims ADD COLUMN clawback_by TEXT;
ALTER TABLE claims ADD COLUMN clawback_decided_by TEXT CHECK (clawback_decided_by IS NULL OR clawback_by IS NULL OR clawback_decided_by <> clawback_by);
ALTER TABLE claims ADD COLUMN backdated INTEGER NOT NULL DEFAULT 0 CHECK (backdated IN (0, 1));
ALTER TABLE claims ADD COLUMN reference_key TEXT;
CREATE UNIQUE INDEX ux_claims_reference_key ON claims (reference_key) WHERE reference_key IS NOT NULL;

-- A fund that was planned before keeps a larger sum where it has one.
ALTER TABLE funds ADD COLUMN planned_by TEXT CHECK (planned_by IS NULL OR appropriation_fen <= 9999999999999999);
ALTER TABLE funds ADD COLUMN opened_by TEXT CHECK (opened_by IS NULL OR planned_by IS NULL OR opened_by <> planned_by);

-- Which fund pays a policy's awards in a region and year, from its opening to its closing.
CREATE TABLE open_fund_policies (
  policy_id TEXT NOT NULL,
  region TEXT NOT NULL,
  fund_year INTEGER NOT NULL,
  fund_id TEXT NOT NULL REFERENCES funds (id),
  PRIMARY KEY (policy_id, region, fund_year)
) WITHOUT ROWID;
CREATE INDEX ix_open_fund_policies_fund ON open_fund_policies (fund_id);
