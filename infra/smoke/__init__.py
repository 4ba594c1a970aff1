"""Whether a deployment works, asked from outside within a minute: safe for production, for it removes what it makes."""
