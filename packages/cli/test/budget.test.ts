import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { statebag, workFolder } from './statebag.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const WORKFLOW = join(ROOT, 'examples', 'bounded-review', 'workflow.yaml');
const DECISION = join(ROOT, 'examples', 'bounded-review', 'decision.schema.json');
const MACHINE = join(ROOT, 'docs', 'budget', 'machine.asl.json');
const SCHEMAS = join(ROOT, 'docs', 'budget', 'schemas');
const DECLARED = ['--schema', `decide=${DECISION}`];

const folder = workFolder();
afterAll(() => folder.remove());

/** The example with a text changed, as a file of its own. */
function edited(name: string, from: string, to: string): string {
  const text = readFileSync(WORKFLOW, 'utf8');
  if (!text.includes(from)) throw new Error(`the example has no ${from}`);
  const path = join(folder.path, name);
  writeFileSync(path, text.replace(from, to));
  return path;
}

describe('the budget of a workflow', () => {
  test('holds where every text and every list has a bound, and says what it assumes', async () => {
    const { code, stdout } = await statebag('budget', WORKFLOW, ...DECLARED);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^bounded-review: every bound holds\n/);
    expect(stdout).toMatch(
      /^memory +[\d,]+ +[\d,]+ +134,217,728 +holds +s01-contract · contract \/clauses\/\*\/text$/m,
    );
    expect(stdout).toContain('assumed: what decide stores obeys the schema that was given for it');
  });

  test('names a text without a bound in its line, with what each character costs', async () => {
    const path = edited('loose.yaml', ', maxLength: 1500', '');
    const { code, stdout } = await statebag('budget', path, ...DECLARED, '--github');
    expect(code).toBe(1);
    expect(stdout).toContain(
      'maxLength missing at /clauses/*/text (each takes 240 bytes, so 22,369,614 fit)',
    );
    expect(stdout).toMatch(
      /^::error file=.*loose\.yaml,line=7,title=memory%3A unbounded::no bound of bytes/m,
    );
  });

  test('lets what has no bound pass where it is told to, as a warning', async () => {
    const path = edited('allowed.yaml', ', maxLength: 1500', '');
    const { code, stdout } = await statebag('budget', path, ...DECLARED, '--github', '--allow-unbounded');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^::warning file=.*allowed\.yaml,line=7/m);
  });

  test('is over where a list may have more items than it takes, whatever is allowed', async () => {
    const path = edited('over.yaml', 'max_items: 40', 'max_items: 39');
    const { code, stdout } = await statebag('budget', path, ...DECLARED, '--allow-unbounded', '--json');
    const { verdict, lines } = JSON.parse(stdout);
    expect({ code, verdict }).toEqual({ code: 1, verdict: 'over' });
    expect(lines).toContainEqual(
      expect.objectContaining({ measure: 'items', bound: 40, limit: 39, verdict: 'over', at: 'judge' }),
    );
  });

  test('is over where the run would wait for longer than an execution may take', async () => {
    const path = edited(
      'waits.yaml',
      'deadline_s: 86400',
      'deadline_s: 1209600\n      on_deadline: escalate',
    );
    const { stdout } = await statebag('budget', path, ...DECLARED, '--json');
    const duration = JSON.parse(stdout).lines.find(
      ({ measure }: { measure: string }) => measure === 'duration',
    );
    expect(duration.undisturbed).toBeGreaterThan(2 * 1_209_600);
  });
});

describe('the budget of a machine', () => {
  test('names the state that would die at 262,144 bytes, and the bound that would save it', async () => {
    const { code, stdout } = await statebag('budget', MACHINE, '--schemas', SCHEMAS, '--github');
    expect(code).toBe(1);
    expect(stdout).toContain('maxLength of 1,058 at /texts/*/text would keep ReadPages under the limit');
    expect(stdout).toMatch(/^::error file=.*machine\.asl\.json,line=5,title=transition%3A over::/m);
  });

  test('holds with that bound', async () => {
    const schemas = {
      input: JSON.parse(readFileSync(join(SCHEMAS, 'input.json'), 'utf8')),
      ReadPage: { type: 'string', maxLength: 1_000, pattern: '^[^\\x00-\\x1f]*$' },
      Summarise: { type: 'string', maxLength: 2_000 },
    };
    const own = join(folder.path, 'schemas');
    mkdirSync(own);
    for (const [name, schema] of Object.entries(schemas))
      writeFileSync(join(own, `${name}.json`), JSON.stringify(schema));
    const { code, stdout } = await statebag('budget', MACHINE, '--schemas', own);
    expect(stdout).toMatch(/^machine\.asl\.json: every bound holds\n/);
    expect(code).toBe(0);
  });

  test('takes what past executions show, and says that it does', async () => {
    const history = join(ROOT, 'packages', 'doctor', 'test', 'histories', 'healthy.json');
    const { definition } = JSON.parse(readFileSync(history, 'utf8'));
    const machine = folder.file('healthy.json', definition);
    const { code, stdout } = await statebag('budget', machine, '--history', history);
    expect(stdout).toContain('assumed: the input is no larger than those that were given');
    expect(code).toBe(0);
  });
});

describe('wrong usage', () => {
  const cases: [string, RegExp, readonly string[]][] = [
    [
      'a schema for a node that the workflow does not have',
      /--schema ghost=…: .*workflow\.yaml has no node ghost\n {2}mend: statebag plan /,
      [WORKFLOW, '--schema', `ghost=${DECISION}`],
    ],
    [
      'a schema without a node',
      /--schema .*: not a name and a file\n {2}mend: /,
      [WORKFLOW, '--schema', DECISION],
    ],
    [
      'a folder of schemas for a workflow',
      /--schemas: .*is a workflow\n {2}mend: /,
      [WORKFLOW, '--schemas', SCHEMAS],
    ],
    ['the schema of a node for a machine', /--schema: .*is a machine\n {2}mend: /, [MACHINE, ...DECLARED]],
    [
      'a folder that is not there',
      /--schemas .*: cannot be read \(ENOENT\)\n {2}mend: /,
      [MACHINE, '--schemas', '/none'],
    ],
    ['a history that is none', /machine\.asl\.json: no history\n {2}mend: /, [MACHINE, '--history', MACHINE]],
  ];
  test.each(cases)('%s is said with what mends it', async (_, words, args) => {
    const { code, stdout, stderr } = await statebag('budget', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(words);
  });
});
