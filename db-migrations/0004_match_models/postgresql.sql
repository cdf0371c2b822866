-- What the market learned from its texts and deals: each training and its decision, and the bytes of the model in force.
-- running is 1 while a training waits or runs, so that there is one at a time; night is the day of a nightly one, so that each has one.

CREATE TABLE match_models (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  state text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'training', 'adopted', 'rejected', 'notEnoughData', 'failed')),
  version integer NOT NULL CHECK (version >= 1),
  running integer,
  night date,
  content text NOT NULL,
  beat_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  CHECK ((state IN ('waiting', 'training') AND running = 1) OR (state NOT IN ('waiting', 'training') AND running IS NULL))
);
CREATE UNIQUE INDEX ux_match_models_running ON match_models (running) WHERE running IS NOT NULL;
CREATE UNIQUE INDEX ux_match_models_night ON match_models (night) WHERE night IS NOT NULL;
CREATE INDEX ix_match_models_state ON match_models (state, id);

CREATE TABLE match_model_parts (
  model_id text COLLATE "C" NOT NULL REFERENCES match_models (id),
  part integer NOT NULL,
  part_bytes bytea NOT NULL,
  PRIMARY KEY (model_id, part)
);
