import type { Problem } from './problem.ts'
import type { WrittenConnection } from './read-connections.ts'
import { unknownConnection } from './unknown-connection.ts'
import { lineAt, problemAt } from './yaml-file.ts'

const placeOf = ({ file, path }: WrittenConnection): string => `${file.name}:${lineAt(file, [...path, 'id'])}`

const duplicateProblems = (connections: readonly WrittenConnection[]): readonly Problem[] =>
  connections.flatMap((connection, index) => {
    const first = connections.slice(0, index).find((other) => connection.id !== null && other.id === connection.id)
    if (first === undefined) return []
    const text = `${JSON.stringify(connection.id)} is the id of another connection (${placeOf(first)}); allowed: an id of its own`
    return [problemAt(connection.file, [...connection.path, 'id'], text)]
  })

const intoText = (
  connection: WrittenConnection,
  all: readonly WrittenConnection[],
  complete: boolean,
): string | null => {
  const { into } = connection
  if (into === null) return null
  const targets = all.flatMap((other) => (other.id === null || other.into !== null ? [] : [other.id]))
  const allowed = targets.join(', ') || 'none here'
  const shown = JSON.stringify(into)
  if (into === connection.id) return `${shown} is this connection itself; allowed: ${allowed}`
  const target = all.find((other) => other.id === into)
  if (target !== undefined)
    return target.into === null ? null : `${shown} itself goes into ${JSON.stringify(target.into)}; allowed: ${allowed}`
  return complete ? unknownConnection(into, targets) : null
}

/** Problems of the connections among each other. `complete`: false when a file with more of them could not be read. */
export const joinProblems = (connections: readonly WrittenConnection[], complete: boolean): readonly Problem[] => [
  ...duplicateProblems(connections),
  ...connections.flatMap((connection) => {
    const text = intoText(connection, connections, complete)
    return text === null ? [] : [problemAt(connection.file, [...connection.path, 'into'], text)]
  }),
]
