-- Messages that aren't sent are looked for by channel when it can be written again.
CREATE INDEX posts_aside ON posts (channel) WHERE undeliverable IS NOT NULL;
