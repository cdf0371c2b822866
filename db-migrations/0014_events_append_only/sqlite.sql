-- What is recorded stays: an event is numbered once and otherwise never changed, a step of a contract not at all.
-- The last event of a claim holds a digest of the claim's row. The salt goes into it, so that nobody finds a reviewer's name by trying names.

ALTER TABLE claims ADD COLUMN salt TEXT;

UPDATE claims SET salt = LOWER(HEX(RANDOMBLOB(16)));

CREATE TRIGGER tr_events_update BEFORE UPDATE ON events
WHEN OLD.sequence IS NOT NULL OR OLD.hash IS NOT NULL OR NEW.id <> OLD.id OR NEW.event_type <> OLD.event_type OR NEW.subject <> OLD.subject
  OR NEW.actor <> OLD.actor OR NEW.occurred_at <> OLD.occurred_at OR NEW.event_data <> OLD.event_data OR NEW.readers <> OLD.readers
BEGIN
  SELECT RAISE(ABORT, 'events are never changed');
END;

CREATE TRIGGER tr_events_delete BEFORE DELETE ON events
BEGIN
  SELECT RAISE(ABORT, 'events are never deleted');
END;

CREATE TRIGGER tr_contract_steps_update BEFORE UPDATE ON contract_steps
BEGIN
  SELECT RAISE(ABORT, 'steps of contracts are never changed');
END;

CREATE TRIGGER tr_contract_steps_delete BEFORE DELETE ON contract_steps
BEGIN
  SELECT RAISE(ABORT, 'steps of contracts are never deleted');
END;
