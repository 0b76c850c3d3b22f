/**
 * Makes the histories in `test/histories` on the engine of the local cloud, in virtual time:
 * `node packages/doctor/test/make-histories.ts`. What each of them is about stands beside its definition.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { play } from './play.ts';
import { SCENARIOS } from './scenarios.ts';

const FOLDER = join(import.meta.dirname, 'histories');
/** A file above this is compressed. */
const PLAIN_BYTES = 40_000;

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  const made = await play(name, scenario);
  const text = `${JSON.stringify({ about: scenario.about, ...made })}\n`;
  if (text.length <= PLAIN_BYTES) writeFileSync(join(FOLDER, `${name}.json`), text);
  else writeFileSync(join(FOLDER, `${name}.json.gz`), gzipSync(text, { level: 9 }));
  console.log(`${name}: ${made.events.length} events, ${text.length} characters`);
}
