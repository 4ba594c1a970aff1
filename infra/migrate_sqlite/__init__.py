"""Brings the data of the old RecruitPro over: `python -m infra.migrate_sqlite`, docs/from-the-old-system.md.

What becomes of a row is decided first and in memory (plan.py and what it calls), then written (writing.py), then read
back and compared (verifying.py). Why it is so: docs/decisions/0018-from-the-old-system.md.
"""
