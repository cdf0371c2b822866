-- The market: parties and keys, listings, introductions, contracts, events.
-- Ids and codes compare byte by byte (COLLATE "C"), so that their order is that of creation on every engine.

CREATE TABLE schema_changes (
  change_name text COLLATE "C" NOT NULL PRIMARY KEY,
  script_hash text COLLATE "C" NOT NULL,
  applied_at timestamptz NOT NULL
);

CREATE TABLE parties (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  external_id text COLLATE "C",
  kind text COLLATE "C" NOT NULL,
  name text NOT NULL,
  credit_code text COLLATE "C",
  region text COLLATE "C" NOT NULL CHECK (LENGTH(region) = 6),
  content text NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX ux_parties_credit_code ON parties (credit_code) WHERE credit_code IS NOT NULL;
CREATE UNIQUE INDEX ux_parties_external_id ON parties (external_id) WHERE external_id IS NOT NULL;

CREATE TABLE api_keys (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  party_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  person text NOT NULL,
  roles text NOT NULL,
  key_hash text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE UNIQUE INDEX ux_api_keys_hash ON api_keys (key_hash);

CREATE TABLE idempotency_keys (
  party_id text COLLATE "C" NOT NULL,
  key_value text COLLATE "C" NOT NULL,
  request_hash text COLLATE "C" NOT NULL,
  status integer,
  body text,
  content_type text,
  location text,
  etag text,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (party_id, key_value)
);
CREATE INDEX ix_idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE listings (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('demand', 'achievement')),
  owner_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  external_id text COLLATE "C",
  state text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  field text COLLATE "C" NOT NULL,
  region text COLLATE "C" NOT NULL CHECK (LENGTH(region) = 6),
  modes integer NOT NULL,
  deadline date,
  content text NOT NULL,
  confidential text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX ux_listings_external_id ON listings (owner_id, kind, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX ix_listings_state ON listings (kind, state, id);
CREATE INDEX ix_listings_owner ON listings (owner_id, kind, id);
CREATE INDEX ix_listings_deadline ON listings (deadline) WHERE deadline IS NOT NULL;

CREATE TABLE introductions (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  state text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  demand_id text COLLATE "C" NOT NULL REFERENCES listings (id),
  achievement_id text COLLATE "C" REFERENCES listings (id),
  message text NOT NULL,
  introducer_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  demand_party_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  other_party_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  demand_accepted_at timestamptz,
  other_accepted_at timestamptz,
  decline_reason text COLLATE "C",
  decline_note text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (state <> 'mutual' OR (demand_accepted_at IS NOT NULL AND other_accepted_at IS NOT NULL))
);
CREATE INDEX ix_introductions_demand ON introductions (demand_id);
CREATE INDEX ix_introductions_achievement ON introductions (achievement_id);
CREATE INDEX ix_introductions_introducer ON introductions (introducer_id, id);
CREATE INDEX ix_introductions_demand_party ON introductions (demand_party_id, id);
CREATE INDEX ix_introductions_other_party ON introductions (other_party_id, id);

CREATE TABLE contracts (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  state text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  terms_version integer NOT NULL CHECK (terms_version >= 1),
  owner_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  kind text COLLATE "C" NOT NULL,
  buyer_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  seller_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  project text COLLATE "C",
  content text NOT NULL,
  buyer_signed_terms integer,
  buyer_signed_by text,
  buyer_signed_at timestamptz,
  seller_signed_terms integer,
  seller_signed_by text,
  seller_signed_at timestamptz,
  registration_number text COLLATE "C",
  recognised_on date,
  office text,
  recognised_kind text COLLATE "C",
  recognised_fen bigint CHECK (recognised_fen >= 0),
  recognised_terms integer,
  reason text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (buyer_id <> seller_id),
  CHECK (state NOT IN ('recognised', 'deregistered') OR registration_number IS NOT NULL),
  CHECK (state IN ('draft', 'amending', 'terminated', 'deregistered')
    OR (buyer_signed_terms = terms_version AND seller_signed_terms = terms_version))
);
CREATE UNIQUE INDEX ux_contracts_number ON contracts (registration_number) WHERE registration_number IS NOT NULL;
CREATE INDEX ix_contracts_buyer ON contracts (buyer_id, id);
CREATE INDEX ix_contracts_seller ON contracts (seller_id, id);
CREATE INDEX ix_contracts_state ON contracts (state, id);
CREATE INDEX ix_contracts_project ON contracts (buyer_id, project) WHERE project IS NOT NULL;

CREATE TABLE contract_brokers (
  contract_id text COLLATE "C" NOT NULL REFERENCES contracts (id),
  party_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  PRIMARY KEY (contract_id, party_id)
);
CREATE INDEX ix_contract_brokers_party ON contract_brokers (party_id, contract_id);

CREATE TABLE event_head (
  id integer NOT NULL PRIMARY KEY CHECK (id = 1),
  last_sequence bigint NOT NULL,
  last_hash text COLLATE "C" NOT NULL
);
INSERT INTO event_head (id, last_sequence, last_hash) VALUES (1, 0, '');

-- sequence and hash are empty from the write to the numbering: only numbered events are read.
CREATE TABLE events (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  sequence bigint,
  event_type text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  occurred_at timestamptz NOT NULL,
  event_data text NOT NULL,
  readers text NOT NULL,
  hash text COLLATE "C"
);
CREATE UNIQUE INDEX ux_events_sequence ON events (sequence) WHERE sequence IS NOT NULL;
CREATE INDEX ix_events_unnumbered ON events (id) WHERE sequence IS NULL;
CREATE INDEX ix_events_subject ON events (subject, sequence);
