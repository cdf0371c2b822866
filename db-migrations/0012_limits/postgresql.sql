-- The limits that each claim was computed under, by which the books are checked (K10): what is counted together and its ceiling.
-- Of claims from before only their award of their contract is known. Its ceiling is what all its claims hold by now, so that none of them is stopped;
-- a claim that waits for a decision holds nothing yet, and gets the high end of its range when it is decided.

CREATE TABLE claim_limits (
  claim_id text COLLATE "C" NOT NULL REFERENCES claims (id),
  limit_key text COLLATE "C" NOT NULL,
  scope text COLLATE "C" NOT NULL,
  ceiling_fen bigint NOT NULL CHECK (ceiling_fen >= 0),
  on_day date NOT NULL,
  from_day date,
  until_day date,
  PRIMARY KEY (claim_id, limit_key)
);
CREATE INDEX ix_claim_limits_key ON claim_limits (limit_key, claim_id);

INSERT INTO claim_limits (claim_id, limit_key, scope, ceiling_fen, on_day)
SELECT c.id, c.policy_id || '/' || c.award || '/' || c.contract_id, 'award',
  COALESCE((SELECT SUM(o.amount_fen - o.recovered_fen) FROM claims o
    WHERE o.contract_id = c.contract_id AND o.policy_id = c.policy_id AND o.award = c.award AND o.state NOT IN ('withdrawn', 'rejected', 'lapsed')), 0),
  COALESCE(k.recognised_on, DATE '1970-01-01')
FROM claims c JOIN contracts k ON k.id = c.contract_id;
