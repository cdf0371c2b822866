-- Modes of cooperation are stored by their names, in order of name with a comma around each, and no longer by their places in a list of the program.

ALTER TABLE listings ADD
  mode_codes nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_listings_mode_codes DEFAULT '';

GO

UPDATE listings SET mode_codes = CONCAT(',', CASE WHEN (modes & 8) <> 0 THEN 'consulting,' ELSE '' END,
  CASE WHEN (modes & 1) <> 0 THEN 'development,' ELSE '' END,
  CASE WHEN (modes & 32) <> 0 THEN 'equity,' ELSE '' END,
  CASE WHEN (modes & 4) <> 0 THEN 'licence,' ELSE '' END,
  CASE WHEN (modes & 16) <> 0 THEN 'service,' ELSE '' END,
  CASE WHEN (modes & 2) <> 0 THEN 'transfer,' ELSE '' END)
WHERE modes <> 0;

GO

ALTER TABLE listings DROP COLUMN modes;
