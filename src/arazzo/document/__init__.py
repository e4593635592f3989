"""The specification's "Schema" chapter: an Arazzo document as its author wrote it."""
