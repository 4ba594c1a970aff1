"""Stored files: announced, uploaded straight to S3, scanned, and only then read."""
