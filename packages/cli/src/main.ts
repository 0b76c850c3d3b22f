import { enableCompileCache } from 'node:module';
import { freshBundle } from './own-bundle.ts';

enableCompileCache();
// Whoever reads may have seen enough (`| head`): what is written after that goes nowhere, and the command ends
// as it would have.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
const bundle = freshBundle();
// the bundle is the module bundled, so it exports the same
const program: Promise<typeof import('./program.ts')> =
  bundle === undefined ? import('./program.ts') : import(bundle);
const { exitCodeOf, runProgram } = await program;
process.on('uncaughtException', (error) => process.exit(exitCodeOf(error)));
process.exitCode = await runProgram(process.argv.slice(2));
