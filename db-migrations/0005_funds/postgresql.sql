-- Funds, their ledger, and the claims that they pay. A balance is the sum of the fund's entries, kept beside them so that the database itself can refuse what a
-- fund cannot bear: no balance below zero, and nothing that comes from nowhere.

CREATE TABLE funds (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  state text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  region text COLLATE "C" NOT NULL CHECK (LENGTH(region) = 6),
  fund_year integer NOT NULL,
  content text NOT NULL,
  appropriation_fen bigint NOT NULL CHECK (appropriation_fen >= 0),
  available_fen bigint NOT NULL CHECK (available_fen >= 0),
  reserved_fen bigint NOT NULL CHECK (reserved_fen >= 0),
  in_flight_fen bigint NOT NULL CHECK (in_flight_fen >= 0),
  paid_fen bigint NOT NULL CHECK (paid_fen >= 0),
  returned_fen bigint NOT NULL CHECK (returned_fen >= 0 AND returned_fen <= paid_fen),
  proposed_fen bigint,
  proposed_reason text,
  proposed_by text,
  last_entry bigint NOT NULL,
  last_hash text COLLATE "C" NOT NULL,
  reason text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (available_fen + reserved_fen + in_flight_fen + paid_fen = appropriation_fen + returned_fen),
  CHECK (state <> 'closed' OR (available_fen = 0 AND reserved_fen = 0 AND in_flight_fen = 0))
);
CREATE INDEX ix_funds_region ON funds (region, fund_year, id);

-- What is written here stays: money is corrected by a further entry.
CREATE TABLE ledger_entries (
  fund_id text COLLATE "C" NOT NULL REFERENCES funds (id),
  entry_number bigint NOT NULL CHECK (entry_number >= 1),
  kind text COLLATE "C" NOT NULL,
  debit text COLLATE "C" NOT NULL,
  credit text COLLATE "C" NOT NULL,
  amount_fen bigint NOT NULL CHECK (amount_fen > 0),
  claim_id text COLLATE "C",
  resolves bigint,
  reference text COLLATE "C",
  reason text,
  person text NOT NULL,
  occurred_at timestamptz NOT NULL,
  hash text COLLATE "C" NOT NULL,
  PRIMARY KEY (fund_id, entry_number),
  CHECK (debit <> credit)
);
CREATE UNIQUE INDEX ux_ledger_entries_resolves ON ledger_entries (fund_id, resolves) WHERE resolves IS NOT NULL;
CREATE UNIQUE INDEX ux_ledger_entries_reference ON ledger_entries (reference) WHERE reference IS NOT NULL;
CREATE INDEX ix_ledger_entries_claim ON ledger_entries (claim_id) WHERE claim_id IS NOT NULL;

CREATE TABLE claims (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  state text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  contract_id text COLLATE "C" NOT NULL REFERENCES contracts (id),
  terms_version integer NOT NULL,
  policy_id text COLLATE "C" NOT NULL,
  policy_version text COLLATE "C" NOT NULL,
  award text COLLATE "C" NOT NULL,
  payee_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  part integer NOT NULL CHECK (part >= 0),
  amount_fen bigint CHECK (amount_fen > 0),
  content text NOT NULL,
  fund_id text COLLATE "C" REFERENCES funds (id),
  reservation bigint,
  reference text COLLATE "C",
  reviewer text,
  approver text,
  payer text,
  reason text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
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

CREATE FUNCTION keep_ledger_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger entries are never changed or deleted';
END
$$;

CREATE TRIGGER tr_ledger_entries_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
FOR EACH STATEMENT EXECUTE FUNCTION keep_ledger_entries();
