"""The Chalice app: every area of the API and every function, nothing else."""

from __future__ import annotations

from importlib import import_module

from chalicelib import reporting, snapstart
from chalicelib.cold_start import loads_by_request
from chalicelib.http.areas import ApiByAreas

# Each is a Lambda of its own that starts from functions/<name>.py. They stand here to be packaged and run locally; the
# API's own container has no use for them.
FUNCTIONS = (
    "scan_document",
    "run_screening",
    "run_default_jobs",
    "run_low_jobs",
    "deliver_webhooks",
    "relay_jobs",
    "check_health",
    "apply_retention",
    "rescan_documents",
    "expire_candidates",
    "verify_events",
    "reseal_secrets",
    "roll_up_metrics",
    "take_snapshot",
    "verify_restore",
    "migrate_database",
    "rotate_database_secret",
    "rotate_token_secret",
)

reporting.start()
snapstart.prepare()
app = ApiByAreas("recruitpro")
if not loads_by_request():
    app.load_all()
    for function in FUNCTIONS:
        app.register_blueprint(import_module(f"functions.{function}").functions)
