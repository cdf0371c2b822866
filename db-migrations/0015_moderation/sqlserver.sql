-- What a moderator decides about: a material change of a published listing is a revision beside it, in force when a moderator has published it; a listing that
-- was taken down stands in the state removed, and removed_from is the state it came from. reason is the last one that a moderator gave.

ALTER TABLE listings ADD
  reason nvarchar(1000) COLLATE Latin1_General_100_BIN2,
  removed_from nvarchar(64) COLLATE Latin1_General_100_BIN2,
  revision_state nvarchar(64) COLLATE Latin1_General_100_BIN2,
  revision_content nvarchar(max) COLLATE Latin1_General_100_BIN2,
  revision_confidential nvarchar(max) COLLATE Latin1_General_100_BIN2,
  revision_updated_at datetime2(3),
  CONSTRAINT ck_listings_removed CHECK ((state = 'removed' AND removed_from IS NOT NULL) OR (state <> 'removed' AND removed_from IS NULL)),
  CONSTRAINT ck_listings_revision_state CHECK (revision_state IS NULL OR revision_state IN ('draft', 'submitted', 'returned')),
  CONSTRAINT ck_listings_revision CHECK ((revision_state IS NULL AND revision_content IS NULL AND revision_confidential IS NULL AND revision_updated_at IS NULL) OR (revision_state IS NOT NULL AND revision_content IS NOT NULL AND revision_updated_at IS NOT NULL AND state IN ('published', 'paused', 'removed')));

-- One introduction of a pair waits for an answer at a time: the sides' own has the slot '', a broker's its id, and what was there twice before keeps a slot of its own.
ALTER TABLE introductions ADD pair_slot nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT df_introductions_pair_slot DEFAULT '';

GO

CREATE INDEX ix_listings_revision ON listings (kind, revision_state, id) WHERE revision_state IS NOT NULL;
UPDATE introductions SET pair_slot = introducer_id WHERE introducer_id <> demand_party_id AND introducer_id <> other_party_id;
UPDATE introductions SET pair_slot = id
WHERE state IN ('sent', 'accepted') AND EXISTS (SELECT 1 FROM introductions o
  WHERE o.state IN ('sent', 'accepted') AND o.demand_id = introductions.demand_id AND o.other_party_id = introductions.other_party_id
    AND COALESCE(o.achievement_id, '') = COALESCE(introductions.achievement_id, '') AND o.pair_slot = introductions.pair_slot AND o.id < introductions.id);
CREATE UNIQUE INDEX ux_introductions_pair ON introductions (demand_id, achievement_id, pair_slot)
  WHERE achievement_id IS NOT NULL AND state IN ('sent', 'accepted');
CREATE UNIQUE INDEX ux_introductions_offer ON introductions (demand_id, other_party_id, pair_slot)
  WHERE achievement_id IS NULL AND state IN ('sent', 'accepted');
