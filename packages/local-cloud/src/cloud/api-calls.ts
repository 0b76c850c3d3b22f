import { ApiError, type Apis, type JsonActions } from '@statebag/states';
import { type ForwardedApis, openForwarding } from './forwarded-apis.ts';
import { camelCase, pascalCase } from './member-case.ts';
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
  readonly mocks: TaskMocks;
}

const SDK = 'aws-sdk:';

/**
 * Has tasks call mocks, the services of this cloud, and the endpoints that were given for others, in this
 * order.
 */
export function openApiCalls({ services, endpoints, mocks }: ApiCallDeps): Apis {
  const mocked = openTaskMocks(mocks);
  const forwarded = openForwarding(endpoints);
  const local = (service: string, action: string): LocalCall | undefined => {
    const name = service.startsWith(SDK) ? service.slice(SDK.length) : '';
    const all = services();
    const { actions, camelCase: camel = false } = (Object.hasOwn(all, name) ? all[name] : undefined) ?? {};
    const operation = `${action.charAt(0).toUpperCase()}${action.slice(1)}`;
    const run = actions && Object.hasOwn(actions, operation) ? actions[operation] : undefined;
    return run && { run, camel };
  };
  return {
    refusal(service, action) {
      if (mocked.has(service, action) || local(service, action) || forwarded.has(service, action))
        return undefined;
      return `the local cloud does not support the integration '${service}:${action}'; give an endpoint or a mock for it`;
    },
    async call(service, action, input) {
      if (mocked.has(service, action)) return mocked.call(service, action);
      const here = local(service, action);
      if (here) return callLocal(here, input);
      if (forwarded.has(service, action)) return forwarded.call(service, action, input);
      throw new ApiError('UnknownOperationException', `the local cloud has no ${service}:${action}`);
    },
  };
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
