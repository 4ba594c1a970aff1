"""What people may ask of us about themselves: everything we hold, nothing any more, and no longer than agreed."""
