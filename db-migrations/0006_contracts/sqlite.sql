-- Contracts in full: the contract's own life and its recognition as two axes, the three amounts, the clock of recognition, who took which step, payments, and the
-- market's own registration numbers. state stays what the two axes add up to.

-- SQLite adds no constraint to a table, but one with a column, which may speak of the columns before it.
ALTER TABLE contracts ADD COLUMN life TEXT NOT NULL DEFAULT 'draft' CHECK (life IN ('draft', 'signing', 'signed', 'amending', 'performed', 'terminated', 'abandoned'));
ALTER TABLE contracts ADD COLUMN recognition_state TEXT NOT NULL DEFAULT 'none' CHECK (recognition_state IN ('none', 'submitted', 'supplement', 'recognised', 'refused', 'appealed', 'reviewed', 'lapsed', 'deregistered')) CHECK (recognition_state NOT IN ('recognised', 'deregistered') OR registration_number IS NOT NULL);
ALTER TABLE contracts ADD COLUMN total_fen INTEGER NOT NULL DEFAULT 0 CHECK (total_fen >= 0);
ALTER TABLE contracts ADD COLUMN technology_fen INTEGER NOT NULL DEFAULT 0 CHECK (technology_fen >= 0) CHECK (technology_fen <= total_fen);
ALTER TABLE contracts ADD COLUMN received_fen INTEGER NOT NULL DEFAULT 0 CHECK (received_fen >= 0) CHECK (received_fen <= technology_fen);
ALTER TABLE contracts ADD COLUMN submitted_on TEXT;
ALTER TABLE contracts ADD COLUMN due_on TEXT;
ALTER TABLE contracts ADD COLUMN due_days INTEGER CHECK (due_on IS NULL OR (submitted_on IS NOT NULL AND due_days IS NOT NULL AND due_on > submitted_on));
ALTER TABLE contracts ADD COLUMN overdue_told_on TEXT;
ALTER TABLE contracts ADD COLUMN disputed_by TEXT;
ALTER TABLE contracts ADD COLUMN refused_by TEXT;
ALTER TABLE contracts ADD COLUMN proposed_by TEXT;
ALTER TABLE contracts ADD COLUMN recognised_by TEXT CHECK (recognised_by IS NULL OR refused_by IS NULL OR recognised_by <> refused_by) CHECK (recognised_by IS NULL OR proposed_by IS NULL OR recognised_by <> proposed_by);
ALTER TABLE contracts ADD COLUMN proposal TEXT;
ALTER TABLE contracts ADD COLUMN number_format TEXT;

UPDATE contracts SET
  life = CASE
    WHEN state = 'completed' THEN 'performed'
    WHEN state = 'amending' THEN 'amending'
    WHEN state = 'terminated' AND (buyer_signed_terms IS NULL OR seller_signed_terms IS NULL) THEN 'abandoned'
    WHEN state = 'terminated' THEN 'terminated'
    WHEN state = 'draft' AND (buyer_signed_terms IS NOT NULL OR seller_signed_terms IS NOT NULL) THEN 'signing'
    WHEN state = 'draft' THEN 'draft'
    WHEN state = 'deregistered' AND (buyer_signed_terms <> terms_version OR seller_signed_terms <> terms_version) THEN 'amending'
    ELSE 'signed' END,
  recognition_state = CASE
    WHEN state IN ('submitted', 'supplement', 'recognised', 'refused', 'deregistered') THEN state
    WHEN registration_number IS NULL THEN 'none'
    WHEN recognised_terms = terms_version THEN 'recognised'
    ELSE 'lapsed' END,
  total_fen = CAST(ROUND(json_extract(content, '$.amount') * 100) AS INTEGER),
  technology_fen = CASE WHEN recognised_terms = terms_version THEN recognised_fen
    ELSE CAST(ROUND(COALESCE(json_extract(content, '$.technologyAmount'), json_extract(content, '$.amount')) * 100) AS INTEGER) END;

CREATE INDEX ix_contracts_due ON contracts (due_on) WHERE due_on IS NOT NULL;
CREATE INDEX ix_contracts_recognition ON contracts (recognition_state, id);

-- Who took which step; content holds what belongs to it: a reason, an expert opinion, what was recognised.
CREATE TABLE contract_steps (
  contract_id TEXT NOT NULL REFERENCES contracts (id),
  version INTEGER NOT NULL,
  step TEXT NOT NULL,
  life TEXT NOT NULL,
  recognition_state TEXT NOT NULL,
  terms_version INTEGER NOT NULL,
  party_id TEXT NOT NULL REFERENCES parties (id),
  person TEXT NOT NULL,
  content TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  PRIMARY KEY (contract_id, version)
) WITHOUT ROWID;

CREATE TABLE contract_payments (
  id TEXT NOT NULL PRIMARY KEY,
  contract_id TEXT NOT NULL REFERENCES contracts (id),
  state TEXT NOT NULL CHECK (state IN ('recorded', 'confirmed', 'rejected')),
  version INTEGER NOT NULL CHECK (version >= 1),
  amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
  paid_on TEXT NOT NULL,
  reference TEXT NOT NULL,
  party_id TEXT NOT NULL REFERENCES parties (id),
  recorded_by TEXT NOT NULL,
  decided_by TEXT,
  reason TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK (state = 'recorded' OR (decided_by IS NOT NULL AND decided_by <> recorded_by))
);
CREATE UNIQUE INDEX ux_contract_payments_reference ON contract_payments (contract_id, reference) WHERE state <> 'rejected';
CREATE INDEX ix_contract_payments_contract ON contract_payments (contract_id, id);

-- The last serial that an office gave in a year. It is counted up in the transaction that registers, so a number that is not used is not taken.
CREATE TABLE registration_counters (
  office TEXT NOT NULL CHECK (LENGTH(office) = 6),
  number_year INTEGER NOT NULL,
  last_serial INTEGER NOT NULL CHECK (last_serial BETWEEN 0 AND 999999),
  PRIMARY KEY (office, number_year)
) WITHOUT ROWID;
