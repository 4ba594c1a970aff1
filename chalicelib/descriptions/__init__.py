"""Descriptions: which kind of document a text is, and what position descriptions and project briefs say."""
