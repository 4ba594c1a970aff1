alter table organizations add column requires_second_factor boolean not null default false;
alter table organizations add column version int not null default 1;

create index users_list on users (organization_id, id desc);
create index users_role on users (organization_id, role, id desc);

-- A mail of the system's own to somebody with an account, or about to get one. What it says is written when it is sent,
-- so that no link is ever at rest.
create table notices (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    kind text not null check (kind in ('invitation', 'password_reset', 'password_changed')),
    -- Whom it is for, when they have an account.
    user_id uuid,
    status text not null default 'queued' check (status in ('queued', 'sending', 'sent', 'unconfirmed', 'failed')),
    job_id uuid,
    -- Set before the mail service is called: whoever finds it set without a mail_id knows not whether the mail left.
    handed_over_at timestamptz,
    sent_at timestamptz,
    mail_id text,
    error_code text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version int not null default 1,
    unique (organization_id, id),
    foreign key (organization_id, user_id) references users (organization_id, id),
    foreign key (organization_id, job_id) references jobs (organization_id, id)
);
create index notices_of_user on notices (organization_id, user_id, id desc) where user_id is not null;
create index notices_job on notices (organization_id, job_id) where job_id is not null;
create index notices_age on notices (created_at);

create table invitations (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    email text not null check (email = lower(email)),
    name text not null,
    role text not null check (role in ('viewer', 'recruiter', 'admin')),
    -- SHA-256 of 256 random bits; none until the link is on its way.
    token_hash bytea check (octet_length(token_hash) = 32),
    -- The mail with the link that holds now; none where the link was shown to the admin.
    notice_id uuid,
    invited_by uuid not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    user_id uuid,
    revoked_at timestamptz,
    version int not null default 1,
    unique (organization_id, id),
    check ((used_at is null) = (user_id is null)),
    check (used_at is null or revoked_at is null),
    foreign key (organization_id, notice_id) references notices (organization_id, id) on delete set null (notice_id),
    foreign key (organization_id, invited_by) references users (organization_id, id),
    foreign key (organization_id, user_id) references users (organization_id, id)
);
create unique index invitations_token on invitations (token_hash);
create unique index invitations_open on invitations (organization_id, email)
    where used_at is null and revoked_at is null;
create index invitations_list on invitations (organization_id, id desc) where used_at is null and revoked_at is null;
create index invitations_notice on invitations (organization_id, notice_id) where notice_id is not null;
create index invitations_age on invitations (expires_at);

create table password_resets (
    id uuid primary key,
    organization_id uuid not null,
    user_id uuid not null,
    token_hash bytea check (octet_length(token_hash) = 32),
    -- SHA-256 of the hash of the password that it may replace: once that has changed, the link is worth nothing.
    replaces bytea not null,
    notice_id uuid,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz,
    unique (organization_id, id),
    check (used_at is null or revoked_at is null),
    foreign key (organization_id, user_id) references users (organization_id, id),
    foreign key (organization_id, notice_id) references notices (organization_id, id) on delete set null (notice_id)
);
create unique index password_resets_token on password_resets (token_hash);
create index password_resets_open on password_resets (organization_id, user_id)
    where used_at is null and revoked_at is null;
create index password_resets_notice on password_resets (organization_id, notice_id) where notice_id is not null;
create index password_resets_age on password_resets (expires_at);

grant select, insert, update on notices, invitations, password_resets to recruitpro_app;
-- Whoever follows a link is nobody yet: it is found whichever organization it belongs to.
grant select on invitations, password_resets to recruitpro_sign_in;
-- Past their time they are deleted, unread.
grant select (id, expires_at), delete on invitations, password_resets to recruitpro_dispatcher;
grant select (id, created_at), delete on notices to recruitpro_dispatcher;
