"""Talks with candidates: when, where, with whom, and what each interviewer found."""
