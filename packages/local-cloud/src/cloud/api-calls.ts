import { type AnswerModel, ApiError, type Apis, type JsonActions } from '@statebag/states';
import { type ForwardedApis, openForwarding } from './forwarded-apis.ts';
import { camelCase, pascalCase } from './member-case.ts';
import { type FindClient, installedClients } from './sdk-clients.ts';
import { answerModelOf } from './sdk-members.ts';
import { openTaskMocks, type TaskMocks } from './task-mocks.ts';

/** A service of this cloud that tasks can call. */
export interface CallableService {
  readonly actions: JsonActions;
  /** Its protocol begins the names of members with a small letter, tasks with a capital. */
  readonly camelCase?: boolean;
}

export interface ApiCallDeps {
  /**
   * By the name that `aws-sdk:` integrations have for them; asked for when a call is made, as the engine is
   * one.
   */
  services(): Readonly<Record<string, CallableService>>;
  readonly endpoints: ForwardedApis;
  readonly region: string;
  readonly mocks: TaskMocks;
  readonly findClient?: FindClient;
}

const SDK = 'aws-sdk:';

/**
 * Has tasks call mocks, the services of this cloud, and the endpoints that were given for others, in this
 * order.
 */
export function openApiCalls(deps: ApiCallDeps): Apis {
  const { services, endpoints, region, mocks } = deps;
  const mocked = openTaskMocks(mocks);
  const { findClient = installedClients([process.cwd(), import.meta.dirname]) } = deps;
  const forwarded = openForwarding({ endpoints, region, findClient });
  const local = (service: string, action: string): LocalCall | undefined => {
    const name = service.startsWith(SDK) ? service.slice(SDK.length) : '';
    const all = services();
    const { actions, camelCase: camel = false } = (Object.hasOwn(all, name) ? all[name] : undefined) ?? {};
    const operation = `${action.charAt(0).toUpperCase()}${action.slice(1)}`;
    const run = actions && Object.hasOwn(actions, operation) ? actions[operation] : undefined;
    return run && { run, camel };
  };
  return {
    refusal(service, action, suffix) {
      if (mocked.has(service, action) || local(service, action)) return undefined;
      const why = forwarded.refusal(service, action);
      const name = `the local cloud does not support the integration '${service}:${action}`;
      if (why === null) return `${name}'; give an endpoint or a mock for it`;
      if (why !== undefined) return `${name}': ${why}`;
      // The endpoint answers when the job has begun; nothing here would wait for its end.
      return suffix?.startsWith('.sync') ? `${name}${suffix}'; give a mock for it` : undefined;
    },
    answer: (service, action) => answerModel(findClient, service, action),
    async call(service, action, input) {
      if (mocked.has(service, action)) return mocked.call(service, action);
      const here = local(service, action);
      if (here) return callLocal(here, input);
      if (forwarded.refusal(service, action) === undefined) return forwarded.call(service, action, input);
      throw new ApiError('UnknownOperationException', `the local cloud has no ${service}:${action}`);
    },
  };
}

/** The model that an installed client of the SDK has of an answer. */
function answerModel(findClient: FindClient, service: string, action: string): AnswerModel | undefined {
  const client = service.startsWith(SDK) ? findClient(service.slice(SDK.length)) : undefined;
  const Command = client?.command(action);
  const shape = client && Command && client.shapes.of(new Command({}).schema.at(-1));
  return shape?.isStructSchema() ? answerModelOf(shape) : undefined;
}

interface LocalCall {
  readonly run: NonNullable<JsonActions[string]>;
  readonly camel: boolean;
}

async function callLocal(
  { run, camel }: LocalCall,
  input: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  if (!camel) return run({ ...input });
  return pascalCase(await run({ ...Object(camelCase(input)) }));
}
