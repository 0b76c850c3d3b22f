/**
 * `npm run compat [-- --json]`: everything that existing callers rely on, checked against the functions and
 * definitions as they are. Exit code 1 where something has changed.
 */
import { commandOptions } from '@statebag/deployment/command-options';
import { type CompatResult, runChecks, SECTIONS } from './compat/compat-check.ts';
import { definitionChecks } from './compat/definitions.ts';
import { recordedEvents } from './compat/recorded-events.ts';

const USAGE = `usage: npm run compat -- [--json]
Checks everything that existing callers rely on against the functions and definitions as they are.`;
const { json } = commandOptions(USAGE, { options: { json: { type: 'boolean', default: false } } }).values;

const results = await runChecks([...recordedEvents(), ...definitionChecks()]);
const failed = results.filter(({ problem }) => problem !== null);
console.log(json ? JSON.stringify(summary()) : text());
process.exit(failed.length === 0 ? 0 : 1);

function summary() {
  const sections = SECTIONS.map((section) => ({
    section,
    checks: of(section).length,
    failed: of(section).filter(({ problem }) => problem !== null).length,
  }));
  return {
    holds: failed.length === 0,
    checks: results.length,
    failed: failed.length,
    sections,
    problems: failed,
  };
}

function text(): string {
  const lines = SECTIONS.flatMap((section) => {
    const wrong = of(section).filter(({ problem }) => problem !== null);
    const count = `${of(section).length - wrong.length} of ${of(section).length}`;
    return [
      `${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${section.padEnd(20)} ${count}`,
      ...wrong.map(({ name, problem }) => `     ${name}: ${problem}`),
    ];
  });
  const end =
    failed.length === 0
      ? `compatible: all ${results.length} checks hold`
      : `NOT compatible: ${failed.length} of ${results.length} checks fail`;
  return [...lines, end].join('\n');
}

function of(section: string): readonly CompatResult[] {
  return results.filter((result) => result.section === section);
}
