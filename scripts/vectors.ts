/** `npm run vectors -- <file> [--min 98]`: plays recorded answers of AWS Step Functions against the local cloud. Exits 1 when fewer per cent of those run pass than `--min`. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { passedShare, renderReport } from './vectors/report.ts';
import { runVectors } from './vectors/run-vectors.ts';
import { readVectors } from './vectors/vector.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { min: { type: 'string', default: '0' } } });
const [file] = positionals;
const least = Number(values.min);
if (file === undefined || positionals.length > 1 || Number.isNaN(least) || !existsSync(file)) {
  console.error('usage: npm run vectors -- <file> [--min <per cent>]; the file has to exist');
  process.exit(2);
}

const results = await runVectors(readVectors(file));
console.log(renderReport(results));
process.exit(100 * passedShare(results) >= least ? 0 : 1);
