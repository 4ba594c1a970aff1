"""An organization, and what its admins decide for all its users."""
