-- Saved searches, what they found, and how far in the event feed they have been served.

CREATE TABLE subscriptions (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  state text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  owner_id text COLLATE "C" NOT NULL REFERENCES parties (id),
  side text COLLATE "C" NOT NULL CHECK (side IN ('demands', 'achievements')),
  content text NOT NULL,
  watched_from text COLLATE "C" NOT NULL REFERENCES events (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX ix_subscriptions_owner ON subscriptions (owner_id, id);
CREATE INDEX ix_subscriptions_state ON subscriptions (state, side, id);

CREATE TABLE subscription_matches (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  subscription_id text COLLATE "C" NOT NULL REFERENCES subscriptions (id),
  listing_id text COLLATE "C" NOT NULL REFERENCES listings (id),
  score double precision NOT NULL CHECK (score BETWEEN 0 AND 1),
  found_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX ux_subscription_matches_listing ON subscription_matches (subscription_id, listing_id);
CREATE INDEX ix_subscription_matches_newest ON subscription_matches (subscription_id, id);

CREATE TABLE subscription_head (
  id integer NOT NULL PRIMARY KEY CHECK (id = 1),
  served_sequence bigint NOT NULL
);
INSERT INTO subscription_head (id, served_sequence) SELECT 1, last_sequence FROM event_head;
