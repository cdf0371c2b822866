-- What a claim was computed from and how lies apart from the claim, whose row every step writes anew.

CREATE TABLE claim_bases (
  claim_id text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES claims (id),
  content text NOT NULL
);

INSERT INTO claim_bases (claim_id, content) SELECT id, content FROM claims;
