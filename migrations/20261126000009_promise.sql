-- A site may decide by a promise in place of its two fixed thresholds: at most this share of spam in what is published
-- unseen, at most this share of ham in what is turned away, each with this confidence. Null: fixed thresholds.
alter table sites
    add column target_spam_published double precision,
    add column target_ham_rejected double precision,
    add column target_confidence double precision,
    add constraint sites_targets_check
        check (num_nulls(target_spam_published, target_ham_rejected, target_confidence) in (0, 3)
               and target_spam_published > 0 and target_spam_published <= 0.5
               and target_ham_rejected > 0 and target_ham_rejected <= 0.5
               and target_confidence >= 0.5 and target_confidence < 1);

-- The promise reads scores and labels of a site's newest labelled comments from the index alone.
drop index comments_labelled;
create index comments_labelled on comments (site_id, id) include (label, spam_probability) where label is not null;
