// Known vulnerabilities of what is installed with reelhouse, from the registry. Fails for high and critical ones; where the
// registry cannot be asked it says so, and does not fail: that is no finding about the code.
import { spawnSync } from 'node:child_process'

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], {
  encoding: 'utf8',
  timeout: 120_000,
})
const reportOf = (text) => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
const report = reportOf(stdout ?? '')
const counts = report?.metadata?.vulnerabilities
if (counts === undefined) {
  const why = error?.message ?? report?.message ?? report?.error?.summary ?? 'no report'
  console.log(`audit: NOT RUN, the registry does not answer it (${String(why).split('\n')[0]})`)
} else {
  for (const [name, { severity }] of Object.entries(report.vulnerabilities ?? {}))
    console.log(`audit: ${severity}: ${name}`)
  const { low = 0, moderate = 0, high = 0, critical = 0 } = counts
  console.log(`audit: ${critical} critical, ${high} high, ${moderate} moderate, ${low} low (high and critical fail)`)
  process.exitCode = high + critical > 0 ? 1 : 0
}
