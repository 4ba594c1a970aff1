-- A sign-in that may do nothing but set up a second factor, where the organization asks for one.
alter table sign_ins add column is_restricted boolean not null default false;

create table second_factors (
    id uuid primary key,
    organization_id uuid not null,
    user_id uuid not null,
    -- Encrypted by the application: a dump of the database gives nobody a code.
    sealed_secret bytea not null,
    key_id text not null,
    last_step bigint not null default 0 check (last_step >= 0),
    created_at timestamptz not null,
    confirmed_at timestamptz,
    unique (organization_id, id),
    unique (organization_id, user_id),
    foreign key (organization_id, user_id) references users (organization_id, id)
);

create table recovery_codes (
    id uuid primary key,
    organization_id uuid not null,
    second_factor_id uuid not null,
    code_hash bytea not null,
    created_at timestamptz not null,
    used_at timestamptz,
    unique (organization_id, second_factor_id, code_hash),
    foreign key (organization_id, second_factor_id) references second_factors (organization_id, id) on delete cascade
);

grant select, insert, update, delete on second_factors, recovery_codes to recruitpro_app;
-- Signing in spends codes and seals secrets anew after a rotation; it gives nobody a factor and takes none away.
grant select, update (sealed_secret, key_id, last_step) on second_factors to recruitpro_sign_in;
grant select, update (used_at) on recovery_codes to recruitpro_sign_in;
