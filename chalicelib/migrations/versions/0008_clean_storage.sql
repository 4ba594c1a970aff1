-- Where the scanned bytes are kept: what is clean in one bucket, from which alone it is read, malware in another.
alter table documents
    add column clean_key text,
    add column clean_version text,
    add column quarantine_key text,
    add column quarantine_version text,
    -- Set by a verdict, until nothing is left of the document where it does not belong.
    add column unsettled_at timestamptz,
    add check ((clean_key is null) = (clean_version is null)),
    add check ((quarantine_key is null) = (quarantine_version is null));
create index documents_unsettled on documents (unsettled_at) where unsettled_at is not null;
grant select (clean_version, unsettled_at) on documents to recruitpro_dispatcher;

-- Two admins say that a find is a false alarm. Once released it is the record that lets these bytes of this document
-- pass with this signature, and with no other.
create table document_releases (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    document_id uuid not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    signature text not null,
    status text not null check (status in ('requested', 'approved', 'released', 'refused', 'withdrawn', 'expired')),
    reason text not null,
    requested_by uuid not null,
    expires_at timestamptz not null,
    approved_by uuid,
    approval_reason text,
    approved_at timestamptz,
    ended_at timestamptz,
    ended_because text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version int not null default 1,
    unique (organization_id, id),
    check (approved_by <> requested_by),
    check (status not in ('approved', 'released') or approved_by is not null),
    check ((status in ('requested', 'approved')) = (ended_at is null)),
    foreign key (organization_id, document_id) references documents (organization_id, id) on delete cascade,
    foreign key (organization_id, requested_by) references users (organization_id, id),
    foreign key (organization_id, approved_by) references users (organization_id, id)
);
create unique index document_releases_open on document_releases (organization_id, document_id)
    where status in ('requested', 'approved');
create index document_releases_of_document on document_releases (organization_id, document_id, id desc);
create index document_releases_requester on document_releases (organization_id, requested_by);
create index document_releases_approver on document_releases (organization_id, approved_by)
    where approved_by is not null;
grant select, insert, update on document_releases to recruitpro_app;
