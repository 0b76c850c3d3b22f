import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { greeting } from '../nodes/greeting.ts';

test('a node is a function of its config and of what it reads', () => {
  const turn = { config: { language: 'de' }, state: { people: ['Ada'] }, now: 0 };
  assert.deepEqual(greeting.run(turn), ['Guten Tag, Ada!']);
});

test('everybody is greeted, in the order of the list', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'greeting-'));
  try {
    const said = execFileSync(
      join('node_modules', '.bin', 'statebag'),
      [
        'run',
        'workflows/greeting.json',
        '--input',
        'workflows/greeting.input.json',
        '--data-dir',
        dataDir,
        '--json',
      ],
      { encoding: 'utf8' },
    );
    const { status, output } = JSON.parse(said);
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(output.greetings, ['Hello, Ada!', 'Hello, Grace!', 'Hello, Edsger!']);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
