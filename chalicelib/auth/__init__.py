"""Signing in: organizations, users, passwords, tokens."""
