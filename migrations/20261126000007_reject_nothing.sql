-- A second threshold above 1 turns nothing away: too few examples to promise anything at that end.
alter table sites drop constraint sites_thresholds_check;
alter table sites add constraint sites_thresholds_check
    check (0 <= approve_below and approve_below <= reject_from and approve_below <= 1 and reject_from <= 1.01);
