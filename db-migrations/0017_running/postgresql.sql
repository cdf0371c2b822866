-- What running the market on a server needs: SQL Server compares every text byte by byte and truncates no table that records what is kept.

-- The keys of the demo market are made from this, and are the same at each start. A market without demo data has no row here.
CREATE TABLE demo_seeds (
  id integer NOT NULL PRIMARY KEY CONSTRAINT ck_demo_seeds_one CHECK (id = 1),
  seed text COLLATE "C" NOT NULL
);

-- Always empty: SQL Server truncates no table that another refers to, and its triggers would not hear of it.
CREATE TABLE kept_records (
  id integer NOT NULL PRIMARY KEY CONSTRAINT ck_kept_records_none CHECK (1 = 0),
  event_id text COLLATE "C" CONSTRAINT fk_kept_records_event REFERENCES events (id),
  contract_id text COLLATE "C",
  step_version integer,
  fund_id text COLLATE "C",
  entry_number bigint,
  CONSTRAINT fk_kept_records_step FOREIGN KEY (contract_id, step_version) REFERENCES contract_steps (contract_id, version),
  CONSTRAINT fk_kept_records_entry FOREIGN KEY (fund_id, entry_number) REFERENCES ledger_entries (fund_id, entry_number)
);
