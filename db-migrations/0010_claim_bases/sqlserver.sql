-- What a claim was computed from and how lies apart from the claim, whose row every step writes anew.

CREATE TABLE claim_bases (
  claim_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY REFERENCES claims (id),
  content nvarchar(max) NOT NULL
);
GO
INSERT INTO claim_bases (claim_id, content) SELECT id, content FROM claims;
