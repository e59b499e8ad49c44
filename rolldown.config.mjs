// The program as it is started: one file of what every command needs, others for what is loaded when it is needed. Node takes
// longer to find and link five hundred modules than an idle sync takes (docs/decisions/0040-one-file-to-start.md).
import { defineConfig } from 'rolldown'

export default defineConfig({
  input: 'dist/cli/main.js',
  platform: 'node',
  output: {
    dir: 'dist/cli',
    format: 'esm',
    chunkFileNames: 'chunks/[name].js',
    // Names stay: an operator may be asked for the stack of a defect.
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
  },
})
