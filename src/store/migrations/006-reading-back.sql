-- Headers of a request are told from what is known of it.
alter table deliveries drop column request_headers;
alter table attempts drop column request_headers;
