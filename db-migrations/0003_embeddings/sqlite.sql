-- What an embeddings endpoint makes of the listings' texts: one unit vector a listing and model, as a scale and signed bytes.

CREATE TABLE listing_embeddings (
  listing_id TEXT NOT NULL REFERENCES listings (id),
  model TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  vector BLOB NOT NULL,
  PRIMARY KEY (listing_id, model)
);
