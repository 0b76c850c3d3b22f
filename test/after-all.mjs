import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** After the workers of Jest ended: how many cases of property tests ran. `law` fails where one ran too few. */
export default function afterAll() {
  const file = process.env['STATEBAG_LAW_CASES'];
  if (existsSync(file)) {
    const counts = readFileSync(file, 'utf8').trim().split('\n').map(Number);
    const cases = counts.reduce((sum, count) => sum + count, 0);
    console.log(`\nLaws:        ${counts.length} held for ${cases} cases`);
  }
  rmSync(dirname(file), { recursive: true, force: true });
}
