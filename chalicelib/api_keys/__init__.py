"""Keys with which programs act for an organization, each within its scopes."""
