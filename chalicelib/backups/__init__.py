"""Snapshots, exports and restore tests: that a lost database comes back."""
