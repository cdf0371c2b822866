-- Contracts in full: the contract's own life and its recognition as two axes, the three amounts, the clock of recognition, who took which step, payments, and the
-- market's own registration numbers. state stays what the two axes add up to.

ALTER TABLE contracts ADD
  life nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL DEFAULT 'draft' CHECK (life IN ('draft', 'signing', 'signed', 'amending', 'performed', 'terminated', 'abandoned')),
  recognition_state nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL DEFAULT 'none' CHECK (recognition_state IN ('none', 'submitted', 'supplement', 'recognised', 'refused', 'appealed', 'reviewed', 'lapsed', 'deregistered')),
  total_fen bigint NOT NULL DEFAULT 0 CHECK (total_fen >= 0),
  technology_fen bigint NOT NULL DEFAULT 0 CHECK (technology_fen >= 0),
  received_fen bigint NOT NULL DEFAULT 0 CHECK (received_fen >= 0),
  submitted_on date,
  due_on date,
  due_days int,
  overdue_told_on date,
  disputed_by nvarchar(100),
  refused_by nvarchar(100),
  proposed_by nvarchar(100),
  recognised_by nvarchar(100),
  proposal nvarchar(max),
  number_format nvarchar(64) COLLATE Latin1_General_100_BIN2;

GO

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
  total_fen = CAST(CAST(JSON_VALUE(content, '$.amount') AS decimal(18, 2)) * 100 AS bigint),
  technology_fen = CASE WHEN recognised_terms = terms_version THEN recognised_fen
    ELSE CAST(CAST(COALESCE(JSON_VALUE(content, '$.technologyAmount'), JSON_VALUE(content, '$.amount')) AS decimal(18, 2)) * 100 AS bigint) END;

ALTER TABLE contracts ADD
  CHECK (technology_fen <= total_fen),
  CHECK (received_fen <= technology_fen),
  CHECK (recognition_state NOT IN ('recognised', 'deregistered') OR registration_number IS NOT NULL),
  CHECK (recognised_by IS NULL OR refused_by IS NULL OR recognised_by <> refused_by),
  CHECK (recognised_by IS NULL OR proposed_by IS NULL OR recognised_by <> proposed_by),
  CHECK (due_on IS NULL OR (submitted_on IS NOT NULL AND due_days IS NOT NULL AND due_on > submitted_on));

CREATE INDEX ix_contracts_due ON contracts (due_on) WHERE due_on IS NOT NULL;
CREATE INDEX ix_contracts_recognition ON contracts (recognition_state, id);

-- Who took which step; content holds what belongs to it: a reason, an expert opinion, what was recognised.
CREATE TABLE contract_steps (
  contract_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES contracts (id),
  version int NOT NULL,
  step nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  life nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  recognition_state nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  terms_version int NOT NULL,
  party_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  person nvarchar(100) NOT NULL,
  content nvarchar(max) NOT NULL,
  occurred_at datetime2(3) NOT NULL,
  PRIMARY KEY (contract_id, version)
);

CREATE TABLE contract_payments (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  contract_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES contracts (id),
  state nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL CHECK (state IN ('recorded', 'confirmed', 'rejected')),
  version int NOT NULL CHECK (version >= 1),
  amount_fen bigint NOT NULL CHECK (amount_fen > 0),
  paid_on date NOT NULL,
  reference nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
  party_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  recorded_by nvarchar(100) NOT NULL,
  decided_by nvarchar(100),
  reason nvarchar(2000),
  created_at datetime2(3) NOT NULL,
  updated_at datetime2(3) NOT NULL,
  CHECK (state = 'recorded' OR (decided_by IS NOT NULL AND decided_by <> recorded_by))
);
CREATE UNIQUE INDEX ux_contract_payments_reference ON contract_payments (contract_id, reference) WHERE state <> 'rejected';
CREATE INDEX ix_contract_payments_contract ON contract_payments (contract_id, id);

-- The last serial that an office gave in a year. It is counted up in the transaction that registers, so a number that is not used is not taken.
CREATE TABLE registration_counters (
  office nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL CHECK (LEN(office) = 6),
  number_year int NOT NULL,
  last_serial int NOT NULL CHECK (last_serial BETWEEN 0 AND 999999),
  PRIMARY KEY (office, number_year)
);
