-- What an embeddings endpoint makes of the listings' texts: one unit vector a listing and model, as a scale and signed bytes.

CREATE TABLE listing_embeddings (
  listing_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES listings (id),
  model nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
  text_hash nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  vector varbinary(max) NOT NULL,
  PRIMARY KEY (listing_id, model)
);
