-- Activities: `record` is the whole activity as JSON. Their tasks are in the frames.

CREATE TABLE activities (
  arn    TEXT NOT NULL,
  name   TEXT NOT NULL,
  record TEXT NOT NULL
);
CREATE UNIQUE INDEX activities_by_arn ON activities (arn);
