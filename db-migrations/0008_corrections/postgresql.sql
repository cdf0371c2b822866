-- A claim can be recovered in parts: what is demanded back now, what was given back, and what was not to be given back after all.

ALTER TABLE claims ADD COLUMN recovered_fen bigint NOT NULL DEFAULT 0 CHECK (recovered_fen >= 0);
ALTER TABLE claims ADD COLUMN waived_fen bigint NOT NULL DEFAULT 0 CHECK (waived_fen >= 0);
ALTER TABLE claims ADD COLUMN recover_fen bigint CHECK (recover_fen > 0 OR recover_fen IS NULL)
  CHECK (COALESCE(recover_fen, 0) + recovered_fen + waived_fen <= COALESCE(amount_fen, 0));

UPDATE claims SET recover_fen = amount_fen WHERE state = 'clawbackOpened';
UPDATE claims SET recovered_fen = amount_fen WHERE state = 'clawedBack';
UPDATE claims SET waived_fen = amount_fen WHERE state = 'waived';
