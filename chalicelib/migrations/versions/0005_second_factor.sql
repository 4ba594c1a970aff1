-- A sign-in that may do nothing but set up a second factor, where the organization asks for one.
alter table sign_ins add column is_restricted boolean not null default false;
