import { ApiError, type JsonActions } from '@statebag/states';
import type { KeptResources } from '../cloudformation/kept-resources.ts';
import type { Rule, Target } from '../events/rule-store.ts';
import { ruleArn } from '../iam/asked.ts';
import { decide, type Rights } from '../iam/evaluate.ts';
import { type Asked, compilePolicy, type Principal } from '../iam/policy.ts';
import { parseFunctionName } from '../lambda/function-config.ts';
import type { FunctionRegistry } from '../lambda/function-registry.ts';
import type { LogStore } from '../logs/log-store.ts';

/** What services may do for somebody: deliver, call, take on a role. */
export interface ServiceRights {
  /** Whether a function lets a service call it. One without a role is the owner's own, and asks nobody. */
  mayInvoke(service: string, functionArn: string, sourceArn: string): boolean;
  /** Whether a rule may hand something to its target. */
  mayDeliver(rule: Rule, target: Target): boolean;
  /** The first action that the role of a function lacks for taking messages from a queue. */
  missingRight(functionName: string, queueArn: string): string | undefined;
  /** @throws ApiError unless the service may take the role on */
  requireTrust(roleArn: string, service: string): void;
}

export interface ServiceRightsDeps {
  readonly rights: Rights;
  readonly kept: KeptResources;
  readonly registry: FunctionRegistry;
  readonly logs: LogStore;
  readonly account: string;
  readonly region: string;
}

const EVENTS = 'events.amazonaws.com';

/** What Lambda does with a queue for a function. */
const TAKING = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

export function openServiceRights(deps: ServiceRightsDeps): ServiceRights {
  const { rights, kept, registry, account } = deps;
  const trusts = (roleArn: string, service: string): boolean => isTrusted(roleArn, service, deps);
  const mayInvoke: ServiceRights['mayInvoke'] = (service, functionArn, sourceArn) => {
    const { functionName } = parseFunctionName(functionArn);
    if (registry.settings(functionName).role === undefined) return true;
    const context = { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': account };
    const asked: Asked = { action: 'lambda:InvokeFunction', resource: functionArn, context };
    return rights.may({ kind: 'service', name: service }, asked);
  };
  const mayStart = (roleArn: string, resource: string, session: string): boolean => {
    const principal: Principal = { kind: 'role', account, arn: roleArn, session };
    return trusts(roleArn, EVENTS) && rights.may(principal, { action: 'states:StartExecution', resource });
  };
  return {
    mayInvoke,
    mayDeliver: (rule, { arn, roleArn }) => {
      const source = ruleArn(rule.name, rule.bus, deps);
      const may = arn.includes(':states:')
        ? roleArn === undefined || mayStart(roleArn, unqualified(arn), rule.name)
        : mayInvoke(EVENTS, arn, source);
      if (!may) deps.logs.append(`/aws/events/${rule.name}`, 'failed', `${source} may not call ${arn}`);
      return may;
    },
    missingRight: (functionName, queueArn) => {
      const { role } = registry.settings(functionName);
      if (role === undefined) return undefined;
      const principal: Principal = { kind: 'role', account, arn: role, session: functionName };
      const may = (action: string) => rights.may(principal, { action: `sqs:${action}`, resource: queueArn });
      return TAKING.find((action) => !may(action));
    },
    requireTrust: (roleArn, service) => {
      if (kept.find('AWS::IAM::Role', nameOf(roleArn)) === undefined || trusts(roleArn, service)) return;
      const names = `the global service principal ${service}, nor the regional one`;
      throw new ApiError(
        'AccessDeniedException',
        `Neither ${names} is authorized to assume the provided role.`,
      );
    },
  };
}

/** A role that no template has made is the owner's own, and trusts everybody. */
function isTrusted(roleArn: string, service: string, { kept, account }: ServiceRightsDeps): boolean {
  const role = kept.find('AWS::IAM::Role', nameOf(roleArn));
  if (role === undefined) return true;
  const trust = compilePolicy(role.properties['AssumeRolePolicyDocument'], 'trust');
  const asked = { action: 'sts:AssumeRole', resource: roleArn, context: { 'aws:sourceaccount': account } };
  return decide({ kind: 'service', name: service }, asked, { resource: trust }).allowed;
}

function nameOf(roleArn: string): string {
  return roleArn.split('/').at(-1) ?? '';
}

function unqualified(machineArn: string): string {
  return machineArn.split(':').slice(0, 7).join(':');
}

/** Step Functions refuses a machine whose role it cannot take on. */
export function trustedMachines(actions: JsonActions, { requireTrust }: ServiceRights): JsonActions {
  const checked = ['CreateStateMachine', 'UpdateStateMachine'].map((name) => [
    name,
    async (input: Record<string, unknown>) => {
      const { roleArn } = input;
      if (typeof roleArn === 'string') requireTrust(roleArn, 'states.amazonaws.com');
      return actions[name]?.(input);
    },
  ]);
  return { ...actions, ...Object.fromEntries(checked) };
}
