#!/usr/bin/env node
import { runProgram } from './program.ts'

// Whoever reads stdout may have seen enough (`reelhouse rejects | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runProgram(process.argv)
