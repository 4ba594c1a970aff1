-- How far an application came, in the order in which it entered its stages, each once: a funnel over years of them would
-- else read every step of every history.
alter table applications add column stages_entered text[] not null default '{}';
-- Of a step that ends a stay in a stage: when that stay began. Steps keep it wherever their history goes.
alter table stage_changes add column entered_at timestamptz;

create function note_stage_entered() returns trigger language plpgsql as $$
begin
    if new.stages_entered is null or not new.stage = any(new.stages_entered) then
        new.stages_entered := array_append(coalesce(new.stages_entered, '{}'), new.stage);
    end if;
    return new;
end $$;

create function note_stay_began() returns trigger language plpgsql as $$
begin
    new.entered_at := (
        select max(stage_changes.changed_at) from stage_changes
        where stage_changes.organization_id = new.organization_id
          and stage_changes.application_id = new.application_id
          and stage_changes.to_stage = new.from_stage);
    return new;
end $$;

-- Those who were there before. Their owner is held back by row-level security like everybody else, but for this. What a
-- merge mixed into one history cannot be told apart any more, so its stays are left out.
alter table applications no force row level security;
alter table stage_changes no force row level security;
alter table merged_applications no force row level security;
update applications set stages_entered = array(
    select stage from (
        select to_stage as stage, changed_at, id from stage_changes
        where stage_changes.organization_id = applications.organization_id
          and stage_changes.application_id = applications.id and to_stage is not null
        union all select applications.stage, 'infinity', null) as entered
    group by stage order by min(changed_at), stage);
update stage_changes set entered_at = stays.entered_at from (
    select organization_id, id, lag(changed_at) over (
        partition by organization_id, application_id order by changed_at, id) as entered_at
    from stage_changes) as stays
where stays.organization_id = stage_changes.organization_id and stays.id = stage_changes.id
  and stage_changes.kind in ('moved', 'rejected', 'withdrawn') and not exists (
    select from merged_applications
    where merged_applications.organization_id = stage_changes.organization_id
      and merged_applications.kept_application_id = stage_changes.application_id);
alter table applications force row level security;
alter table stage_changes force row level security;
alter table merged_applications force row level security;

create trigger applications_stages before insert or update of stage on applications
    for each row execute function note_stage_entered();
create trigger stage_changes_stay before insert on stage_changes
    for each row when (new.kind in ('moved', 'rejected', 'withdrawn')) execute function note_stay_began();

-- Reports read these indexes and no table, at best: what a policy or a figure looks at is included.
create index applications_applied on applications (organization_id, applied_at)
    include (id, position_id, stage, status, source, stages_entered);
create index applications_entered on applications (organization_id, stage_entered_at)
    include (position_id, stage, status, applied_at);
create index stage_changes_ended on stage_changes (organization_id, changed_at)
    include (application_id, from_stage, entered_at) where entered_at is not null;
create index stage_changes_reopened on stage_changes (organization_id, application_id, changed_at)
    where kind = 'reopened';
create index applications_active on applications (organization_id, position_id, stage) include (id, stage_entered_at)
    where status = 'active';
create index interviews_held on interviews (organization_id, application_id) where status = 'completed';
