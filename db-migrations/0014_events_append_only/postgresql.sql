-- What is recorded stays: an event is numbered once and otherwise never changed, a step of a contract not at all.
-- The last event of a claim holds a digest of the claim's row. The salt goes into it, so that nobody finds a reviewer's name by trying names.

ALTER TABLE claims ADD COLUMN salt text COLLATE "C";

UPDATE claims SET salt = REPLACE(GEN_RANDOM_UUID()::text, '-', '');

CREATE FUNCTION keep_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events are never changed or deleted';
END
$$;

CREATE TRIGGER tr_events_update BEFORE UPDATE ON events FOR EACH ROW
WHEN (OLD.sequence IS NOT NULL OR OLD.hash IS NOT NULL OR NEW.id <> OLD.id OR NEW.event_type <> OLD.event_type OR NEW.subject <> OLD.subject
  OR NEW.actor <> OLD.actor OR NEW.occurred_at <> OLD.occurred_at OR NEW.event_data <> OLD.event_data OR NEW.readers <> OLD.readers)
EXECUTE FUNCTION keep_events();

CREATE TRIGGER tr_events_kept BEFORE DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION keep_events();

CREATE FUNCTION keep_contract_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'steps of contracts are never changed or deleted';
END
$$;

CREATE TRIGGER tr_contract_steps_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON contract_steps
FOR EACH STATEMENT EXECUTE FUNCTION keep_contract_steps();
