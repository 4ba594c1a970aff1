-- Equality of ids beside overlap of times in one exclusion constraint. Trusted, and there on RDS.
create extension if not exists btree_gist;

-- Whose interview it is, is the application's to say: candidate and position are not repeated here.
create table interviews (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    application_id uuid not null,
    starts_at timestamptz not null,
    duration_minutes int not null check (duration_minutes between 1 and 720),
    -- Where the time was meant: IANA, for invitations and for whoever reads it.
    time_zone text not null,
    kind text not null check (kind in ('phone', 'video', 'onsite')),
    status text not null default 'scheduled' check (status in ('scheduled', 'completed', 'cancelled', 'no_show')),
    location text,
    video_link text,
    notes text,
    created_by uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version int not null default 1,
    unique (organization_id, id),
    foreign key (organization_id, application_id) references applications (organization_id, id)
);
create index interviews_list on interviews (organization_id, starts_at desc, id desc);
create index interviews_application on interviews (organization_id, application_id, starts_at desc, id desc);
create index interviews_status on interviews (organization_id, status, starts_at desc, id desc);

-- Nobody interviews twice at one time, whoever plans it and whichever project it is for. What was called off holds no time.
create table interviewers (
    organization_id uuid not null,
    interview_id uuid not null,
    user_id uuid not null,
    during tstzrange not null,
    is_planned boolean not null,
    primary key (organization_id, interview_id, user_id),
    foreign key (organization_id, interview_id) references interviews (organization_id, id) on delete cascade,
    foreign key (organization_id, user_id) references users (organization_id, id),
    constraint interviewers_busy exclude using gist (organization_id with =, user_id with =, during with &&)
        where (is_planned)
);
create index interviewers_user on interviewers (organization_id, user_id, interview_id);

create table scorecards (
    id uuid primary key,
    organization_id uuid not null,
    interview_id uuid not null,
    user_id uuid not null,
    marks jsonb not null,
    recommendation text not null check (recommendation in ('strong_yes', 'yes', 'no', 'strong_no')),
    comment text,
    submitted_at timestamptz not null,
    updated_at timestamptz not null,
    version int not null default 1,
    unique (organization_id, id),
    foreign key (organization_id, interview_id) references interviews (organization_id, id),
    foreign key (organization_id, user_id) references users (organization_id, id)
);
create unique index scorecards_own on scorecards (organization_id, interview_id, user_id);

grant select, insert, update, delete on interviews, interviewers, scorecards to recruitpro_app;
-- Part of what a person can ask to be erased.
grant select, update, delete on interviews, interviewers, scorecards to recruitpro_eraser;
