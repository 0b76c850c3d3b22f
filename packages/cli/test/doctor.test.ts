import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DOCTOR_REPORT } from '@statebag/doctor';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { Ajv } from 'ajv';
import { runProgram } from '../src/program.ts';

const HISTORIES = join(import.meta.dirname, '..', '..', 'doctor', 'test', 'histories');
const history = (name: string) => join(HISTORIES, name);

/** The command in this process, with what it wrote. */
async function doctor(...args: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    }),
  );
  try {
    return { code: await runProgram(['doctor', ...args]), said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('a file', () => {
  test('with a death in it ends with 1 and prints state, bytes, paths and changed lines', async () => {
    const { code, said } = await doctor(history('wall-after-result-path.json.gz'));
    expect(code).toBe(1);
    expect(said).toMatch(/FAILED States\.DataLimitExceeded in Review/);
    expect(said).toMatch(/\+ {3}"ResultSelector": \{"Payload":\{"status\.\$":"\$\.Payload\.status"\}\},/);
    expect(said).toMatch(/\$\.Payload\.remarks\[\*\]\.text +144,\d{3} +30 values/);
  });

  test('of a healthy execution ends with 0, and with 1 where notes are to count', async () => {
    expect(await doctor(history('healthy.json'))).toMatchObject({ code: 0 });
    expect(await doctor(history('healthy.json'), '--fail-on', 'note')).toMatchObject({ code: 0 });
    expect(await doctor(history('no-choice.json'), '--fail-on', 'warning')).toMatchObject({ code: 1 });
  });

  test.each([
    [['nowhere.json'], /nowhere\.json: cannot be read \(.*ENOENT.*\)\n {2}mend: /],
    [[join(HISTORIES, '..', '..', 'package.json')], /neither a definition .* nor a history/],
    [['arn:aws:lambda:x'], /no ARN of Step Functions\n {2}mend: /],
    [[], /nothing to look at\n {2}mend: /],
    [['x.json', '--fail-on', 'all'], /--fail-on all: no such level\n {2}mend: /],
  ])('that is none: %j', async (args, words) => {
    const { code, said } = await doctor(...args);
    expect(code).toBe(2);
    expect(said).toMatch(words);
  });

  test('SARIF has each finding in the line of its state', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'statebag-doctor-'));
    const definition = join(
      import.meta.dirname,
      '..',
      '..',
      '..',
      'stepfunctions',
      'definitions',
      'v3.asl.json',
    );
    await doctor(definition, '--sarif', join(folder, 'found.sarif'));
    const [run] = JSON.parse(readFileSync(join(folder, 'found.sarif'), 'utf8')).runs;
    const lines = readFileSync(definition, 'utf8').split('\n');
    rmSync(folder, { recursive: true });
    expect(run.results.length).toBeGreaterThan(0);
    for (const { locations } of run.results) {
      const [{ physicalLocation, logicalLocations }] = locations;
      expect(lines[physicalLocation.region.startLine - 1]).toContain(`"${logicalLocations[0].name}"`);
    }
  });

  test('--rights names only actions that read', async () => {
    const actions: string[] = JSON.parse((await doctor('--rights')).said).Statement.flatMap(
      ({ Action }: { Action: string[] }) => Action,
    );
    expect(actions.filter((action) => !/:(Describe|Get|List|Filter)/.test(action))).toEqual([]);
  });
});

describe('an ARN of the cloud of this machine', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-doctor-'));
  let cloud: LocalCloud;
  let sfn: SFNClient;
  let machine: string;
  const executions: string[] = [];

  beforeAll(async () => {
    cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY });
    sfn = new SFNClient({ ...cloud.clientOptions, disableHostPrefix: true });
    const States = {
      Turn: {
        Type: 'Pass',
        Parameters: { 'left.$': 'States.MathAdd($.left, -1)', 'text.$': '$.text' },
        Next: 'More?',
      },
      'More?': {
        Type: 'Choice',
        Choices: [{ Variable: '$.left', NumericGreaterThan: 0, Next: 'Turn' }],
        Default: 'End',
      },
      End: { Type: 'Succeed' },
    };
    const made = await sfn.send(
      new CreateStateMachineCommand({
        name: 'turns',
        roleArn: 'arn:aws:iam::000000000000:role/any',
        definition: JSON.stringify({ StartAt: 'Turn', States }),
      }),
    );
    machine = made.stateMachineArn ?? '';
    for (const left of [10, 400]) {
      const input = JSON.stringify({ left, text: 'x'.repeat(left * 20) });
      const { executionArn = '' } = await sfn.send(
        new StartExecutionCommand({ stateMachineArn: machine, input }),
      );
      executions.push(executionArn);
    }
    for (const executionArn of executions)
      while ((await sfn.send(new DescribeExecutionCommand({ executionArn }))).status === 'RUNNING');
  });
  afterAll(async () => {
    sfn.destroy();
    await cloud.close();
    rmSync(dataDir, { recursive: true });
  });

  test('of an execution: all pages of its history are read', async () => {
    const { code, said } = await doctor(executions[1] ?? '', '--data-dir', dataDir, '--json');
    const [looked] = JSON.parse(said).looked;
    expect(looked).toMatchObject({
      status: 'SUCCEEDED',
      events: 1_604,
      loops: [{ states: ['Turn', 'More?'], turns: 400 }],
    });
    expect(looked.unknown.join()).not.toMatch(/missing/);
    expect(code).toBe(0);
  });

  test('of an execution with a distributed Map: its children are followed, the failed ones told', async () => {
    const item = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Odd?',
      States: {
        'Odd?': {
          Type: 'Choice',
          Choices: [{ Variable: '$', NumericEquals: 3, Next: 'Refuse' }],
          Default: 'Take',
        },
        Refuse: { Type: 'Fail', Error: 'Item.Refused', Cause: 'three is not taken' },
        Take: { Type: 'Succeed' },
      },
    };
    const States = {
      Each: { Type: 'Map', ItemsPath: '$.items', ToleratedFailureCount: 1, ItemProcessor: item, End: true },
    };
    const made = await sfn.send(
      new CreateStateMachineCommand({
        name: 'shared-out',
        roleArn: 'arn:aws:iam::000000000000:role/any',
        definition: JSON.stringify({ StartAt: 'Each', States }),
      }),
    );
    const started = { stateMachineArn: made.stateMachineArn, input: JSON.stringify({ items: [1, 2, 3, 4] }) };
    const { executionArn = '' } = await sfn.send(new StartExecutionCommand(started));
    while ((await sfn.send(new DescribeExecutionCommand({ executionArn }))).status === 'RUNNING');
    const { said } = await doctor(executionArn, '--data-dir', dataDir, '--json');
    const report = JSON.parse(said);
    const [parent, ...children] = report.looked;
    expect(parent.unknown.join()).toMatch(
      /the map run of Each \(arn:\S+\): 4 items, 3 succeeded, 1 failed; 3 of its executions were looked at/,
    );
    expect(
      children.map(({ status, started_by }: { status: string; started_by: object }) => [status, started_by]),
    ).toEqual([
      ['FAILED', { execution: executionArn, state: 'Each' }],
      ['SUCCEEDED', { execution: executionArn, state: 'Each' }],
      ['SUCCEEDED', { execution: executionArn, state: 'Each' }],
    ]);
    const isReport = new Ajv().compile(DOCTOR_REPORT);
    expect({ valid: isReport(report), errors: isReport.errors }).toEqual({ valid: true, errors: null });
    const text = (await doctor(executionArn, '--data-dir', dataDir)).said;
    expect(text).toContain(`Started by Each of ${executionArn}`);
    expect(text).toMatch(/FAILED Item\.Refused in Refuse/);
  });

  test('of a machine: its executions are ranked by how close they came to a limit', async () => {
    const { said } = await doctor(machine, '--data-dir', dataDir, '--json');
    expect(JSON.parse(said).machines).toMatchObject([
      {
        machine,
        executions: 2,
        failed: 0,
        closeness: [{ limit: 'events', execution: executions[1] }, { limit: 'bytes' }],
      },
    ]);
    const text = (await doctor(machine, '--data-dir', dataDir)).said;
    expect(text).toMatch(
      /^Closest to a limit first\nturns +2 executions +0 failed +\d+,\d{3} of [\d,]+ (bytes|events)/,
    );
  });

  describe('asked as AWS is, by the address and the key in the environment', () => {
    const before = { ...process.env };
    beforeAll(() => void Object.assign(process.env, cloud.environment));
    afterAll(() => {
      process.env = before;
    });

    test('a machine is read with its executions of the last while, the newest of them where there are more', async () => {
      const { said } = await doctor(machine, '--since', '1h', '--json', '--data-dir', join(dataDir, 'none'));
      expect(JSON.parse(said).machines).toMatchObject([{ machine, executions: 2 }]);
      const one = await doctor(machine, '--since', '1h', '--most', '1', '--json');
      expect(JSON.parse(one.said).machines).toMatchObject([{ machine, executions: 1 }]);
    });

    test('an Express machine without logs is said to have kept nothing', async () => {
      await sfn.send(
        new CreateStateMachineCommand({
          name: 'quick',
          type: 'EXPRESS',
          roleArn: 'arn:aws:iam::000000000000:role/any',
          definition: JSON.stringify({ StartAt: 'End', States: { End: { Type: 'Succeed' } } }),
        }),
      );
      const express = machine.replace(':stateMachine:turns', ':express:quick:one:two');
      expect(await doctor(express)).toMatchObject({
        code: 2,
        said: expect.stringMatching(
          /an Express machine without logs.*\n {2}mend: set its loggingConfiguration/,
        ),
      });
    });
  });

  test('that is not there is a sentence', async () => {
    const gone = `${executions[0]}x`;
    expect(await doctor(gone, '--data-dir', dataDir)).toMatchObject({
      code: 2,
      said: expect.stringMatching(/ExecutionDoesNotExist.*\n {2}mend: check the ARN/),
    });
  });
});
