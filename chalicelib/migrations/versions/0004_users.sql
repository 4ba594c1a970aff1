alter table organizations add column requires_second_factor boolean not null default false;
alter table organizations add column version int not null default 1;
