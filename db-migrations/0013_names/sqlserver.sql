-- Names that people type are compared in their canonical form (CanonicalName), which lies beside what was typed. SQL cannot compute it: the program fills
-- in what lay here before, once, before the market is ready (NameFill), and says so in fills.

-- Persons are compared byte by byte, as everywhere; the database's own collation takes two spellings for one. What their columns are held to is dropped,
-- for a column that a CHECK speaks of cannot be altered, and said again below.
DECLARE @drop nvarchar(max) = N'';
SELECT @drop = @drop + N'ALTER TABLE ' + QUOTENAME(OBJECT_NAME(parent_object_id)) + N' DROP CONSTRAINT ' + QUOTENAME(name) + N';'
FROM sys.check_constraints
WHERE parent_object_id IN (OBJECT_ID(N'claims'), OBJECT_ID(N'contracts'), OBJECT_ID(N'contract_payments'))
  AND (definition LIKE N'%reviewer%' OR definition LIKE N'%approver%' OR definition LIKE N'%payer%' OR definition LIKE N'%recognised_by%' OR definition LIKE N'%decided_by%');
EXEC sp_executesql @drop;

GO

ALTER TABLE api_keys ALTER COLUMN person nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE contract_steps ALTER COLUMN person nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE contract_payments ALTER COLUMN recorded_by nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE contract_payments ALTER COLUMN decided_by nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN buyer_signed_by nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN seller_signed_by nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN disputed_by nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN refused_by nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN proposed_by nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN recognised_by nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE claims ALTER COLUMN reviewer nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE claims ALTER COLUMN first_approver nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE claims ALTER COLUMN approver nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE claims ALTER COLUMN payer nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE funds ALTER COLUMN proposed_by nvarchar(100) COLLATE Latin1_General_100_BIN2;

GO

ALTER TABLE contract_payments ADD
  CONSTRAINT ck_contract_payments_decided CHECK (state = 'recorded' OR (decided_by IS NOT NULL AND decided_by <> recorded_by));
ALTER TABLE contracts ADD
  CONSTRAINT ck_contracts_refused CHECK (recognised_by IS NULL OR refused_by IS NULL OR recognised_by <> refused_by),
  CONSTRAINT ck_contracts_proposed CHECK (recognised_by IS NULL OR proposed_by IS NULL OR recognised_by <> proposed_by);
ALTER TABLE claims ADD
  CONSTRAINT ck_claims_approver CHECK (approver IS NULL OR (reviewer IS NOT NULL AND approver <> reviewer)),
  CONSTRAINT ck_claims_payer CHECK (payer IS NULL OR (approver IS NOT NULL AND payer <> approver AND payer <> reviewer)),
  CONSTRAINT ck_claims_reserved CHECK (state NOT IN ('approved', 'ordered', 'paid', 'clawbackOpened', 'clawedBack', 'waived')
    OR (amount_fen IS NOT NULL AND fund_id IS NOT NULL AND reservation IS NOT NULL AND approver IS NOT NULL)),
  CONSTRAINT ck_claims_paid CHECK (state NOT IN ('paid', 'clawbackOpened', 'clawedBack', 'waived') OR (payer IS NOT NULL AND reference IS NOT NULL)),
  CONSTRAINT ck_claims_first_approver CHECK (first_approver IS NULL
    OR (reviewer IS NOT NULL AND first_approver <> reviewer AND (approver IS NULL OR first_approver <> approver) AND (payer IS NULL OR first_approver <> payer)));

CREATE TABLE fills (
  name nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  filled_at datetime2(3) NOT NULL
);

ALTER TABLE api_keys ADD
  person_key nvarchar(200) COLLATE Latin1_General_100_BIN2,
  issued_by nvarchar(100) COLLATE Latin1_General_100_BIN2,
  issued_by_key nvarchar(200) COLLATE Latin1_General_100_BIN2,
  is_waiting int NOT NULL CONSTRAINT df_api_keys_is_waiting DEFAULT 0 CONSTRAINT ck_api_keys_is_waiting CHECK (is_waiting IN (0, 1)),
  confirmed_by nvarchar(100) COLLATE Latin1_General_100_BIN2,
  confirmed_by_key nvarchar(200) COLLATE Latin1_General_100_BIN2,
  CONSTRAINT ck_api_keys_confirmed CHECK (confirmed_by_key IS NULL OR (is_waiting = 0 AND confirmed_by_key <> issued_by_key AND confirmed_by_key <> person_key));

ALTER TABLE parties ADD
  is_office int NOT NULL CONSTRAINT df_parties_is_office DEFAULT 0 CONSTRAINT ck_parties_is_office CHECK (is_office IN (0, 1));

-- likeness: digest of what makes two contracts the same; of one that is the same as an earlier one on the register and was recognised for a reason, with its id.
ALTER TABLE contracts ADD
  project_key nvarchar(400) COLLATE Latin1_General_100_BIN2,
  separated int NOT NULL CONSTRAINT df_contracts_separated DEFAULT 0 CONSTRAINT ck_contracts_separated CHECK (separated IN (0, 1)),
  backdated int NOT NULL CONSTRAINT df_contracts_backdated DEFAULT 0 CONSTRAINT ck_contracts_backdated CHECK (backdated IN (0, 1)),
  number_key nvarchar(200) COLLATE Latin1_General_100_BIN2,
  likeness nvarchar(200) COLLATE Latin1_General_100_BIN2;

ALTER TABLE contract_payments ADD
  reference_key nvarchar(200) COLLATE Latin1_General_100_BIN2;

ALTER TABLE claims ADD
  filed_by nvarchar(100) COLLATE Latin1_General_100_BIN2,
  clawback_by nvarchar(100) COLLATE Latin1_General_100_BIN2,
  clawback_decided_by nvarchar(100) COLLATE Latin1_General_100_BIN2,
  backdated int NOT NULL CONSTRAINT df_claims_backdated DEFAULT 0 CONSTRAINT ck_claims_backdated CHECK (backdated IN (0, 1)),
  reference_key nvarchar(200) COLLATE Latin1_General_100_BIN2,
  CONSTRAINT ck_claims_clawback CHECK (clawback_decided_by IS NULL OR clawback_by IS NULL OR clawback_decided_by <> clawback_by);

-- A fund that was planned before keeps a larger sum where it has one.
ALTER TABLE funds ADD
  planned_by nvarchar(100) COLLATE Latin1_General_100_BIN2,
  opened_by nvarchar(100) COLLATE Latin1_General_100_BIN2,
  CONSTRAINT ck_funds_largest CHECK (planned_by IS NULL OR appropriation_fen <= 9999999999999999),
  CONSTRAINT ck_funds_opened CHECK (opened_by IS NULL OR planned_by IS NULL OR opened_by <> planned_by);

GO

UPDATE contracts SET backdated = 1 WHERE recognised_on < submitted_on;
CREATE INDEX ix_api_keys_person ON api_keys (person_key);
CREATE INDEX ix_api_keys_party ON api_keys (party_id, id);
CREATE INDEX ix_contracts_project_key ON contracts (buyer_id, project_key) WHERE project_key IS NOT NULL;
CREATE UNIQUE INDEX ux_contracts_number_key ON contracts (number_key) WHERE number_key IS NOT NULL;
CREATE UNIQUE INDEX ux_contracts_likeness ON contracts (likeness) WHERE likeness IS NOT NULL;
DROP INDEX ix_contracts_project ON contracts;
CREATE UNIQUE INDEX ux_contract_payments_reference_key ON contract_payments (contract_id, reference_key) WHERE reference_key IS NOT NULL AND state <> 'rejected';
CREATE UNIQUE INDEX ux_claims_reference_key ON claims (reference_key) WHERE reference_key IS NOT NULL;

-- Who had a hand in a contract, its payments and its claims: for a party of it or for an office, never both.
CREATE TABLE contract_hands (
  contract_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES contracts (id),
  person_key nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
  side nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT ck_contract_hands_side CHECK (side IN ('party', 'office')),
  PRIMARY KEY (contract_id, person_key)
);

-- Which fund pays a policy's awards in a region and year, from its opening to its closing.
CREATE TABLE open_fund_policies (
  policy_id nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
  region nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  fund_year int NOT NULL,
  fund_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES funds (id),
  PRIMARY KEY (policy_id, region, fund_year)
);
CREATE INDEX ix_open_fund_policies_fund ON open_fund_policies (fund_id);
