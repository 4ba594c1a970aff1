"""Client engagements that positions belong to."""
