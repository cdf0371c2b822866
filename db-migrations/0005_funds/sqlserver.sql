-- Funds, their ledger, and the claims that they pay. A balance is the sum of the fund's entries, kept beside them so that the database itself can refuse what a
-- fund cannot bear: no balance below zero, and nothing that comes from nowhere.

CREATE TABLE funds (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  state nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  version int NOT NULL CHECK (version >= 1),
  region nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL CHECK (LEN(region) = 6),
  fund_year int NOT NULL,
  content nvarchar(max) NOT NULL,
  appropriation_fen bigint NOT NULL CHECK (appropriation_fen >= 0),
  available_fen bigint NOT NULL CHECK (available_fen >= 0),
  reserved_fen bigint NOT NULL CHECK (reserved_fen >= 0),
  in_flight_fen bigint NOT NULL CHECK (in_flight_fen >= 0),
  paid_fen bigint NOT NULL CHECK (paid_fen >= 0),
  returned_fen bigint NOT NULL CHECK (returned_fen >= 0 AND returned_fen <= paid_fen),
  proposed_fen bigint,
  proposed_reason nvarchar(2000),
  proposed_by nvarchar(100),
  last_entry bigint NOT NULL,
  last_hash nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  reason nvarchar(2000),
  created_at datetime2(3) NOT NULL,
  updated_at datetime2(3) NOT NULL,
  CHECK (available_fen + reserved_fen + in_flight_fen + paid_fen = appropriation_fen + returned_fen),
  CHECK (state <> 'closed' OR (available_fen = 0 AND reserved_fen = 0 AND in_flight_fen = 0))
);
CREATE INDEX ix_funds_region ON funds (region, fund_year, id);

-- What is written here stays: money is corrected by a further entry.
CREATE TABLE ledger_entries (
  fund_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES funds (id),
  entry_number bigint NOT NULL CHECK (entry_number >= 1),
  kind nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  debit nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  credit nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  amount_fen bigint NOT NULL CHECK (amount_fen > 0),
  claim_id nvarchar(40) COLLATE Latin1_General_100_BIN2,
  resolves bigint,
  reference nvarchar(100) COLLATE Latin1_General_100_BIN2,
  reason nvarchar(2000),
  person nvarchar(100) NOT NULL,
  occurred_at datetime2(3) NOT NULL,
  hash nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  PRIMARY KEY (fund_id, entry_number),
  CHECK (debit <> credit)
);
CREATE UNIQUE INDEX ux_ledger_entries_resolves ON ledger_entries (fund_id, resolves) WHERE resolves IS NOT NULL;
CREATE UNIQUE INDEX ux_ledger_entries_reference ON ledger_entries (reference) WHERE reference IS NOT NULL;
CREATE INDEX ix_ledger_entries_claim ON ledger_entries (claim_id) WHERE claim_id IS NOT NULL;

CREATE TABLE claims (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  state nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  version int NOT NULL CHECK (version >= 1),
  contract_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES contracts (id),
  terms_version int NOT NULL,
  policy_id nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
  policy_version nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
  award nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
  payee_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  part int NOT NULL CHECK (part >= 0),
  amount_fen bigint CHECK (amount_fen > 0),
  content nvarchar(max) NOT NULL,
  fund_id nvarchar(40) COLLATE Latin1_General_100_BIN2 REFERENCES funds (id),
  reservation bigint,
  reference nvarchar(100) COLLATE Latin1_General_100_BIN2,
  reviewer nvarchar(100),
  approver nvarchar(100),
  payer nvarchar(100),
  reason nvarchar(2000),
  created_at datetime2(3) NOT NULL,
  updated_at datetime2(3) NOT NULL,
  CHECK (approver IS NULL OR (reviewer IS NOT NULL AND approver <> reviewer)),
  CHECK (payer IS NULL OR (approver IS NOT NULL AND payer <> approver AND payer <> reviewer)),
  CHECK (state NOT IN ('approved', 'ordered', 'paid', 'clawbackOpened', 'clawedBack', 'waived')
    OR (amount_fen IS NOT NULL AND fund_id IS NOT NULL AND reservation IS NOT NULL AND approver IS NOT NULL)),
  CHECK (state NOT IN ('paid', 'clawbackOpened', 'clawedBack', 'waived') OR (payer IS NOT NULL AND reference IS NOT NULL))
);
CREATE UNIQUE INDEX ux_claims_award ON claims (contract_id, policy_id, award, payee_id, part) WHERE state <> 'withdrawn' AND state <> 'rejected';
CREATE INDEX ix_claims_payee ON claims (payee_id, id);
CREATE INDEX ix_claims_state ON claims (state, id);
CREATE INDEX ix_claims_fund ON claims (fund_id, id) WHERE fund_id IS NOT NULL;

GO

CREATE TRIGGER tr_ledger_entries_kept ON ledger_entries INSTEAD OF UPDATE, DELETE AS
BEGIN
  THROW 50000, 'ledger entries are never changed or deleted', 1;
END;
