-- One trace from a request through its jobs to what they send. Whoever begins a transaction says which trace it belongs to
-- (`app.trace_id`), and what is written in it takes that over, whether a statement of ours writes it or a trigger. Each
-- column comes without its default and gets it afterwards, so that no row is written anew. Later attempts at a delivery
-- are asked for by a sweep, and a scan by a notification of S3: both belong to the request that it all began with.
alter table jobs add column trace_id text;
alter table jobs alter column trace_id set default nullif(current_setting('app.trace_id', true), '');
alter table webhook_deliveries add column trace_id text;
alter table webhook_deliveries alter column trace_id set default nullif(current_setting('app.trace_id', true), '');
alter table documents add column trace_id text;
alter table documents alter column trace_id set default nullif(current_setting('app.trace_id', true), '');

grant select (trace_id) on webhook_deliveries to recruitpro_dispatcher;
