import type { IdentifierKind } from '../domain/forgotten.ts'
import type { Erased } from '../load/forget.ts'
import type { ForgetPlan, OutOfReach } from '../load/forget-plan.ts'
import { counted } from '../terminal/counted.ts'
import { renderTable } from '../terminal/table.ts'
import { kindNames } from './forget-identifier.ts'

const head = ['connection', 'source', 'rows', 'records', 'payloads', 'quarantine', 'waited for']

/** What will be erased, before anything is. */
export const planText = (
  kind: IdentifierKind,
  connection: string | null,
  { stored, outOfReach }: ForgetPlan,
): string => {
  const where = connection === null ? 'at all connections' : `in the rows of connection ${connection}`
  if (stored.length === 0) return `Nothing is stored of this ${kindNames[kind]} ${where}.\n`
  const rows = stored.map((one) => [
    one.connection,
    one.source,
    one.rows,
    one.records,
    one.payloads,
    one.rejects,
    one.follow_ups,
  ])
  const reach = reachLines(outOfReach).map((line) => `- ${line}\n`)
  return `What is stored of this ${kindNames[kind]} ${where}:\n${renderTable(head, rows)}\nOut of reach, and yours to see to:\n${reach.join('')}`
}

/** What erasing in the warehouse does not reach; the first lines are known, the last are so everywhere. */
export const reachLines = ({ files, sent, platforms, mentions }: OutOfReach): readonly string[] => [
  ...files.map(({ connection, file }) => `dump file ${file} (connection ${connection}), and its copies`),
  ...sent.map((file) => `file ${file}, which was delivered`),
  ...platforms.map((connection) => `the platform of connection ${connection}: it has its recordings still`),
  ...mentions.map(
    ({ connection, rows }) => `${counted(rows, 'call')} of others at connection ${connection} whose text mentions it`,
  ),
  'deliveries that have been sent on, and whoever has copied rows from here',
  'backups, WAL archives and replicas of the warehouse, until they age out',
  'the space that erased rows leave in the files of the database, until it is vacuumed and used again (--vacuum)',
  'logs of the database server, where it logs statements with their parameters',
]

export const erasedText = ({ rows, records, rejects, follow_ups }: Erased, cutOff: string): string =>
  `Erased ${counted(rows, 'row')}, ${counted(records, 'record')}, ${rejects} in quarantine and ${follow_ups} waited for. ` +
  `What began before ${cutOff} stays out; later calls load.\n`
