-- What running the market on a server needs: SQL Server compares every text byte by byte and truncates no table that records what is kept.

-- The keys of the demo market are made from this, and are the same at each start. A market without demo data has no row here.
CREATE TABLE demo_seeds (
  id int NOT NULL PRIMARY KEY CONSTRAINT ck_demo_seeds_one CHECK (id = 1),
  seed nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL
);

-- Always empty: SQL Server truncates no table that another refers to, and its triggers would not hear of it.
CREATE TABLE kept_records (
  id int NOT NULL PRIMARY KEY CONSTRAINT ck_kept_records_none CHECK (1 = 0),
  event_id nvarchar(40) COLLATE Latin1_General_100_BIN2 CONSTRAINT fk_kept_records_event REFERENCES events (id),
  contract_id nvarchar(40) COLLATE Latin1_General_100_BIN2,
  step_version int,
  fund_id nvarchar(40) COLLATE Latin1_General_100_BIN2,
  entry_number bigint,
  CONSTRAINT fk_kept_records_step FOREIGN KEY (contract_id, step_version) REFERENCES contract_steps (contract_id, version),
  CONSTRAINT fk_kept_records_entry FOREIGN KEY (fund_id, entry_number) REFERENCES ledger_entries (fund_id, entry_number)
);

-- The database's own collation would take persons, readers and roles of another case or width for the same, and a trailing blank never counts. What the CHECKs of
-- amendments speak of cannot be altered under them, and they were not named.
DECLARE @drop nvarchar(max) = N'';
SELECT @drop = @drop + N'ALTER TABLE contracts DROP CONSTRAINT ' + QUOTENAME(name) + N';'
FROM sys.check_constraints
WHERE parent_object_id = OBJECT_ID(N'contracts') AND definition LIKE N'%amendment%';
EXEC sp_executesql @drop;

GO

ALTER TABLE parties ALTER COLUMN name nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE parties ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE api_keys ALTER COLUMN roles nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE idempotency_keys ALTER COLUMN body nvarchar(max) COLLATE Latin1_General_100_BIN2;
ALTER TABLE idempotency_keys ALTER COLUMN content_type nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE idempotency_keys ALTER COLUMN location nvarchar(200) COLLATE Latin1_General_100_BIN2;
ALTER TABLE idempotency_keys ALTER COLUMN etag nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE listings ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE listings ALTER COLUMN confidential nvarchar(max) COLLATE Latin1_General_100_BIN2;
ALTER TABLE introductions ALTER COLUMN message nvarchar(2000) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE introductions ALTER COLUMN decline_note nvarchar(1000) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE contracts ALTER COLUMN office nvarchar(200) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN reason nvarchar(1000) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN proposal nvarchar(max) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN amendment nvarchar(max) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN amendment_buyer_signed_by nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contracts ALTER COLUMN amendment_seller_signed_by nvarchar(100) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contract_steps ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE contract_payments ALTER COLUMN reason nvarchar(2000) COLLATE Latin1_General_100_BIN2;
ALTER TABLE contract_terms ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE events ALTER COLUMN event_data nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE events ALTER COLUMN readers nvarchar(2000) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE subscriptions ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE match_models ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE funds ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE funds ALTER COLUMN proposed_reason nvarchar(2000) COLLATE Latin1_General_100_BIN2;
ALTER TABLE funds ALTER COLUMN reason nvarchar(2000) COLLATE Latin1_General_100_BIN2;
ALTER TABLE funds ALTER COLUMN breach nvarchar(2000) COLLATE Latin1_General_100_BIN2;
ALTER TABLE ledger_entries ALTER COLUMN reason nvarchar(2000) COLLATE Latin1_General_100_BIN2;
ALTER TABLE ledger_entries ALTER COLUMN person nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE claims ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;
ALTER TABLE claims ALTER COLUMN reason nvarchar(2000) COLLATE Latin1_General_100_BIN2;
ALTER TABLE claims ALTER COLUMN decision nvarchar(max) COLLATE Latin1_General_100_BIN2;
ALTER TABLE claims ALTER COLUMN out_of_turn nvarchar(2000) COLLATE Latin1_General_100_BIN2;
ALTER TABLE claims ALTER COLUMN shares nvarchar(max) COLLATE Latin1_General_100_BIN2;
ALTER TABLE claim_bases ALTER COLUMN content nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL;

GO

ALTER TABLE contracts ADD
  CONSTRAINT ck_contracts_amendment CHECK ((amendment IS NULL AND amendment_by IS NULL AND amendment_terms IS NULL)
    OR (amendment IS NOT NULL AND amendment_by IS NOT NULL AND amendment_terms IS NOT NULL AND amendment_terms > terms_version AND amendment_terms = terms_written
      AND life IN ('signed', 'performed')));
ALTER TABLE contracts ADD
  CONSTRAINT ck_contracts_amendment_signed CHECK ((amendment_buyer_signed_at IS NULL AND amendment_seller_signed_at IS NULL)
    OR (amendment IS NOT NULL AND (amendment_buyer_signed_at IS NULL OR amendment_seller_signed_at IS NULL)));
