"""Mails of the system's own: invitations, links to set a new password, and what somebody must know of their account."""
