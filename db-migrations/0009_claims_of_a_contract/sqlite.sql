-- Every step of a contract and every new claim looks for the contract's claims.
CREATE INDEX ix_claims_contract ON claims (contract_id, id);
