import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ItemsService } from '../gateway/gateway.ts';
import { ApiError, type Items } from '../ports.ts';
import { finishCreations, isAction, openStore, runAction } from './dynalite-store.ts';

export interface DynamoDb extends Items {
  readonly serve: ItemsService;
  close(): Promise<void>;
}

/** DynamoDB by dynalite, without its server: the gateway has parsed and verified, dynalite validates and acts. */
export function openDynamoDb(dataDir: string, place: { account: string; region: string }): DynamoDb {
  const path = join(dataDir, 'dynamodb');
  mkdirSync(path, { recursive: true });
  const store = openStore(path, place);
  const ready = finishCreations(store);
  const underWay = new Set<Promise<unknown>>();
  let closing = false;
  const answer: ItemsService = (action, input) => {
    // dynalite throws where nobody can catch it once its store is closed.
    if (closing) return Promise.reject(new ApiError('InternalServerError', 'the local cloud is closing', { status: 500 }));
    const answering = act(action, input).finally(() => underWay.delete(answering));
    underWay.add(answering);
    return answering;
  };
  const act: ItemsService = async (action, input) => {
    await ready;
    if (!isAction(action)) throw new ApiError('UnknownOperationException', `${action} is not an operation of the local cloud`);
    const answered = await runAction(store, action, input);
    // dynalite calls a new table active a moment after it has answered; who is told that it is there may use it.
    if (action === 'CreateTable' && answered.status === 200) await finishCreations(store);
    return answered;
  };
  return {
    serve: answer,
    call: async (action, input) => {
      const { status, output } = await answer(action, typeof input === 'object' && input !== null ? input : {});
      if (status === 200) return output;
      throw errorOf(output, status);
    },
    close: async () => {
      closing = true;
      await ready;
      await Promise.allSettled(underWay);
      await store.db.close();
    },
  };
}

function errorOf(output: unknown, status: number): ApiError {
  const fields = typeof output === 'object' && output !== null ? Object.entries(output) : [];
  const text = (...names: string[]): string => String(fields.find(([name]) => names.includes(name))?.[1] ?? '');
  const rest = fields.filter(([name]) => !['__type', 'message', 'Message'].includes(name));
  return new ApiError(text('__type').split('#').at(-1) ?? '', text('message', 'Message'), { status, fields: Object.fromEntries(rest) });
}
