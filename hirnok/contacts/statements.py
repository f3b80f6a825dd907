"""The SQL of an import, in the order in which `loading` runs it.

All of it runs as the role edge, so every statement names the tenant. Where an index on another column is
the one to use, the tenant is written `tenant_id + 0`: for a tenant that the statistics do not know yet the
planner expects one row, would take any index that begins with tenant_id, and the match would read every
row of the tenant for every row of the file.
"""

STAGE = """
drop table if exists pg_temp.import_row, pg_temp.import_stop, pg_temp.import_match;
create temp table import_row (bidx bytea not null, email text not null, first_name text not null,
  last_name text not null, language text not null, fields jsonb not null,
  tags text[], given_at timestamptz, surface text not null, ip text not null);
create temp table import_stop (bidx bytea not null, ends boolean not null);
"""

COPY_ROWS = "copy pg_temp.import_row from stdin"
COPY_STOPS = "copy pg_temp.import_stop from stdin"
ANALYSE_STAGED = "analyze pg_temp.import_row (bidx); analyze pg_temp.import_stop (bidx)"

# Each look-up below is a sub-select with a LIMIT, which no planner flattens: one index probe a row, whatever the
# statistics say (a table whose rows were all deleted is believed empty, and then every plan looks equally cheap). `+ 0` keeps
# the keys that merely contain the tenant out of the choice.
GUARD_THE_MATCH = "set local enable_material = off; set local statement_timeout = '{seconds}s'"
UNGUARD = "set local enable_material to default; set local statement_timeout to default"

MATCH = """
create temp table import_match as
select s.email, s.given_at, s.surface, s.ip, s.bidx, g.tags, c.id as contact_id, p.id is null as new_person,
  case when not %(numbered)s or c.id is not null or p.id is not null then p.id
    else nextval((select pg_get_serial_sequence('register_person', 'id')::regclass)) end as person_id,
  case when %(numbered)s and c.id is null
    then nextval((select pg_get_serial_sequence('register_holding', 'id')::regclass)) end as id,
  coalesce(nullif(s.first_name, ''), c.first_name, '') as first_name,
  coalesce(nullif(s.last_name, ''), c.last_name, '') as last_name,
  coalesce(nullif(s.language, ''), c.language, '') as language,
  coalesce(c.fields || s.fields, s.fields) as fields,
  c.restricted_at is not null as restricted,
  c.id is not null and c.restricted_at is null and (
    (s.first_name <> '' and s.first_name <> c.first_name) or (s.last_name <> '' and s.last_name <> c.last_name)
    or (s.language <> '' and s.language <> c.language) or not c.fields @> s.fields) as rewrites,
  c.id is not null and c.restricted_at is null and %(list)s::bigint is not null and (
    select true from contacts_subscription y where y.contact_id = c.id and y.list_id + 0 = %(list)s limit 1
  ) is null as joins,
  c.id is not null and c.restricted_at is null and exists (
    select from unnest(g.tags) word where not exists (
      select from contacts_contacttag ct join contacts_tag t on t.id = ct.tag_id and t.tenant_id + 0 = %(tenant)s
      where ct.contact_id = c.id and t.name = word)) as gains_tags
from pg_temp.import_row s
cross join lateral (select nullif(%(tags)s::text[] || coalesce(s.tags, '{}'), '{}') as tags) g
left join lateral (
  select id from register_person where blind_index = s.bidx and tenant_id + 0 = %(tenant)s limit 1) p on true
left join lateral (
  select id, restricted_at from register_holding
  where person_id = p.id and tenant_id + 0 = %(tenant)s and brand_id = %(brand)s and activity_id = %(activity)s
  limit 1) h on true
left join lateral (
  select id, h.restricted_at, first_name, last_name, language, fields from contacts_contact
  where id = h.id and tenant_id + 0 = %(tenant)s limit 1) c on true
where not exists (select from pg_temp.import_stop z where z.bidx = s.bidx)
and not exists (
  select from register_suppression x where x.key = s.bidx and x.tenant_id + 0 = %(tenant)s and x.kind = 'address'
  and (x.scope = 'tenant' or (x.scope = 'brand' and x.scope_id = %(brand)s)
    or (x.scope = 'list' and x.scope_id = %(list)s)))
"""

COUNT = """
select (select count(*) from pg_temp.import_row),
  count(*) filter (where contact_id is null),
  count(*) filter (where contact_id is not null and (rewrites or joins or gains_tags)),
  count(*) filter (where contact_id is not null and not (rewrites or joins or gains_tags))
from pg_temp.import_match
"""

STOPPED_CONTACTS = """
select h.id from pg_temp.import_stop z
join register_person p on p.blind_index = z.bidx and p.tenant_id + 0 = %(tenant)s
join register_holding h on h.person_id = p.id and h.tenant_id + 0 = %(tenant)s
where z.ends and h.activity_id = %(activity)s and (h.brand_id = %(brand)s or %(whole_tenant)s)
"""

REWRITE = """
update contacts_contact c set first_name = m.first_name, last_name = m.last_name, language = m.language,
  fields = m.fields, updated_at = %(at)s
from pg_temp.import_match m where m.rewrites and c.id = m.contact_id and c.tenant_id + 0 = %(tenant)s
"""

INSERT_NEW = (
    """
insert into register_person (id, tenant_id, blind_index, key_version)
select person_id, %(tenant)s, bidx, 1 from pg_temp.import_match where contact_id is null and new_person
""",
    """
insert into register_holding (id, tenant_id, brand_id, person_id, activity_id, source_id, legal_basis,
  held_since, expires_at)
select id, %(tenant)s, %(brand)s, person_id, %(activity)s, %(source)s, %(basis)s, %(at)s, %(expires_at)s
from pg_temp.import_match where contact_id is null
""",
    """
insert into contacts_contact (id, tenant_id, brand_id, activity_id, person_id, email, first_name, last_name,
  language, fields, created_at, updated_at)
select id, %(tenant)s, %(brand)s, %(activity)s, person_id, email, first_name, last_name, language, fields,
  %(at)s, %(at)s
from pg_temp.import_match where contact_id is null
""",
    """
insert into contacts_subscription (contact_id, list_id, tenant_id, since)
select id, %(list)s::bigint, %(tenant)s, %(at)s::timestamptz from pg_temp.import_match where contact_id is null and %(list)s::bigint is not null
union all
select contact_id, %(list)s::bigint, %(tenant)s, %(at)s from pg_temp.import_match where joins
""",
)

INSERT_TAGS = (
    """
insert into contacts_tag (tenant_id, name)
select distinct %(tenant)s::bigint, word from pg_temp.import_match m, unnest(m.tags) word
where not m.restricted
on conflict do nothing
""",
    """
insert into contacts_contacttag (contact_id, tag_id, tenant_id)
select m.id, g.id, %(tenant)s
from (select id, tags from pg_temp.import_match where contact_id is null and tags is not null
  union all select contact_id, tags from pg_temp.import_match where gains_tags) m
cross join unnest(m.tags) word
join contacts_tag g on g.tenant_id = %(tenant)s and g.name = word
on conflict do nothing
""",
)

INSERT_EVIDENCE = """
insert into contacts_evidence (tenant_id, contact_id, given_at, surface, ip_address, recorded_at)
select %(tenant)s::bigint, id, given_at, surface, ip, %(at)s::timestamptz from pg_temp.import_match
where contact_id is null and (given_at is not null or surface <> '' or ip <> '')
union all
select %(tenant)s, contact_id, given_at, surface, ip, %(at)s from pg_temp.import_match m
where contact_id is not null and not restricted and (given_at is not null or surface <> '' or ip <> '')
and not exists (
  select from contacts_evidence e where e.contact_id = m.contact_id and e.tenant_id + 0 = %(tenant)s
  and e.given_at is not distinct from m.given_at and e.surface = m.surface and e.ip_address = m.ip)
"""

# COPY into a table with row-level security is refused, hence the detour.
STAGE_REJECTIONS = """
drop table if exists pg_temp.import_rejection;
create temp table import_rejection (number int not null, reason text not null, details jsonb not null,
  cells jsonb not null, bidx bytea);
"""
COPY_REJECTIONS = "copy pg_temp.import_rejection from stdin"
KEEP_REJECTIONS = """
insert into contacts_importrejection (tenant_id, run_id, row, reason, details, cells, blind_index)
select %(tenant)s, %(run)s, number, reason, details, cells, bidx from pg_temp.import_rejection
"""

# What the planner must know of a tenant that has just appeared or grown tenfold.
ANALYSE = (
    "analyze register_person (tenant_id, blind_index)",
    "analyze register_holding (tenant_id, person_id, brand_id, activity_id)",
    "analyze contacts_contact (tenant_id, person_id, brand_id, activity_id, email)",
    "analyze contacts_subscription (tenant_id, list_id, contact_id)",
)

LOCK = "select pg_advisory_xact_lock(hashtextextended('hirnok.contacts.loading/' || %(tenant)s, 0))"
