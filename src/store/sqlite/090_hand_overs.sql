-- A session that was handed over from one at another portal ends with it, whoever ends that one.
ALTER TABLE sessions ADD COLUMN handed_from TEXT;
CREATE INDEX sessions_handed_from ON sessions (handed_from) WHERE handed_from IS NOT NULL;
CREATE TRIGGER sessions_end_together AFTER DELETE ON sessions
BEGIN
    DELETE FROM sessions WHERE handed_from = OLD.id;
END;
