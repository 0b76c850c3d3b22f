/**
 * `npm run vectors [-- --update]`: plays the recorded answers of AWS Step Functions in `recorded/` against the
 * local cloud. Exits 1 when one ends otherwise than `recorded/expected.json` says; `--update` writes that file.
 * `npm run vectors -- <file> [--min 98]`: plays those of another file. Exits 1 when one of those run fails, or,
 * with `--min`, when fewer per cent of them pass.
 * `npm run vectors -- --only <text>`: plays those whose category or id contains the text, and compares nothing
 * with expected.json.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { expectedOutcome, outcomeOf, RECORDED, surprises, writeExpected } from './vectors/expected.ts';
import { passedShare, renderReport } from './vectors/report.ts';
import { runVectors } from './vectors/run-vectors.ts';
import { readVectors } from './vectors/vector.ts';

const USAGE =
  'usage: npm run vectors -- [<file>] [--min <per cent>] [--only <text>] [--update]; the file has to exist, --update is alone';
const { values, positionals } = asked();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const [file] = positionals;
const isKnown = file === undefined && values.only === undefined;
/** What is known to fail stands in expected.json; of another file nothing is. */
const least = Number(values.min ?? (isKnown ? 0 : 100));
if (
  positionals.length > 1 ||
  Number.isNaN(least) ||
  (values.update && !isKnown) ||
  !existsSync(file ?? RECORDED)
)
  refuse(USAGE);

const { only = '' } = values;
const vectors = readVectors(file ?? RECORDED);
const chosen = vectors.filter(({ id, category }) => id.includes(only) || category.includes(only));
const results = await runVectors(chosen);
console.log(renderReport(results));
if (values.update) writeExpected(outcomeOf(results));
const unexpected = isKnown ? surprises(outcomeOf(results), expectedOutcome()) : [];
if (unexpected.length > 0) console.error(`not as expected.json says:\n  ${unexpected.join('\n  ')}`);
process.exit(unexpected.length === 0 && 100 * passedShare(results) >= least ? 0 : 1);

function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        min: { type: 'string' },
        only: { type: 'string' },
        update: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
