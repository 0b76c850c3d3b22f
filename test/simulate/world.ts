import { setTimeout as pause } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { JsonObject } from '@statebag/contracts';
import type { ApprovalView, HistoryPage, RunDetail, RunView } from '@statebag/contracts/schemas/api';
import type { LocalCloud } from '@statebag/local-cloud';

/** What a request says besides its route. */
export interface Said {
  /** Who asks; a stage knows two of them. */
  readonly as?: Person;
  readonly body?: object;
  readonly key?: string;
}

export type Person = 'ada' | 'bob';

export interface Reply<Body> {
  readonly status: number;
  readonly body: Body;
}

/** Where scenarios are played: the API of a stage, or of a local cloud. */
export interface Api {
  readonly url: string;
  token(person: Person): string;
}

/** What only a cloud on this machine allows. */
export interface LocalWorld {
  readonly cloud: LocalCloud;
  readonly s3: S3Client;
  readonly bucket: string;
  /** Takes S3 down until it has refused so many requests. */
  outage(requests: number): Promise<void>;
  /** A look after open approvals, so many seconds from now. */
  beat(inSeconds: number): Promise<void>;
}

export interface Starting extends Said {
  readonly input?: JsonObject;
  readonly generation?: 'v3' | 'legacy';
  readonly upload?: string;
}

const POLL_MS = 50;
const STUCK_MS = 300_000;

/** What a scenario can do: everything goes through the HTTP API, as a user's client would. */
export class World {
  readonly #api: Api;
  readonly #open: string[] = [];
  /** What only a cloud on this machine allows. */
  readonly local: LocalWorld | undefined;

  constructor(api: Api, local?: LocalWorld) {
    this.#api = api;
    this.local = local;
  }

  async call<Body>(
    route: `${'GET' | 'POST'} ${string}`,
    { as = 'ada', body, key }: Said = {},
  ): Promise<Reply<Body>> {
    const [method = '', target = ''] = route.split(' ');
    const headers = {
      authorization: `Bearer ${this.#api.token(as)}`,
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    const response = await fetch(`${this.#api.url}${target}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    // the API's own schema, which its tests hold it to
    return { status: response.status, body: JSON.parse(await response.text()) as Body };
  }

  /** Starts a run. @throws where it is refused */
  async start(workflow: object, starting: Starting = {}): Promise<RunView> {
    const { status, body } = await this.tryStart(workflow, starting);
    if (status >= 400) throw new Error(`not started: ${status} ${JSON.stringify(body)}`);
    this.#open.push(body.execution_id);
    return body;
  }

  tryStart(workflow: object, { input, generation, upload, ...said }: Starting = {}): Promise<Reply<RunView>> {
    const inner = {
      workflow_id: 'simulate',
      workflow,
      ...(input && { input }),
      ...(generation && { generation }),
      ...(upload !== undefined && { upload }),
    };
    return this.call<RunView>('POST /runs', { ...said, body: inner });
  }

  /** The run once it has ended. */
  end(id: string, said: Said = {}): Promise<RunDetail> {
    return this.until(`run ${id} ends`, async () => {
      const { body } = await this.call<RunDetail>(`GET /runs/${id}`, said);
      return body.status === 'RUNNING' ? undefined : body;
    });
  }

  async played(workflow: object, starting: Starting = {}): Promise<RunDetail> {
    const { execution_id } = await this.start(workflow, starting);
    return this.end(execution_id);
  }

  /** Nodes that ended, in the order they did. */
  async nodes(id: string): Promise<readonly string[]> {
    const entries: HistoryPage['entries'][number][] = [];
    let next: string | null = null;
    do {
      const query: string = next === null ? '' : `&next=${encodeURIComponent(next)}`;
      const { body } = await this.call<HistoryPage>(`GET /runs/${id}/history?limit=100${query}`);
      entries.push(...body.entries);
      next = body.next;
    } while (next !== null);
    return entries.filter(({ status }) => status !== 'PAUSED').map(({ node_id }) => node_id);
  }

  /** The first approval of a run, once it waits for it. */
  asked(id: string): Promise<ApprovalView> {
    return this.until(
      `run ${id} asks`,
      async () =>
        (await this.call<{ approvals: ApprovalView[] }>(`GET /runs/${id}/approvals`)).body.approvals[0],
    );
  }

  /** Looks until there is something. @throws when it takes far too long */
  async until<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
    const stuckAt = Date.now() + STUCK_MS;
    for (;;) {
      const value = await look();
      if (value !== undefined) return value;
      if (Date.now() > stuckAt) throw new Error(`${what}: not after ${STUCK_MS / 1000} s`);
      await pause(POLL_MS);
    }
  }

  /** Ends what a scenario that failed left behind. */
  async tidy(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((id) => this.call(`POST /runs/${id}/cancel`, { body: {} })));
  }
}
