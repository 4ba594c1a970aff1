"""The Chalice app: registers each domain's routes, nothing else."""

from __future__ import annotations

from chalicelib import reporting
from chalicelib.auth.routes import routes as auth
from chalicelib.events.routes import routes as events
from chalicelib.http.app import Api
from chalicelib.jobs.routes import routes as jobs
from chalicelib.projects.routes import routes as projects

reporting.start()
app = Api("recruitpro")
for domain in (auth, projects, jobs, events):
    app.mount(domain)
app.close()
