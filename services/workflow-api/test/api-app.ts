import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { eventFor } from '@statebag/api';
import type { JsonObject } from '@statebag/contracts';
import type { RunDetail, RunView } from '@statebag/contracts/schemas/api';
import { deployApp } from '@statebag/deployment/stack';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';

const ISSUER = 'https://issuer.test/';
const POLL_MS = 20;
/** Far above what any run of a test takes. */
const STUCK_MS = 60_000;

export interface Call {
  readonly as?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body is Base64, as API Gateway hands over what is not text. */
  readonly isBase64?: boolean;
}

export interface Reply<Body> {
  readonly status: number;
  readonly body: Body;
}

/**
 * The whole app, deployed on a local cloud of its own, and its API by its functions: what API Gateway does is
 * done here.
 */
export class ApiTestApp {
  readonly cloud: LocalCloud;
  readonly sfn: SFNClient;
  readonly #lambda: LambdaClient;
  readonly #dataDir: string;

  private constructor(cloud: LocalCloud, dataDir: string) {
    this.cloud = cloud;
    this.sfn = new SFNClient(cloud.clientOptions);
    this.#lambda = new LambdaClient(cloud.clientOptions);
    this.#dataDir = dataDir;
  }

  static async open(
    parameters: Readonly<Record<string, string>> = {},
    options: Partial<LocalCloudOptions> = {},
  ): Promise<ApiTestApp> {
    const dataDir = mkdtempSync(join(tmpdir(), 'statebag-api-'));
    const cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY, ...options });
    try {
      await deployApp(cloud, { parameters: { stateBucket: 'statebag-test', ...parameters } });
      return new ApiTestApp(cloud, dataDir);
    } catch (error) {
      await cloud.close();
      throw error;
    }
  }

  async call<Body = JsonObject>(
    method: string,
    target: string,
    { as = 'ada', body, headers = {}, isBase64 = false }: Call = {},
  ): Promise<Reply<Body>> {
    const text = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const found = eventFor({ method, target, claims: { iss: ISSUER, sub: as }, headers, ...text });
    if (!found) throw new Error(`there is no route ${method} ${target}`);
    return this.invoke(found.route.key, { ...found.event, isBase64Encoded: isBase64 });
  }

  /** A function of the API with any event. */
  async invoke<Body = JsonObject>(key: string, event: unknown): Promise<Reply<Body>> {
    const reply = await this.invokeFunction(`workflow-api-local-${key}`, event);
    return { status: Number(reply['statusCode']), body: JSON.parse(String(reply['body'])) };
  }

  /** A function of any service, by its name behind `statebag-`. */
  async invokeFunction(name: string, event: unknown): Promise<JsonObject> {
    const { Payload, FunctionError } = await this.#lambda.send(
      new InvokeCommand({ FunctionName: `statebag-${name}`, Payload: JSON.stringify(event) }),
    );
    const reply = JSON.parse(Payload?.transformToString() ?? 'null');
    if (FunctionError !== undefined) throw new Error(`${name} failed: ${JSON.stringify(reply)}`);
    return reply;
  }

  async start(
    workflow: JsonObject,
    input: JsonObject = {},
    headers: Readonly<Record<string, string>> = {},
    generation?: 'v3' | 'legacy',
  ): Promise<RunView> {
    const { status, body } = await this.call<RunView>('POST', '/runs', {
      body: { workflow_id: 'test', workflow, input, ...(generation && { generation }) },
      headers,
    });
    if (status !== 201) throw new Error(`not started: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Asks until the run is as wanted. */
  async until(id: string, wanted: (run: RunDetail) => boolean | Promise<boolean>): Promise<RunDetail> {
    const stuckAt = Date.now() + STUCK_MS;
    for (;;) {
      const { body } = await this.call<RunDetail>('GET', `/runs/${id}`);
      if (await wanted(body)) return body;
      if (Date.now() > stuckAt) throw new Error(`run ${id} is stuck: ${JSON.stringify(body)}`);
      await pause(POLL_MS);
    }
  }

  end(id: string): Promise<RunDetail> {
    return this.until(id, ({ status }) => status !== 'RUNNING');
  }

  async close(): Promise<void> {
    this.sfn.destroy();
    this.#lambda.destroy();
    await this.cloud.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

/** A node that computes one value. */
export function transform(id: string, expression: string): JsonObject {
  return { id, type: 'data_transform', output_key: id, config: { transform: `{% ${expression} %}` } };
}

/** Nodes one after the other. */
export function chain(name: string, nodes: readonly JsonObject[], options: JsonObject = {}): JsonObject {
  const edges = nodes.slice(1).map(({ id = '' }, index) => ({ from: nodes[index]?.['id'] ?? '', to: id }));
  return { name, version: '1', nodes, edges, options };
}
