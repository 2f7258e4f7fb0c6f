-- What administrators filter and count by, read out of the event.
ALTER TABLE journal ADD COLUMN kind TEXT GENERATED ALWAYS AS (event ->> '$.kind') VIRTUAL;
ALTER TABLE journal ADD COLUMN outcome TEXT GENERATED ALWAYS AS (event ->> '$.outcome') VIRTUAL;
ALTER TABLE journal ADD COLUMN factor TEXT GENERATED ALWAYS AS (event ->> '$.factor') VIRTUAL;
ALTER TABLE journal ADD COLUMN portal TEXT GENERATED ALWAYS AS (event ->> '$.portal') VIRTUAL;
-- Covers the counting of days.
CREATE INDEX journal_kinds ON journal (kind, at, outcome, factor);
