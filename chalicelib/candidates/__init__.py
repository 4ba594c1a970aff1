"""People: profile, contact, consent, and finding them."""
