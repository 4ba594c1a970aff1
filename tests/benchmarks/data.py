"""Twenty organizations with a thousand candidates and a hundred positions each, written by a few statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa

from chalicelib.auth import tokens
from chalicelib.auth.tokens import Claims
from chalicelib.migrations.roles import driver_url
from tests.house import Database

ORGANIZATIONS, CANDIDATES, POSITIONS = 20, 20_000, 2_000
FILL = f"""
    insert into organizations (id, name, created_at, updated_at)
    select uuidv7(), 'Organization ' || n, now(), now() from generate_series(1, {ORGANIZATIONS}) as n;

    create temp table numbered as select id, row_number() over (order by id) - 1 as number from organizations;

    insert into users (id, organization_id, email, name, role, password_hash, created_at, updated_at)
    select uuidv7(), id, 'recruiter-' || number || '@benchmark.example', 'Robin', 'recruiter', '-', now(), now()
    from numbered;

    insert into sign_ins (id, organization_id, user_id, created_at, expires_at)
    select uuidv7(), organization_id, id, now(), now() + interval '1 day' from users;

    insert into candidates (id, organization_id, name, email, phone, location, headline, summary, skills, experience,
        education, links, source, tags, created_at, updated_at)
    select uuidv7(), numbered.id, 'Candidate ' || n, 'candidate-' || n || '@benchmark.example',
        '+442079460' || 100 + n % 900, 'London', 'Backend engineer',
        'Nine years of building payment and booking systems in Python, the last four as the lead of a team of five.',
        array['Python', 'PostgreSQL', 'AWS', 'Docker', 'Terraform'],
        jsonb_build_array(
            jsonb_build_object('title', 'Senior engineer', 'organization', 'Tidewater Payments', 'location', 'London',
                'start', '2019-04', 'end', null, 'is_current', true, 'description', 'Led the move to events.'),
            jsonb_build_object('title', 'Engineer', 'organization', 'Larkfield Travel', 'location', 'Leeds',
                'start', '2015-09', 'end', '2019-03', 'is_current', false, 'description', 'Booking engine.')),
        jsonb_build_array(jsonb_build_object('institution', 'University of Leeds', 'degree', 'BSc',
            'field', 'Computer science', 'start_year', 2012, 'end_year', 2015)),
        array['https://example.com/candidate-' || n], 'referral', array['spring'], now(), now()
    from generate_series(1, {CANDIDATES}) as n join numbered on number = n % {ORGANIZATIONS};

    insert into positions (id, organization_id, title, department, location, description, experience_years_min,
        openings, salary_min, salary_max, currency, requirements, stages, created_by, created_at, updated_at)
    select uuidv7(), numbered.id, 'Backend engineer ' || n, 'Engineering', 'London', 'Builds what pays the bills.', 5,
        2, 75000, 95000, 'GBP',
        '[{{"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5}},
          {{"id": "postgresql", "text": "PostgreSQL", "kind": "must", "weight": 4}},
          {{"id": "terraform", "text": "Terraform", "kind": "nice", "weight": 2}}]'::jsonb,
        array['applied', 'screen', 'interview', 'offer', 'hired'], users.id, now(), now()
    from generate_series(1, {POSITIONS}) as n
        join numbered on number = n % {ORGANIZATIONS} join users on users.organization_id = numbered.id;
"""


@dataclass(frozen=True, slots=True)
class Recruiter:
    """Somebody signed in to one of the organizations, and one candidate and one position of it."""

    token: str
    candidate_id: UUID
    position_id: UUID


def fill(database: Database) -> Recruiter:
    """Write everything as the superuser, and gather statistics."""
    engine = sa.create_engine(driver_url(database.superuser_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(sa.text(statement.replace(":", "\\:").replace("\\:\\:", "::")))
        row = connection.execute(
            sa.text("""
                select users.id, users.organization_id, sign_ins.id as sign_in_id,
                    (select id from candidates where organization_id = users.organization_id limit 1) as candidate_id,
                    (select id from positions where organization_id = users.organization_id limit 1) as position_id
                from users join sign_ins on sign_ins.user_id = users.id order by users.id limit 1
            """)
        ).one()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("vacuum analyze"))
    engine.dispose()
    token = tokens.make_access_token(Claims(row.id, row.organization_id, row.sign_in_id), datetime.now(UTC))
    return Recruiter(token, row.candidate_id, row.position_id)
