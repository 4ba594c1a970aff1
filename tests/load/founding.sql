-- Twenty organizations, the first with half of everything, the others ever smaller; their users, who are signed in, and
-- their positions. @rows candidates will follow. Nobody is erased by age while measurements go on.
create schema load;
create table load.batches (first int primary key);

insert into organizations (id, name, created_at, updated_at, retention_days)
select uuidv7(), 'Organization ' || n, now(), now(), null from generate_series(1, 20) as n;
create table load.shares as
select id, number, case number when 1 then 0.5 else 0.5 / number / sum(1.0 / number) filter (where number > 1) over () end
    as share
from (select id, row_number() over (order by id) as number from organizations) as numbered;

insert into users (id, organization_id, email, name, role, password_hash, created_at, updated_at)
select uuidv7(), id, format('user-%s@organization-%s.example', n, number), 'Robin ' || n,
    case when n = 1 then 'admin' when n % 6 = 0 then 'viewer' else 'recruiter' end, '@password_hash', now(), now()
from load.shares, lateral generate_series(1, greatest(12, (share * 500)::int)) as n;
insert into sign_ins (id, organization_id, user_id, created_at, expires_at)
select uuidv7(), organization_id, id, now(), now() + interval '10 years' from users;

insert into positions (id, organization_id, title, department, location, description, experience_years_min, openings,
    salary_min, salary_max, currency, requirements, stages, created_by, created_at, updated_at)
select uuidv7(make_interval(days => -700)), shares.id, load.common(load.titles()) || ' ' || n,
    load.one(array['Engineering', 'Care', 'Finance', 'Sales', 'Operations']), load.common(load.cities()),
    load.one(load.habits()), 2 + n % 6, 100000, 55000, 95000, 'GBP',
    jsonb_build_array(
        jsonb_build_object('id', 'first', 'text', load.common(load.skills()), 'kind', 'must', 'weight', 5),
        jsonb_build_object('id', 'years', 'text', '3+ years of ' || load.common(load.skills()), 'kind', 'must',
            'weight', 4),
        jsonb_build_object('id', 'third', 'text', load.common(load.skills()), 'kind', 'nice', 'weight', 2)),
    array['applied', 'screen', 'interview', 'offer', 'hired'],
    (select users.id from users where users.organization_id = shares.id and role = 'admin'),
    now() - interval '700 days', now() - interval '700 days'
from load.shares as shares, lateral generate_series(1, greatest(4, (share * @rows / 500)::int)) as n;

create table load.positions as
select id, organization_id, created_by, row_number() over (partition by organization_id order by id) - 1 as number,
    count(*) over (partition by organization_id) as count
from positions;
create index on load.positions (organization_id, number);
