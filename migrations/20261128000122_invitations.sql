-- Invitations go by mail as well.
alter table mails drop constraint mails_kind_check,
    add constraint mails_kind_check check (kind in ('address', 'held', 'invitation'));
