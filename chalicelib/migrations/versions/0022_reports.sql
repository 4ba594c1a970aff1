-- Reports of years that read a row for each day, and not each application.

-- Candidates in a stage in the order of lists, and interviews with what the policies of private projects look at: a count
-- of ten thousand reads no table.
-- brief: there are few applications wherever this is deployed; later it would have to be made beforehand, concurrently
create index applications_of_stage on applications (organization_id, stage, candidate_id desc nulls last)
    include (position_id);
drop index interviews_list;
drop index interviews_status;
-- brief: as above
create index interviews_list on interviews (organization_id, starts_at desc, id desc) include (application_id);
-- brief: as above
create index interviews_status on interviews (organization_id, status, starts_at desc, id desc) include (application_id);
