-- Contracts in full: the contract's own life and its recognition as two axes, the three amounts, the clock of recognition, who took which step, payments, and the
-- market's own registration numbers. state stays what the two axes add up to.

ALTER TABLE contracts ADD COLUMN life text COLLATE "C" NOT NULL DEFAULT 'draft' CHECK (life IN ('draft', 'signing', 'signed', 'amending', 'performed', 'terminated', 'abandoned'));
ALTER TABLE contracts ADD COLUMN recognition_state text COLLATE "C" NOT NULL DEFAULT 'none' CHECK (recognition_state IN ('none', 'submitted', 'supplement', 'recognised', 'refused', 'appealed', 'reviewed', 'lapsed', 'deregistered'));
ALTER TABLE contracts ADD COLUMN total_fen bigint NOT NULL DEFAULT 0 CHECK (total_fen >= 0);
ALTER TABLE contracts ADD COLUMN technology_fen bigint NOT NULL DEFAULT 0 CHECK (technology_fen >= 0);
ALTER TABLE contracts ADD COLUMN received_fen bigint NOT NULL DEFAULT 0 CHECK (received_fen >= 0);
ALTER TABLE contracts ADD COLUMN submitted_on date;
ALTER TABLE contracts ADD COLUMN due_on date;
ALTER TABLE contracts ADD COLUMN due_days integer;
ALTER TABLE contracts ADD COLUMN overdue_told_on date;
ALTER TABLE contracts ADD COLUMN disputed_by text;
ALTER TABLE contracts ADD COLUMN refused_by text;
ALTER TABLE contracts ADD COLUMN proposed_by text;
ALTER TABLE contracts ADD COLUMN recognised_by text;
ALTER TABLE contracts ADD COLUMN proposal text;
ALTER TABLE contracts ADD COLUMN number_format text COLLATE "C";

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
  total_fen = ((content::jsonb ->> 'amount')::numeric * 100)::bigint,
  technology_fen = CASE WHEN recognised_terms = terms_version THEN recognised_fen
    ELSE (COALESCE(content::jsonb ->> 'technologyAmount', content::jsonb ->> 'amount')::numeric * 100)::bigint END;

ALTER TABLE contracts ADD CHECK (technology_fen <= total_fen);
ALTER TABLE contracts ADD CHECK (received_fen <= technology_fen);
ALTER TABLE contracts ADD CHECK (recognition_state NOT IN ('recognised', 'deregistered') OR registration_number IS NOT NULL);
ALTER TABLE contracts ADD CHECK (recognised_by IS NULL OR refused_by IS NULL OR recognised_by <> refused_by);
ALTER TABLE contracts ADD CHECK (recognised_by IS NULL OR proposed_by IS NULL OR recognised_by <> proposed_by);
ALTER TABLE contracts ADD CHECK (due_on IS NULL OR (submitted_on IS NOT NULL AND due_days IS NOT NULL AND due_on > submitted_on));

CREATE INDEX ix_contracts_due ON contracts (due_on) WHERE due_on IS NOT NULL;
CREATE INDEX ix_contracts_recognition ON contracts (recognition_state, id);

-- Who took which step; content holds what belongs to it: a reason, an expert opinion, what was recognised.
CREATE TABLE contract_steps (
  contract_id text COLLATE "C" NOT NULL REFERENCES contracts (id),
  version integer NOT NULL,
  step text COLLATE "C" NOT NULL,
  life text COLLATE "C" NOT NULL,
  recognition_state text COLLATE "C" NOT NULL,
  terms_version integer NOT NULL,
  party_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  person text NOT NULL,
  content text NOT NULL,
  occurred_at timestamptz NOT NULL,
  PRIMARY KEY (contract_id, version)
);

CREATE TABLE contract_payments (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  contract_id text COLLATE "C" NOT NULL REFERENCES contracts (id),
  state text COLLATE "C" NOT NULL CHECK (state IN ('recorded', 'confirmed', 'rejected')),
  version integer NOT NULL CHECK (version >= 1),
  amount_fen bigint NOT NULL CHECK (amount_fen > 0),
  paid_on date NOT NULL,
  reference text COLLATE "C" NOT NULL,
  party_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  recorded_by text NOT NULL,
  decided_by text,
  reason text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (state = 'recorded' OR (decided_by IS NOT NULL AND decided_by <> recorded_by))
);
CREATE UNIQUE INDEX ux_contract_payments_reference ON contract_payments (contract_id, reference) WHERE state <> 'rejected';
CREATE INDEX ix_contract_payments_contract ON contract_payments (contract_id, id);

-- The last serial that an office gave in a year. It is counted up in the transaction that registers, so a number that is not used is not taken.
CREATE TABLE registration_counters (
  office text COLLATE "C" NOT NULL CHECK (LENGTH(office) = 6),
  number_year integer NOT NULL,
  last_serial integer NOT NULL CHECK (last_serial BETWEEN 0 AND 999999),
  PRIMARY KEY (office, number_year)
);
