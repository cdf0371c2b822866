-- The market: parties and keys, listings, introductions, contracts, events.
-- WITHOUT ROWID where the text key is the only way in; STRICT is newer than the SQLite that ships, hence the CHECKs.

CREATE TABLE schema_changes (
  change_name TEXT NOT NULL PRIMARY KEY,
  script_hash TEXT NOT NULL,
  applied_at TEXT NOT NULL
);

CREATE TABLE parties (
  id TEXT NOT NULL PRIMARY KEY,
  external_id TEXT,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  credit_code TEXT,
  region TEXT NOT NULL CHECK (LENGTH(region) = 6),
  content TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE UNIQUE INDEX ux_parties_credit_code ON parties (credit_code) WHERE credit_code IS NOT NULL;
CREATE UNIQUE INDEX ux_parties_external_id ON parties (external_id) WHERE external_id IS NOT NULL;

CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  party_id TEXT NOT NULL REFERENCES parties (id),
  person TEXT NOT NULL,
  roles TEXT NOT NULL,
  key_hash TEXT NOT NULL,
  created_at TEXT NOT NULL,
  revoked_at TEXT
);
CREATE UNIQUE INDEX ux_api_keys_hash ON api_keys (key_hash);

CREATE TABLE idempotency_keys (
  party_id TEXT NOT NULL,
  key_value TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status INTEGER,
  body TEXT,
  content_type TEXT,
  location TEXT,
  etag TEXT,
  created_at TEXT NOT NULL,
  PRIMARY KEY (party_id, key_value)
) WITHOUT ROWID;
CREATE INDEX ix_idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE listings (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('demand', 'achievement')),
  owner_id TEXT NOT NULL REFERENCES parties (id),
  external_id TEXT,
  state TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  field TEXT NOT NULL,
  region TEXT NOT NULL CHECK (LENGTH(region) = 6),
  modes INTEGER NOT NULL,
  deadline TEXT,
  content TEXT NOT NULL,
  confidential TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE UNIQUE INDEX ux_listings_external_id ON listings (owner_id, kind, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX ix_listings_state ON listings (kind, state, id);
CREATE INDEX ix_listings_owner ON listings (owner_id, kind, id);
CREATE INDEX ix_listings_deadline ON listings (deadline) WHERE deadline IS NOT NULL;

CREATE TABLE introductions (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  demand_id TEXT NOT NULL REFERENCES listings (id),
  achievement_id TEXT REFERENCES listings (id),
  message TEXT NOT NULL,
  introducer_id TEXT NOT NULL REFERENCES parties (id),
  demand_party_id TEXT NOT NULL REFERENCES parties (id),
  other_party_id TEXT NOT NULL REFERENCES parties (id),
  demand_accepted_at TEXT,
  other_accepted_at TEXT,
  decline_reason TEXT,
  decline_note TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK (state <> 'mutual' OR (demand_accepted_at IS NOT NULL AND other_accepted_at IS NOT NULL))
);
CREATE INDEX ix_introductions_demand ON introductions (demand_id);
CREATE INDEX ix_introductions_achievement ON introductions (achievement_id);
CREATE INDEX ix_introductions_introducer ON introductions (introducer_id, id);
CREATE INDEX ix_introductions_demand_party ON introductions (demand_party_id, id);
CREATE INDEX ix_introductions_other_party ON introductions (other_party_id, id);

CREATE TABLE contracts (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  terms_version INTEGER NOT NULL CHECK (terms_version >= 1),
  owner_id TEXT NOT NULL REFERENCES parties (id),
  kind TEXT NOT NULL,
  buyer_id TEXT NOT NULL REFERENCES parties (id),
  seller_id TEXT NOT NULL REFERENCES parties (id),
  project TEXT,
  content TEXT NOT NULL,
  buyer_signed_terms INTEGER,
  buyer_signed_by TEXT,
  buyer_signed_at TEXT,
  seller_signed_terms INTEGER,
  seller_signed_by TEXT,
  seller_signed_at TEXT,
  registration_number TEXT,
  recognised_on TEXT,
  office TEXT,
  recognised_kind TEXT,
  recognised_fen INTEGER CHECK (recognised_fen >= 0),
  recognised_terms INTEGER,
  reason TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
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
  contract_id TEXT NOT NULL REFERENCES contracts (id),
  party_id TEXT NOT NULL REFERENCES parties (id),
  PRIMARY KEY (contract_id, party_id)
) WITHOUT ROWID;
CREATE INDEX ix_contract_brokers_party ON contract_brokers (party_id, contract_id);

CREATE TABLE event_head (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  last_sequence INTEGER NOT NULL,
  last_hash TEXT NOT NULL
);
INSERT INTO event_head (id, last_sequence, last_hash) VALUES (1, 0, '');

-- sequence and hash are empty from the write to the numbering: only numbered events are read.
CREATE TABLE events (
  id TEXT NOT NULL PRIMARY KEY,
  sequence INTEGER,
  event_type TEXT NOT NULL,
  subject TEXT NOT NULL,
  actor TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  event_data TEXT NOT NULL,
  readers TEXT NOT NULL,
  hash TEXT
);
CREATE UNIQUE INDEX ux_events_sequence ON events (sequence) WHERE sequence IS NOT NULL;
CREATE INDEX ix_events_unnumbered ON events (id) WHERE sequence IS NULL;
CREATE INDEX ix_events_subject ON events (subject, sequence);
