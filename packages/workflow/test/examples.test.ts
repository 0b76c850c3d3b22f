import { once } from 'node:events';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { bookingService } from '../../../examples/order-booking/server.ts';
import {
  compileWorkflow,
  createProviders,
  evaluateInMemory,
  filesBeside,
  loadOwnNodes,
  readWorkflow,
  type Workflow,
} from '../src/index.ts';
import { runInSegments, TEST_RUN } from './run-in-segments.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'examples');
const folders = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => join(EXAMPLES, name));

const nodesOf = async (folder: string) =>
  existsSync(join(folder, 'nodes')) ? loadOwnNodes(join(folder, 'nodes')) : new Map();

async function read(folder: string) {
  const file = ['workflow.json', 'workflow.yaml'].map((name) => join(folder, name)).find(existsSync) ?? '';
  return readWorkflow(readFileSync(file, 'utf8'), {
    file,
    readFile: filesBeside(folder),
    nodes: await nodesOf(folder),
  });
}

interface Loaded {
  readonly workflow: Workflow;
  readonly input: JsonObject;
}

async function loaded(folder: string): Promise<Loaded> {
  const { workflow, diagnostics } = await read(folder);
  const input: JsonObject = JSON.parse(readFileSync(join(folder, 'input.json'), 'utf8'));
  if (workflow) return { workflow, input: 'service' in input ? { ...input, service: serviceUrl } : input };
  throw new Error(JSON.stringify(diagnostics));
}

/** The service that the example order-booking asks. It is busy at first, and books each key once. */
const service = bookingService();
let serviceUrl: string;
beforeAll(async () => {
  await once(service.listen(0, '127.0.0.1'), 'listening');
  serviceUrl = `http://127.0.0.1:${Object(service.address()).port}`;
});
afterAll(() => void service.close());

/** Uploads of an example lie beside it. */
const uploadsOf = (folder: string) => async (name: string) => createReadStream(join(folder, name));

const inMemory = async ({ workflow, input }: Loaded, folder: string) =>
  evaluateInMemory(workflow, input, {
    ...TEST_RUN,
    providers: createProviders(),
    openFile: uploadsOf(folder),
    nodes: () => nodesOf(folder),
  });

describe('the example', () => {
  for (const folder of folders) {
    const name = folder.split('/').at(-1);

    test(`${name} has no fault and comes to an output`, async () => {
      const example = await loaded(folder);
      const state = await inMemory(example, folder);
      const fields = compileWorkflow(example.workflow).manifest.output_fields ?? [];
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields) expect(Object.keys(state)).toContain(field);
    });

    test(`${name} comes to the same in segments as in memory`, async () => {
      const example = await loaded(folder);
      const { drafts, state } = await runInSegments(compileWorkflow(example.workflow), {
        input: example.input,
        providers: createProviders(),
        openFile: uploadsOf(folder),
        nodes: () => nodesOf(folder),
      });
      expect(drafts.at(-1)?.error_info).toBeNull();
      expect(state).toEqual(await inMemory(example, folder));
    });
  }
});

test('ticket triage has several segments, and only one of them loads the handbook', async () => {
  const { segments } = compileWorkflow((await loaded(join(EXAMPLES, 'ticket-triage'))).workflow);
  expect(segments.size).toBeGreaterThan(2);
  expect(
    [...segments.values()].filter(({ reads }) => reads === null || reads.includes('handbook')),
  ).toHaveLength(1);
});
