-- A record of what was backed up and proved, for health, alarms and whoever looks after it. The truth about a snapshot is
-- in RDS and about an export in S3: this table may be gone with the database, or older than both after a restore, and is
-- then written anew from them. It belongs to the installation, not to an organization.
create table backups (
    id uuid primary key,
    kind text not null check (kind in ('snapshot', 'export', 'restore_test')),
    -- What it is called where it is: the identifier of a snapshot, the key of an export, the instance of a restore test.
    name text not null check (char_length(name) between 1 and 1024),
    region text not null check (char_length(region) between 1 and 64),
    arn text,
    -- 'available': whole, as the service that keeps it says. 'verified': restored and looked at.
    status text not null check (status in ('requested', 'available', 'verified', 'failed', 'deleted')),
    requested_at timestamptz not null,
    -- The moment whose data it holds: what is restored from it is as old as that.
    taken_at timestamptz,
    -- When it became what its status says: available, verified or failed.
    finished_at timestamptz,
    size_bytes bigint check (size_bytes >= 0),
    attempts int not null default 1 check (attempts >= 1),
    -- What else an operator wants to know: reasons, durations in seconds, counts, checksums. Never a value of a row.
    detail jsonb not null default '{}',
    unique (kind, region, name)
);
create index backups_newest on backups (kind, status, requested_at desc);

grant select on backups to recruitpro_app;
grant select, insert, update on backups to recruitpro_dispatcher;
