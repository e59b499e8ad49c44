// What `npm ci` installs is what the lockfile says: every package must come from the npm registry, by a digest. Needs no network.
import { readFileSync } from 'node:fs'

const registry = 'https://registry.npmjs.org/'
const [path = 'package-lock.json'] = process.argv.slice(2)
const lock = JSON.parse(readFileSync(path, 'utf8'))

const problemsOf = ([place, entry]) => {
  if (place === '') return []
  const problems = []
  if (!place.startsWith('node_modules/')) problems.push('is no package of a registry')
  if (entry.link === true) problems.push('is a link to a folder')
  // Without an address npm asks the configured registry for that name and version.
  if (entry.resolved !== undefined && !entry.resolved.startsWith(registry))
    problems.push(`comes from ${entry.resolved}`)
  if (!/^sha512-[A-Za-z0-9+/]{86}==/.test(entry.integrity ?? '')) problems.push('has no SHA-512 digest')
  if (!/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(entry.version ?? '')) problems.push('has no exact version')
  return problems.map((problem) => `${place} ${problem}`)
}

const declared = Object.entries({
  ...lock.packages?.['']?.dependencies,
  ...lock.packages?.['']?.devDependencies,
  ...lock.packages?.['']?.optionalDependencies,
})
const problems = [
  ...(lock.lockfileVersion === 3 ? [] : [`lockfileVersion is ${lock.lockfileVersion}; expected 3`]),
  ...declared.flatMap(([name, range]) =>
    /^[\^~]?\d/.test(range) ? [] : [`${name} is declared as ${range}, no version`],
  ),
  ...Object.entries(lock.packages ?? {}).flatMap(problemsOf),
]
for (const problem of problems) console.error(`lockfile: ${problem}`)
if (problems.length === 0)
  console.log(`lockfile: ${Object.keys(lock.packages).length - 1} packages, all of the registry, all with a digest`)
process.exitCode = problems.length === 0 ? 0 : 1
