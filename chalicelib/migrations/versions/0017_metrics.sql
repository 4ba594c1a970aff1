-- Counters that are true for the whole system: written with the fact that they count.
select 1;
