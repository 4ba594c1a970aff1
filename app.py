"""The Chalice app: registers each domain's routes and every function, nothing else."""

from __future__ import annotations

from chalicelib import reporting, snapstart
from chalicelib.api_keys.routes import routes as api_keys
from chalicelib.applications.routes import routes as applications
from chalicelib.auth.routes import routes as auth
from chalicelib.bulk_imports.routes import routes as imports
from chalicelib.candidates.merge_routes import routes as merges
from chalicelib.candidates.routes import routes as candidates
from chalicelib.documents.release_routes import routes as releases
from chalicelib.documents.routes import routes as documents
from chalicelib.events.routes import routes as events
from chalicelib.http.app import Api
from chalicelib.interviews.routes import routes as interviews
from chalicelib.jobs.routes import routes as jobs
from chalicelib.market_research.routes import routes as market_research
from chalicelib.operations.routes import routes as operations
from chalicelib.organizations.routes import routes as organizations
from chalicelib.outreach.routes import routes as outreach
from chalicelib.positions.routes import routes as positions
from chalicelib.privacy.routes import routes as privacy
from chalicelib.projects.routes import routes as projects
from chalicelib.reports.routes import routes as reports
from chalicelib.screening.routes import routes as screenings
from chalicelib.second_factor.routes import routes as second_factor
from chalicelib.users.invitation_routes import routes as invitations
from chalicelib.users.public_routes import routes as links
from chalicelib.users.routes import routes as users
from chalicelib.webhooks.routes import routes as webhooks
from functions import (
    apply_retention,
    check_health,
    deliver_webhooks,
    expire_candidates,
    migrate_database,
    relay_jobs,
    rescan_documents,
    reseal_secrets,
    roll_up_metrics,
    rotate_database_secret,
    rotate_token_secret,
    run_default_jobs,
    run_low_jobs,
    run_screening,
    scan_document,
    take_snapshot,
    verify_events,
    verify_restore,
)

reporting.start()
snapstart.prepare()
app = Api("recruitpro")
for domain in (
    auth,
    second_factor,
    links,
    users,
    invitations,
    organizations,
    api_keys,
    projects,
    positions,
    candidates,
    merges,
    applications,
    documents,
    releases,
    screenings,
    interviews,
    market_research,
    imports,
    jobs,
    outreach,
    reports,
    privacy,
    events,
    webhooks,
    operations,
):
    app.mount(domain)
app.publish()
app.close()
for function in (
    scan_document,
    run_screening,
    run_default_jobs,
    run_low_jobs,
    deliver_webhooks,
    relay_jobs,
    check_health,
    apply_retention,
    rescan_documents,
    expire_candidates,
    verify_events,
    reseal_secrets,
    roll_up_metrics,
    take_snapshot,
    verify_restore,
    migrate_database,
    rotate_database_secret,
    rotate_token_secret,
):
    app.register_blueprint(function.functions)
