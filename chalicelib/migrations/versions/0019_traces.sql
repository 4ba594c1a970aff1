-- One trace from a request through its jobs to what they send.
select 1;
