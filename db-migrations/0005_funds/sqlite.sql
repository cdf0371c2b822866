-- Funds, their ledger, and the claims that they pay. A balance is the sum of the fund's entries, kept beside them so that the database itself can refuse what a
-- fund cannot bear: no balance below zero, and nothing that comes from nowhere.

CREATE TABLE funds (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  region TEXT NOT NULL CHECK (LENGTH(region) = 6),
  fund_year INTEGER NOT NULL,
  content TEXT NOT NULL,
  appropriation_fen INTEGER NOT NULL CHECK (appropriation_fen >= 0),
  available_fen INTEGER NOT NULL CHECK (available_fen >= 0),
  reserved_fen INTEGER NOT NULL CHECK (reserved_fen >= 0),
  in_flight_fen INTEGER NOT NULL CHECK (in_flight_fen >= 0),
  paid_fen INTEGER NOT NULL CHECK (paid_fen >= 0),
  returned_fen INTEGER NOT NULL CHECK (returned_fen >= 0 AND returned_fen <= paid_fen),
  proposed_fen INTEGER,
  proposed_reason TEXT,
  proposed_by TEXT,
  last_entry INTEGER NOT NULL,
  last_hash TEXT NOT NULL,
  reason TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK (available_fen + reserved_fen + in_flight_fen + paid_fen = appropriation_fen + returned_fen),
  CHECK (state <> 'closed' OR (available_fen = 0 AND reserved_fen = 0 AND in_flight_fen = 0))
);
CREATE INDEX ix_funds_region ON funds (region, fund_year, id);

-- What is written here stays: money is corrected by a further entry.
CREATE TABLE ledger_entries (
  fund_id TEXT NOT NULL REFERENCES funds (id),
  entry_number INTEGER NOT NULL CHECK (entry_number >= 1),
  kind TEXT NOT NULL,
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
  claim_id TEXT,
  resolves INTEGER,
  reference TEXT,
  reason TEXT,
  person TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (fund_id, entry_number),
  CHECK (debit <> credit)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ux_ledger_entries_resolves ON ledger_entries (fund_id, resolves) WHERE resolves IS NOT NULL;
CREATE UNIQUE INDEX ux_ledger_entries_reference ON ledger_entries (reference) WHERE reference IS NOT NULL;
CREATE INDEX ix_ledger_entries_claim ON ledger_entries (claim_id) WHERE claim_id IS NOT NULL;

CREATE TABLE claims (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  contract_id TEXT NOT NULL REFERENCES contracts (id),
  terms_version INTEGER NOT NULL,
  policy_id TEXT NOT NULL,
  policy_version TEXT NOT NULL,
  award TEXT NOT NULL,
  payee_id TEXT NOT NULL REFERENCES parties (id),
  part INTEGER NOT NULL CHECK (part >= 0),
  amount_fen INTEGER CHECK (amount_fen > 0),
  content TEXT NOT NULL,
  fund_id TEXT REFERENCES funds (id),
  reservation INTEGER,
  reference TEXT,
  reviewer TEXT,
  approver TEXT,
  payer TEXT,
  reason TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
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

CREATE TRIGGER tr_ledger_entries_update BEFORE UPDATE ON ledger_entries
BEGIN
  SELECT RAISE(ABORT, 'ledger entries are never changed');
END;

CREATE TRIGGER tr_ledger_entries_delete BEFORE DELETE ON ledger_entries
BEGIN
  SELECT RAISE(ABORT, 'ledger entries are never deleted');
END;
