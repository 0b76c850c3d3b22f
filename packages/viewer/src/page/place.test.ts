import { expect, test } from '@jest/globals';
import { commandLine } from './place.ts';

const here = {
  place: 'local cloud',
  read_only: false,
  owner: 'local',
  held: true,
  command_options: ['--data-dir', 'a b'],
};
const decide = ['approve', 'r-1', '--node', 'ask', '--comment', "it's fine"];

test('a command means the data directory that is shown', () => {
  expect(commandLine(here, decide)).toBe(
    "bin/statebag approve r-1 --node ask --comment 'it'\\''s fine' --data-dir 'a b'",
  );
});

test('of a stage, for which there are no commands, the same is a request to its API', () => {
  const stage = { ...here, read_only: true };
  expect(commandLine(stage, decide)).toBe(
    `curl -H "authorization: Bearer $STATEBAG_TOKEN" "$STATEBAG_API/runs/r-1/approve" -d '{"node_id":"ask","comment":"it'\\''s fine"}'`,
  );
  expect(commandLine(stage, ['replay', 'r-1'])).toBe("bin/statebag replay r-1 --data-dir 'a b'");
  expect(commandLine(stage, ['fork', 'r-1', '--workflow', 'edited.json'])).toMatch(
    /runs\/r-1\/fork" -d @fork\.json$/,
  );
  expect(commandLine(stage, ['show', 'r-1', '--state'])).toMatch(/runs\/r-1\/state"$/);
});
