-- What is recorded stays: an event is numbered once and otherwise never changed, a step of a contract not at all.
-- The last event of a claim holds a digest of the claim's row. The salt goes into it, so that nobody finds a reviewer's name by trying names.

ALTER TABLE claims ADD salt nvarchar(64) COLLATE Latin1_General_100_BIN2;
GO
UPDATE claims SET salt = LOWER(REPLACE(CONVERT(nvarchar(36), NEWID()), '-', ''));
GO

-- TRUNCATE fires no trigger: it is refused to who may not alter the table, and otherwise found, for the head's row still counts the events.
CREATE TRIGGER tr_events_kept ON events AFTER UPDATE, DELETE AS
BEGIN
  IF EXISTS (SELECT 1 FROM deleted d LEFT JOIN inserted i ON i.id = d.id
    WHERE i.id IS NULL OR d.sequence IS NOT NULL OR d.hash IS NOT NULL OR i.event_type <> d.event_type OR i.subject <> d.subject
      OR i.actor <> d.actor OR i.occurred_at <> d.occurred_at OR i.event_data <> d.event_data OR i.readers <> d.readers)
  BEGIN
    THROW 50000, 'events are never changed or deleted', 1;
  END;
END;
GO

CREATE TRIGGER tr_contract_steps_kept ON contract_steps INSTEAD OF UPDATE, DELETE AS
BEGIN
  THROW 50000, 'steps of contracts are never changed or deleted', 1;
END;
