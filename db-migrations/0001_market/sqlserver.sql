-- The market: parties and keys, listings, introductions, contracts, events.
-- Ids and codes compare byte by byte (BIN2), so that their order is that of creation on every engine.

CREATE TABLE schema_changes (
  change_name nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  script_hash nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  applied_at datetime2(3) NOT NULL
);

CREATE TABLE parties (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  external_id nvarchar(100) COLLATE Latin1_General_100_BIN2,
  kind nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  name nvarchar(200) NOT NULL,
  credit_code nvarchar(64) COLLATE Latin1_General_100_BIN2,
  region nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL CHECK (LEN(region) = 6),
  content nvarchar(max) NOT NULL,
  version int NOT NULL CHECK (version >= 1),
  created_at datetime2(3) NOT NULL,
  updated_at datetime2(3) NOT NULL
);
CREATE UNIQUE INDEX ux_parties_credit_code ON parties (credit_code) WHERE credit_code IS NOT NULL;
CREATE UNIQUE INDEX ux_parties_external_id ON parties (external_id) WHERE external_id IS NOT NULL;

CREATE TABLE api_keys (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  party_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  person nvarchar(100) NOT NULL,
  roles nvarchar(200) NOT NULL,
  key_hash nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  created_at datetime2(3) NOT NULL,
  revoked_at datetime2(3)
);
CREATE UNIQUE INDEX ux_api_keys_hash ON api_keys (key_hash);

CREATE TABLE idempotency_keys (
  party_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
  key_value nvarchar(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
  request_hash nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  status int,
  body nvarchar(max),
  content_type nvarchar(100),
  location nvarchar(200),
  etag nvarchar(100),
  created_at datetime2(3) NOT NULL,
  PRIMARY KEY (party_id, key_value)
);
CREATE INDEX ix_idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE listings (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  kind nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL CHECK (kind IN ('demand', 'achievement')),
  owner_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  external_id nvarchar(100) COLLATE Latin1_General_100_BIN2,
  state nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  version int NOT NULL CHECK (version >= 1),
  field nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  region nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL CHECK (LEN(region) = 6),
  modes int NOT NULL,
  deadline date,
  content nvarchar(max) NOT NULL,
  confidential nvarchar(max),
  created_at datetime2(3) NOT NULL,
  updated_at datetime2(3) NOT NULL
);
CREATE UNIQUE INDEX ux_listings_external_id ON listings (owner_id, kind, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX ix_listings_state ON listings (kind, state, id);
CREATE INDEX ix_listings_owner ON listings (owner_id, kind, id);
CREATE INDEX ix_listings_deadline ON listings (deadline) WHERE deadline IS NOT NULL;

CREATE TABLE introductions (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  state nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  version int NOT NULL CHECK (version >= 1),
  demand_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES listings (id),
  achievement_id nvarchar(40) COLLATE Latin1_General_100_BIN2 REFERENCES listings (id),
  message nvarchar(2000) NOT NULL,
  introducer_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  demand_party_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  other_party_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  demand_accepted_at datetime2(3),
  other_accepted_at datetime2(3),
  decline_reason nvarchar(64) COLLATE Latin1_General_100_BIN2,
  decline_note nvarchar(1000),
  created_at datetime2(3) NOT NULL,
  updated_at datetime2(3) NOT NULL,
  CHECK (state <> 'mutual' OR (demand_accepted_at IS NOT NULL AND other_accepted_at IS NOT NULL))
);
CREATE INDEX ix_introductions_demand ON introductions (demand_id);
CREATE INDEX ix_introductions_achievement ON introductions (achievement_id);
CREATE INDEX ix_introductions_introducer ON introductions (introducer_id, id);
CREATE INDEX ix_introductions_demand_party ON introductions (demand_party_id, id);
CREATE INDEX ix_introductions_other_party ON introductions (other_party_id, id);

CREATE TABLE contracts (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  state nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  version int NOT NULL CHECK (version >= 1),
  terms_version int NOT NULL CHECK (terms_version >= 1),
  owner_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  kind nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  buyer_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  seller_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  project nvarchar(200) COLLATE Latin1_General_100_BIN2,
  content nvarchar(max) NOT NULL,
  buyer_signed_terms int,
  buyer_signed_by nvarchar(100),
  buyer_signed_at datetime2(3),
  seller_signed_terms int,
  seller_signed_by nvarchar(100),
  seller_signed_at datetime2(3),
  registration_number nvarchar(40) COLLATE Latin1_General_100_BIN2,
  recognised_on date,
  office nvarchar(200),
  recognised_kind nvarchar(64) COLLATE Latin1_General_100_BIN2,
  recognised_fen bigint CHECK (recognised_fen >= 0),
  recognised_terms int,
  reason nvarchar(1000),
  created_at datetime2(3) NOT NULL,
  updated_at datetime2(3) NOT NULL,
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
  contract_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES contracts (id),
  party_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  PRIMARY KEY (contract_id, party_id)
);
CREATE INDEX ix_contract_brokers_party ON contract_brokers (party_id, contract_id);

CREATE TABLE event_head (
  id int NOT NULL PRIMARY KEY CHECK (id = 1),
  last_sequence bigint NOT NULL,
  last_hash nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL
);
INSERT INTO event_head (id, last_sequence, last_hash) VALUES (1, 0, '');

-- sequence and hash are empty from the write to the numbering: only numbered events are read.
CREATE TABLE events (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  sequence bigint,
  event_type nvarchar(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
  subject nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
  actor nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
  occurred_at datetime2(3) NOT NULL,
  event_data nvarchar(max) NOT NULL,
  readers nvarchar(2000) NOT NULL,
  hash nvarchar(64) COLLATE Latin1_General_100_BIN2
);
CREATE UNIQUE INDEX ux_events_sequence ON events (sequence) WHERE sequence IS NOT NULL;
CREATE INDEX ix_events_unnumbered ON events (id) WHERE sequence IS NULL;
CREATE INDEX ix_events_subject ON events (subject, sequence);
