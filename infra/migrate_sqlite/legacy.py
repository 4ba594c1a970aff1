"""What the old application's tables are, and what becomes of each."""

from __future__ import annotations

CORE = ("users", "projects", "positions", "candidates")
KEYS = {
    "users": "user_id",
    "projects": "project_id",
    "positions": "position_id",
    "candidates": "candidate_id",
    "candidate_status_history": "history_id",
    "interviews": "interview_id",
    "documents": "id",
    "project_documents": "doc_id",
    "screening_runs": "screening_id",
    "outreach_runs": "outreach_id",
    "communication_templates": "template_id",
    "salary_benchmarks": "benchmark_id",
    "project_market_research": "research_id",
    "activity_feed": "activity_id",
    "ai_jobs": "job_id",
    "sourcing_jobs": "sourcing_job_id",
    "sourcing_results": "result_id",
    "chatbot_sessions": "session_id",
    "chatbot_messages": "message_id",
    "embeddings_index_refs": "index_id",
    "integration_credentials": "key",
    "advanced_features_config": "key",
    "admin_migration_logs": "migration_id",
}
LEFT_BEHIND = {
    "ai_jobs": "work of the old machinery: what came of it stands in its other tables",
    "sourcing_jobs": "searches on other platforms, which there are none of here",
    "sourcing_results": "profiles of people who never heard of us: there is no ground to keep them",
    "chatbot_sessions": "there is no chatbot here",
    "chatbot_messages": "there is no chatbot here",
    "embeddings_index_refs": "pointers to an index that stays where it is",
    "integration_credentials": "secrets of other services, sealed by the old key: issue new ones",
    "advanced_features_config": "switches of the old application",
    "admin_migration_logs": "the log of earlier migrations",
}
STAGES = {
    "new": "applied",
    "screening": "screen",
    "interviewing": "interview",
    "offer": "offer",
    "hired": "hired",
}
# Said by other installations; what is meant is clear.
OTHER_STAGES = {"applied": "applied", "screen": "screen", "interview": "interview", "offered": "offer"}
CLOSED = ("rejected", "withdrawn")
