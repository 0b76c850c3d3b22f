import { compileDefinition } from '../definition/compile.ts';
import { apiErrors } from '../engine/api-errors.ts';
import { machineArn, parseMachineArn } from '../engine/arns.ts';
import type { Engine } from '../engine/engine.ts';
import { type Diagnostic, describeDiagnostics } from '../language/reader.ts';
import { LIMITS } from '../ports/limits.ts';
import type { JsonActions } from '../ports/services.ts';
import type { Machine, Revision } from '../store/machine-store.ts';
import { checkMachineName, machineOf, pageOf, Request, wireTime } from './request.ts';
import { readTags } from './tags.ts';
import { publish } from './versions.ts';

/** Fields that a machine only keeps and hands back. */
const SETTINGS = ['loggingConfiguration', 'tracingConfiguration', 'encryptionConfiguration'];
const NO_LOGGING = { level: 'OFF', includeExecutionData: false };

/** State machines: create, update, describe, delete, list, validate. */
export function machineActions(engine: Engine): JsonActions {
  return {
    CreateStateMachine: (input) => create(engine, new Request(input)),
    UpdateStateMachine: (input) => update(engine, new Request(input)),
    DeleteStateMachine: (input) => remove(engine, new Request(input)),
    async DescribeStateMachine(input) {
      return describe(engine, new Request(input).requiredText('stateMachineArn'));
    },
    async DescribeStateMachineForExecution(input) {
      const arn = new Request(input).requiredText('executionArn');
      const execution = engine.findByArn(arn);
      if (!execution) throw apiErrors.noExecution(arn);
      const revision = engine.revisions.byId(execution.revision);
      const { updated, ...rest } = definitionFields(revision);
      const name = execution.machineName;
      return {
        stateMachineArn: execution.machineArn,
        name,
        ...rest,
        updateDate: updated,
        ...(engine.machines.byArn(execution.machineArn)?.settings ?? {}),
      };
    },
    async ListStateMachines(input) {
      const { items, next } = pageOf(engine.machines.list(), new Request(input), ({ name }) => name);
      const stateMachines = items.map(({ arn, name, type, created }) => ({
        stateMachineArn: arn,
        name,
        type,
        creationDate: wireTime(created),
      }));
      return { stateMachines, ...next };
    },
    async ValidateStateMachineDefinition(input) {
      return validate(engine, new Request(input));
    },
  };
}

async function create(engine: Engine, request: Request): Promise<object> {
  const name = request.requiredText('name');
  const definition = request.requiredText('definition');
  const type = request.text('type') ?? 'STANDARD';
  checkMachineName(name);
  if (type !== 'STANDARD' && type !== 'EXPRESS')
    throw apiErrors.validation(`Unknown state machine type '${type}'`);
  checkVersionDescription(request);
  const arn = machineArn(engine, name);
  const role = request.requiredText('roleArn');
  const wanted = { arn, name, type, settings: settingsOf(request), tags: readTags(request) } as const;
  const known = engine.machines.byArn(arn);
  if (known) return sameMachine(engine, known, { ...wanted, definition, role });
  checkDefinition(engine, definition, type);
  const created = engine.clock.now();
  const version = engine.write(() => {
    const revision = engine.revisions.add({ machine: arn, definition, role, updated: created });
    engine.machines.save({ ...wanted, status: 'ACTIVE', created, revision: revision.id, next_version: 1 });
    return request.boolean('publish')
      ? publish(engine, arn, request.text('versionDescription') ?? null)
      : undefined;
  });
  return {
    stateMachineArn: arn,
    creationDate: wireTime(created),
    ...(version ? { stateMachineVersionArn: version.arn } : {}),
  };
}

/** Creating what is there already is no error when everything is equal. */
function sameMachine(
  engine: Engine,
  known: Machine,
  wanted: { arn: string; type: string; settings: object; definition: string; role: string },
): object {
  const { definition, role } = engine.revisions.byId(known.revision);
  const equal =
    definition === wanted.definition &&
    role === wanted.role &&
    known.type === wanted.type &&
    JSON.stringify(known.settings) === JSON.stringify(wanted.settings);
  if (!equal) throw apiErrors.machineExists(wanted.arn);
  return { stateMachineArn: known.arn, creationDate: wireTime(known.created) };
}

async function update(engine: Engine, request: Request): Promise<object> {
  const machine = machineOf(engine, request.requiredText('stateMachineArn'));
  const current = engine.revisions.byId(machine.revision);
  const definition = request.text('definition') ?? current.definition;
  const role = request.text('roleArn') ?? current.role;
  const settings = { ...machine.settings, ...settingsOf(request) };
  checkVersionDescription(request);
  if (
    !request.has('definition') &&
    !request.has('roleArn') &&
    !SETTINGS.some((field) => request.has(field))
  ) {
    throw apiErrors.missingParameter(
      'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
    );
  }
  checkDefinition(engine, definition, machine.type);
  const updated = engine.clock.now();
  const changes = definition !== current.definition || role !== current.role;
  const { revision, version } = engine.write(() => {
    const kept = changes
      ? engine.revisions.add({ machine: machine.arn, definition, role, updated })
      : current;
    engine.machines.save({ ...machine, settings, revision: kept.id });
    return {
      revision: kept,
      version: request.boolean('publish')
        ? publish(engine, machine.arn, request.text('versionDescription') ?? null)
        : undefined,
    };
  });
  return {
    updateDate: wireTime(updated),
    revisionId: revision.uuid,
    ...(version ? { stateMachineVersionArn: version.arn } : {}),
  };
}

async function remove(engine: Engine, request: Request): Promise<object> {
  const arn = request.requiredText('stateMachineArn');
  const parsed = parseMachineArn(arn);
  if (!parsed) throw apiErrors.invalidArn(arn);
  engine.persist();
  engine.write(() => {
    engine.machines.remove(parsed.arn);
    engine.executions.removeEnded(parsed.arn);
  });
  return {};
}

function describe(engine: Engine, arn: string): object {
  const parsed = parseMachineArn(arn);
  if (!parsed) throw apiErrors.invalidArn(arn);
  const machine = engine.machines.byArn(parsed.arn);
  const version = parsed.qualifier === undefined ? undefined : engine.versions.version(arn);
  if (!machine || (parsed.qualifier !== undefined && !version)) throw apiErrors.noMachine(arn);
  const { updated: _, ...revision } = definitionFields(
    engine.revisions.byId(version?.revision ?? machine.revision),
  );
  const { name, type, status, settings } = machine;
  const described = version
    ? {
        creationDate: wireTime(version.created),
        ...(version.description === null ? {} : { description: version.description }),
      }
    : { creationDate: wireTime(machine.created) };
  return {
    stateMachineArn: arn,
    name,
    type,
    status,
    ...revision,
    loggingConfiguration: NO_LOGGING,
    tracingConfiguration: { enabled: false },
    ...settings,
    ...described,
  };
}

function definitionFields({ definition, role, uuid, updated }: Revision): {
  definition: string;
  roleArn: string;
  revisionId: string;
  updated: number;
} {
  return { definition, roleArn: role, revisionId: uuid, updated: wireTime(updated) };
}

function validate(engine: Engine, request: Request): object {
  const type = request.text('type') === 'EXPRESS' ? 'EXPRESS' : 'STANDARD';
  const { findings } = compileDefinition(request.requiredText('definition'), { type, apis: engine.apis });
  const most = request.integer('maxResults', { least: 0, most: 100 }) || 100;
  const wanted =
    request.text('severity') === 'WARNING'
      ? findings
      : findings.filter(({ severity }) => severity === 'ERROR');
  const failed = findings.some(({ severity }) => severity === 'ERROR');
  return {
    result: failed ? 'FAIL' : 'OK',
    diagnostics: wanted.slice(0, most),
    truncated: wanted.length > most,
  };
}

function checkDefinition({ apis }: Engine, definition: string, type: Machine['type']): void {
  if (Buffer.byteLength(definition) > LIMITS.definitionBytes)
    throw apiErrors.invalidDefinition(
      `Invalid State Machine Definition: 'Definition is larger than ${LIMITS.definitionBytes} bytes'`,
    );
  const { findings } = compileDefinition(definition, { type, apis });
  if (findings.some(({ severity }: Diagnostic) => severity === 'ERROR'))
    throw apiErrors.invalidDefinition(describeDiagnostics(findings));
}

function checkVersionDescription(request: Request): void {
  if (request.has('versionDescription') && !request.boolean('publish')) {
    throw apiErrors.validation('Version description can only be set when publish is true');
  }
}

function settingsOf(request: Request): Record<string, unknown> {
  return Object.fromEntries(
    SETTINGS.filter((field) => request.has(field)).map((field) => [field, request.raw(field)]),
  );
}
