-- What an embeddings endpoint makes of the listings' texts: one unit vector a listing and model, as a scale and signed bytes.

CREATE TABLE listing_embeddings (
  listing_id text COLLATE "C" NOT NULL REFERENCES listings (id),
  model text COLLATE "C" NOT NULL,
  text_hash text COLLATE "C" NOT NULL,
  vector bytea NOT NULL,
  PRIMARY KEY (listing_id, model)
);
