-- Saved searches, what they found, and how far in the event feed they have been served.

CREATE TABLE subscriptions (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  owner_id TEXT NOT NULL REFERENCES parties (id),
  side TEXT NOT NULL CHECK (side IN ('demands', 'achievements')),
  content TEXT NOT NULL,
  watched_from TEXT NOT NULL REFERENCES events (id),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX ix_subscriptions_owner ON subscriptions (owner_id, id);
CREATE INDEX ix_subscriptions_state ON subscriptions (state, side, id);

CREATE TABLE subscription_matches (
  id TEXT NOT NULL PRIMARY KEY,
  subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
  listing_id TEXT NOT NULL REFERENCES listings (id),
  score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
  found_at TEXT NOT NULL
);
CREATE UNIQUE INDEX ux_subscription_matches_listing ON subscription_matches (subscription_id, listing_id);
CREATE INDEX ix_subscription_matches_newest ON subscription_matches (subscription_id, id);

CREATE TABLE subscription_head (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  served_sequence INTEGER NOT NULL
);
INSERT INTO subscription_head (id, served_sequence) SELECT 1, last_sequence FROM event_head;
