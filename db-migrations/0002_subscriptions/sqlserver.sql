-- Saved searches, what they found, and how far in the event feed they have been served.

CREATE TABLE subscriptions (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  state nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  version int NOT NULL CHECK (version >= 1),
  owner_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  side nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL CHECK (side IN ('demands', 'achievements')),
  content nvarchar(max) NOT NULL,
  watched_from nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES events (id),
  created_at datetime2(3) NOT NULL,
  updated_at datetime2(3) NOT NULL
);
CREATE INDEX ix_subscriptions_owner ON subscriptions (owner_id, id);
CREATE INDEX ix_subscriptions_state ON subscriptions (state, side, id);

CREATE TABLE subscription_matches (
  id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
  subscription_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES subscriptions (id),
  listing_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES listings (id),
  score float NOT NULL CHECK (score BETWEEN 0 AND 1),
  found_at datetime2(3) NOT NULL
);
CREATE UNIQUE INDEX ux_subscription_matches_listing ON subscription_matches (subscription_id, listing_id);
CREATE INDEX ix_subscription_matches_newest ON subscription_matches (subscription_id, id);

CREATE TABLE subscription_head (
  id int NOT NULL PRIMARY KEY CHECK (id = 1),
  served_sequence bigint NOT NULL
);
INSERT INTO subscription_head (id, served_sequence) SELECT 1, last_sequence FROM event_head;
