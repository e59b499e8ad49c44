import type { TestDatabase } from '../support/database.ts'
import { code, generatedPage, table } from './markdown.ts'

interface Relation {
  readonly name: string
  readonly kind: 'table' | 'view'
  readonly comment: string | null
  readonly constraints: readonly string[]
  /** Of indexes that no constraint made: name and definition. */
  readonly indexes: readonly string[]
}

interface Column {
  readonly relation: string
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly comment: string | null
}

const relations = `
  select
    c.relname as name,
    case c.relkind when 'v' then 'view' else 'table' end as kind,
    obj_description(c.oid, 'pg_class') as comment,
    array(
      select pg_get_constraintdef(k.oid)
      from pg_constraint k
      where k.conrelid = c.oid and k.contype in ('p', 'u', 'c', 'f')
      order by array_position(array['p', 'u', 'f', 'c']::"char"[], k.contype), k.conname
    ) as constraints,
    array(
      select n.relname || ': ' || regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '')
      from pg_index i
      join pg_class n on n.oid = i.indexrelid
      where i.indrelid = c.oid and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
      order by n.relname
    ) as indexes
  from pg_class c
  where c.relnamespace = 'reelhouse'::regnamespace and c.relkind in ('r', 'v')
  order by c.relkind desc, c.oid`

const columns = `
  select
    c.relname as relation,
    a.attname as name,
    format_type(a.atttypid, a.atttypmod) as type,
    not a.attnotnull and c.relkind = 'r' as nullable,
    col_description(c.oid, a.attnum) as comment
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'reelhouse'::regnamespace and c.relkind in ('r', 'v')
  order by c.oid, a.attnum`

const about = `The schema \`reelhouse\` as \`reelhouse migrate\` makes it, from a migrated database. Analysts use the views
([analysts.md](../analysts.md)); the tables are there to be read, too, and only reelhouse writes them. All times are UTC.`

const list = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [lines.map((line) => `- ${code(line)}`).join('\n')]

const section = ({ name, kind, comment, constraints, indexes }: Relation, own: readonly Column[]): string => {
  const typeOf = (column: Column) => (kind === 'table' && !column.nullable ? `${column.type} not null` : column.type)
  return [
    `### reelhouse.${name}`,
    comment ?? '',
    table(
      ['column', 'type', 'meaning'],
      own.map((column) => [code(column.name), typeOf(column), column.comment ?? '']),
    ),
    ...list([...constraints, ...indexes.map((index) => `index ${index}`)]),
  ].join('\n\n')
}

export const dataDictionary = async (database: TestDatabase): Promise<string> => {
  const found = await database.rows<Relation>(relations)
  const all = await database.rows<Column>(columns)
  const sectionsOf = (kind: Relation['kind']): readonly string[] =>
    found
      .filter((relation) => relation.kind === kind)
      .map((relation) =>
        section(
          relation,
          all.filter((column) => column.relation === relation.name),
        ),
      )
  return generatedPage('Data dictionary', about, [
    '## Views',
    ...sectionsOf('view'),
    '## Tables',
    ...sectionsOf('table'),
  ])
}

/** Relations and columns without a COMMENT. */
export const uncommented = async (database: TestDatabase): Promise<readonly string[]> => {
  const found = await database.rows<Relation>(relations)
  const all = await database.rows<Column>(columns)
  return [
    ...found.filter(({ comment }) => comment === null).map(({ name }) => name),
    ...all.filter(({ comment }) => comment === null).map(({ relation, name }) => `${relation}.${name}`),
  ]
}
