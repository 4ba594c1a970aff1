"""One command deploys an environment, shows before what would change, and goes back when it does not work.

docs/deployment.md says how it is used, docs/decisions/0019 why it goes this way.
"""
