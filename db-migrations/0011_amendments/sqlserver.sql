-- An amendment lies beside the terms in force until both sides have signed it; what was being amended becomes that. The terms that came into force are kept,
-- and who keeps reading a contract: a party that signed a version, a broker of a version that both had signed.

ALTER TABLE contracts ADD
  terms_written int NOT NULL DEFAULT 1 CHECK (terms_written >= 1),
  amendment nvarchar(max),
  amendment_by nvarchar(40) COLLATE Latin1_General_100_BIN2 REFERENCES parties (id),
  amendment_terms int,
  amendment_buyer_signed_by nvarchar(100),
  amendment_buyer_signed_at datetime2(3),
  amendment_seller_signed_by nvarchar(100),
  amendment_seller_signed_at datetime2(3),
  CHECK ((amendment IS NULL AND amendment_by IS NULL AND amendment_terms IS NULL) OR (amendment IS NOT NULL AND amendment_by IS NOT NULL AND amendment_terms IS NOT NULL AND amendment_terms > terms_version AND amendment_terms = terms_written AND life IN ('signed', 'performed'))),
  CHECK ((amendment_buyer_signed_at IS NULL AND amendment_seller_signed_at IS NULL) OR (amendment IS NOT NULL AND (amendment_buyer_signed_at IS NULL OR amendment_seller_signed_at IS NULL)));
ALTER TABLE contract_steps ADD amendment_terms int;

-- Terms that both sides have signed, by their number.
CREATE TABLE contract_terms (
  contract_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES contracts (id),
  terms_version int NOT NULL,
  content nvarchar(max) NOT NULL,
  PRIMARY KEY (contract_id, terms_version)
);

-- terms_version: the last terms in force that name the party; 0 where it has signed a draft and left it.
CREATE TABLE contract_readers (
  contract_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES contracts (id),
  party_id nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES parties (id),
  terms_version int NOT NULL CHECK (terms_version >= 0),
  PRIMARY KEY (contract_id, party_id)
);
CREATE INDEX ix_contract_readers_party ON contract_readers (party_id, contract_id);

GO

UPDATE contracts SET terms_written = terms_version;

INSERT INTO contract_terms (contract_id, terms_version, content)
SELECT id, terms_version, content FROM contracts
WHERE life IN ('signed', 'performed', 'terminated') AND buyer_signed_terms = terms_version AND seller_signed_terms = terms_version;

-- Earlier ones, and those of a contract that is being amended, as they were last written. The last signature dated those that named no day: the member is put
-- where the market writes it, so that the text is the one whose SHA-256 its event carries.
INSERT INTO contract_terms (contract_id, terms_version, content)
SELECT written.contract_id, written.terms_version,
  CASE
    WHEN written.content LIKE '%"signedOn":%' THEN written.content
    WHEN written.content LIKE '%"startsOn":%' THEN REPLACE(written.content, '"startsOn":', '"signedOn":"' + CONVERT(nvarchar(10), DATEADD(hour, 8, written.signed_at), 23) + '","startsOn":')
    WHEN written.content LIKE '%"endsOn":%' THEN REPLACE(written.content, '"endsOn":', '"signedOn":"' + CONVERT(nvarchar(10), DATEADD(hour, 8, written.signed_at), 23) + '","endsOn":')
    ELSE REPLACE(written.content, '"relatedParties":', '"signedOn":"' + CONVERT(nvarchar(10), DATEADD(hour, 8, written.signed_at), 23) + '","relatedParties":') END
FROM (SELECT signed.contract_id, signed.terms_version, w.content,
    (SELECT MIN(s.occurred_at) FROM contract_steps s WHERE s.contract_id = w.contract_id AND s.life = 'signed' AND s.terms_version >= w.terms_version) AS signed_at
  FROM (SELECT DISTINCT contract_id, terms_version FROM contract_steps WHERE life = 'signed') signed
  JOIN contract_steps w ON w.contract_id = signed.contract_id AND w.version = (SELECT MAX(c.version) FROM contract_steps c
    WHERE c.contract_id = signed.contract_id AND c.step IN ('create', 'update') AND c.terms_version <= signed.terms_version)) written
WHERE NOT EXISTS (SELECT 1 FROM contract_terms t WHERE t.contract_id = written.contract_id AND t.terms_version = written.terms_version);

GO

-- What is being amended stands as it did before, with an open amendment beside it; an amendment that would change a party is none. A contract that ended meanwhile
-- has the terms that both had signed. No sum falls below what is received.
UPDATE contracts SET
  state = CASE WHEN contracts.recognition_state = 'deregistered' THEN 'deregistered' WHEN contracts.life = 'terminated' THEN 'terminated' WHEN was.life = 'performed' THEN 'completed'
    WHEN was.recognition_state = 'reviewed' THEN 'refused' WHEN was.recognition_state IN ('none', 'lapsed') THEN 'signed' ELSE was.recognition_state END,
  life = CASE WHEN contracts.life = 'terminated' THEN 'terminated' ELSE was.life END,
  recognition_state = CASE WHEN contracts.life = 'terminated' OR contracts.recognition_state = 'deregistered' THEN contracts.recognition_state ELSE was.recognition_state END,
  terms_version = was.terms_version,
  content = was.content,
  kind = was.kind,
  buyer_id = was.buyer,
  seller_id = was.seller,
  project = was.project,
  total_fen = CASE WHEN contracts.received_fen > was.total_fen THEN contracts.received_fen ELSE was.total_fen END,
  technology_fen = CASE WHEN contracts.received_fen > CASE WHEN contracts.recognised_terms = was.terms_version THEN contracts.recognised_fen ELSE was.technology_fen END THEN contracts.received_fen ELSE CASE WHEN contracts.recognised_terms = was.terms_version THEN contracts.recognised_fen ELSE was.technology_fen END END,
  buyer_signed_terms = was.terms_version,
  seller_signed_terms = was.terms_version,
  buyer_signed_by = COALESCE((SELECT MAX(s.person) FROM contract_steps s WHERE s.contract_id = contracts.id AND s.step = 'sign' AND s.terms_version = was.terms_version AND s.party_id = was.buyer), contracts.buyer_signed_by),
  buyer_signed_at = COALESCE((SELECT MAX(s.occurred_at) FROM contract_steps s WHERE s.contract_id = contracts.id AND s.step = 'sign' AND s.terms_version = was.terms_version AND s.party_id = was.buyer), contracts.buyer_signed_at),
  seller_signed_by = COALESCE((SELECT MAX(s.person) FROM contract_steps s WHERE s.contract_id = contracts.id AND s.step = 'sign' AND s.terms_version = was.terms_version AND s.party_id = was.seller), contracts.seller_signed_by),
  seller_signed_at = COALESCE((SELECT MAX(s.occurred_at) FROM contract_steps s WHERE s.contract_id = contracts.id AND s.step = 'sign' AND s.terms_version = was.terms_version AND s.party_id = was.seller), contracts.seller_signed_at),
  amendment = CASE WHEN contracts.life = 'amending' AND contracts.recognition_state <> 'deregistered' AND contracts.buyer_id = was.buyer AND contracts.seller_id = was.seller THEN contracts.content END,
  amendment_terms = CASE WHEN contracts.life = 'amending' AND contracts.recognition_state <> 'deregistered' AND contracts.buyer_id = was.buyer AND contracts.seller_id = was.seller THEN contracts.terms_version END,
  amendment_by = CASE WHEN contracts.life = 'amending' AND contracts.recognition_state <> 'deregistered' AND contracts.buyer_id = was.buyer AND contracts.seller_id = was.seller THEN COALESCE((SELECT s.party_id FROM contract_steps s WHERE s.contract_id = contracts.id
    AND s.version = (SELECT MAX(a.version) FROM contract_steps a WHERE a.contract_id = contracts.id AND a.step = 'amend')), contracts.buyer_id) END,
  amendment_buyer_signed_by = CASE WHEN contracts.life = 'amending' AND contracts.recognition_state <> 'deregistered' AND contracts.buyer_id = was.buyer AND contracts.seller_id = was.seller AND contracts.buyer_signed_terms = contracts.terms_version THEN contracts.buyer_signed_by END,
  amendment_buyer_signed_at = CASE WHEN contracts.life = 'amending' AND contracts.recognition_state <> 'deregistered' AND contracts.buyer_id = was.buyer AND contracts.seller_id = was.seller AND contracts.buyer_signed_terms = contracts.terms_version THEN contracts.buyer_signed_at END,
  amendment_seller_signed_by = CASE WHEN contracts.life = 'amending' AND contracts.recognition_state <> 'deregistered' AND contracts.buyer_id = was.buyer AND contracts.seller_id = was.seller AND contracts.seller_signed_terms = contracts.terms_version THEN contracts.seller_signed_by END,
  amendment_seller_signed_at = CASE WHEN contracts.life = 'amending' AND contracts.recognition_state <> 'deregistered' AND contracts.buyer_id = was.buyer AND contracts.seller_id = was.seller AND contracts.seller_signed_terms = contracts.terms_version THEN contracts.seller_signed_at END
FROM contracts JOIN (SELECT t.contract_id, t.terms_version, t.content, s.life, s.recognition_state,
    COALESCE(JSON_VALUE(t.content, '$.buyer') COLLATE Latin1_General_100_BIN2, c.buyer_id) AS buyer, COALESCE(JSON_VALUE(t.content, '$.seller') COLLATE Latin1_General_100_BIN2, c.seller_id) AS seller, COALESCE(JSON_VALUE(t.content, '$.kind') COLLATE Latin1_General_100_BIN2, c.kind) AS kind, JSON_VALUE(t.content, '$.project') AS project,
    CAST(CAST(JSON_VALUE(t.content, '$.amount') AS decimal(18, 2)) * 100 AS bigint) AS total_fen,
    CAST(CAST(COALESCE(JSON_VALUE(t.content, '$.technologyAmount'), JSON_VALUE(t.content, '$.amount')) AS decimal(18, 2)) * 100 AS bigint) AS technology_fen
  FROM contract_terms t JOIN contracts c ON c.id = t.contract_id JOIN contract_steps s ON s.contract_id = t.contract_id
    AND s.version = (SELECT MAX(l.version) FROM contract_steps l WHERE l.contract_id = t.contract_id AND l.terms_version = t.terms_version)
  WHERE t.terms_version = (SELECT MAX(m.terms_version) FROM contract_terms m WHERE m.contract_id = t.contract_id)) was ON was.contract_id = contracts.id
WHERE contracts.life = 'amending' OR (contracts.life = 'terminated' AND (contracts.buyer_signed_terms IS NULL OR contracts.seller_signed_terms IS NULL OR contracts.buyer_signed_terms <> contracts.terms_version OR contracts.seller_signed_terms <> contracts.terms_version));

-- Where no step tells what both had signed, the terms stay as they are, and are not recognised.
UPDATE contracts SET life = 'signed', state = CASE WHEN recognition_state = 'deregistered' THEN 'deregistered' ELSE 'signed' END,
  buyer_signed_terms = terms_version, seller_signed_terms = terms_version
WHERE life = 'amending';

INSERT INTO contract_terms (contract_id, terms_version, content)
SELECT c.id, c.terms_version, c.content FROM contracts c
WHERE c.life IN ('signed', 'performed', 'terminated')
  AND NOT EXISTS (SELECT 1 FROM contract_terms t WHERE t.contract_id = c.id AND t.terms_version = c.terms_version);

DELETE FROM contract_brokers WHERE contract_id IN (SELECT id FROM contracts WHERE life IN ('signed', 'performed', 'terminated'));
INSERT INTO contract_brokers (contract_id, party_id)
SELECT DISTINCT c.id, p.id FROM contracts c CROSS APPLY OPENJSON(c.content, '$.brokers') WITH (party nvarchar(40) '$.party') b JOIN parties p ON p.id = b.party COLLATE Latin1_General_100_BIN2 WHERE c.life IN ('signed', 'performed', 'terminated');

INSERT INTO contract_readers (contract_id, party_id, terms_version)
SELECT named.contract_id, named.party_id, MAX(named.terms_version) FROM (
  SELECT t.contract_id, p.id AS party_id, t.terms_version FROM contract_terms t JOIN parties p ON p.id IN (JSON_VALUE(t.content, '$.buyer') COLLATE Latin1_General_100_BIN2, JSON_VALUE(t.content, '$.seller') COLLATE Latin1_General_100_BIN2)
  UNION ALL
  SELECT t.contract_id, p.id, t.terms_version FROM contract_terms t CROSS APPLY OPENJSON(t.content, '$.brokers') WITH (party nvarchar(40) '$.party') b JOIN parties p ON p.id = b.party COLLATE Latin1_General_100_BIN2
  UNION ALL
  SELECT s.contract_id, s.party_id, 0 FROM contract_steps s WHERE s.step = 'sign') named
GROUP BY named.contract_id, named.party_id;
