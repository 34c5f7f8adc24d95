-- Events without a day of their own, histories among them, apart from the default partition: that one is read whole, and locked,
-- whenever the partition of another day is made.
create temporary table undated on commit drop as select * from events_other where day = '1970-01-01';
delete from events_other where day = '1970-01-01';
create table events_undated partition of events for values from ('1970-01-01') to ('1970-01-02');
insert into events_undated select * from undated;
