-- Events without a day of their own, such as histories, have a separate partition: the default one is read completely, and
-- locked, whenever the partition of a day is created.
create temporary table undated on commit drop as select * from events_other where day = '1970-01-01';
delete from events_other where day = '1970-01-01';
create table events_undated partition of events for values from ('1970-01-01') to ('1970-01-02');
insert into events_undated select * from undated;
