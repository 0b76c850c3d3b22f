import { isDeepStrictEqual } from 'node:util';
import { isMapping, type Mapping } from './document.ts';
import { invalid } from './errors.ts';
import { evaluate } from './intrinsics.ts';
import { AlreadyThere, type Made, nameOf, type Wanted } from './provider.ts';
import { propertyProblem, replacing, typedProperties } from './specification.ts';
import type { Existing, Stack, StackResource } from './stack.ts';
import type { Filled } from './stack-scope.ts';
import type { TemplateResource } from './template.ts';
import { messageOf, noteResource, type Workshop } from './workshop.ts';

/** A resource that could not be made as it is wanted. */
class ResourceFailed extends Error {
  override readonly name = 'ResourceFailed';
  readonly logicalId: string;
  readonly verb: string;

  constructor(logicalId: string, verb: string, cause: unknown) {
    super(`The following resource(s) failed to ${verb}: [${logicalId}]. `, { cause });
    this.logicalId = logicalId;
    this.verb = verb;
  }
}

interface Place {
  readonly filled: Filled;
  readonly id: string;
  readonly place: number;
}

/** Makes a resource what its template says: new, changed, replaced, or as it is. @throws ResourceFailed */
export async function makeResource(
  workshop: Workshop,
  stack: Stack,
  { filled, id, place }: Place,
): Promise<void> {
  const declared = filled.template.resources[id];
  if (declared === undefined) throw new Error(`${id} is in the order of creation and not in the template`);
  const current = workshop.store.resource(stack.id, id);
  const verb = current === undefined ? 'create' : 'update';
  const step: Step = { workshop, stack, id, place, declared };
  try {
    const given = asMapping(evaluate(declared.properties, filled.scope));
    const problem = propertyProblem(declared.type, given);
    if (problem !== undefined) throw invalid(problem);
    const properties = typedProperties(declared.type, given);
    if (current === undefined) await create(step, properties);
    else await bringUpToDate(step, properties, current);
  } catch (error) {
    note(step, `${verb.toUpperCase()}_FAILED`, {
      reason: messageOf(error),
      physicalId: current?.physicalId ?? '',
    });
    throw new ResourceFailed(id, verb, error);
  }
}

interface Step {
  readonly workshop: Workshop;
  readonly stack: Stack;
  readonly id: string;
  readonly place: number;
  readonly declared: TemplateResource;
}

async function create(step: Step, properties: Mapping): Promise<void> {
  await makeNew(step, properties, { status: 'CREATE', extra: { change: 'created' } });
}

async function bringUpToDate(step: Step, properties: Mapping, current: StackResource): Promise<void> {
  const { declared, workshop, stack, place } = step;
  const policies = policiesOf(declared);
  const changed = changedNames(current.properties, properties);
  if (changed.length === 0 && current.type === declared.type) {
    const kept: StackResource = { ...current, ...policies, order: place };
    if (!isDeepStrictEqual(kept, current)) workshop.store.saveResource(stack.id, kept);
    return;
  }
  const replaced = current.type === declared.type ? replacing(declared.type, changed) : ['Type'];
  if (replaced.length > 0) return replace(step, properties, { current, replaced });
  const before = existingOf(current);
  save(step, { ...current, properties, change: 'updated', before }, 'UPDATE_IN_PROGRESS');
  const wanted = { logicalId: step.id, name: current.physicalId, properties, id: current.physicalId };
  const made = await workshop.providers[declared.type].update(wanted, workshop.account);
  const changedNow: StackResource = {
    ...current,
    ...policies,
    properties,
    order: place,
    ...physical(made),
    change: 'updated',
    before,
  };
  save(step, changedNow, 'UPDATE_COMPLETE');
}

async function replace(
  step: Step,
  properties: Mapping,
  { current, replaced }: { readonly current: StackResource; readonly replaced: readonly string[] },
): Promise<void> {
  const named = step.workshop.providers[step.declared.type].naming?.property;
  if (
    named !== undefined &&
    properties[named] !== undefined &&
    properties[named] === current.properties[named]
  )
    throw invalid(
      `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${properties[named]} and update the stack again.`,
    );
  const reason = `Requested update requires the creation of a new physical resource (${replaced.join(', ')}); hence creating one.`;
  await makeNew(step, properties, {
    status: 'UPDATE',
    reason,
    extra: { change: 'replaced', before: existingOf(current) },
  });
}

async function makeNew(
  step: Step,
  properties: Mapping,
  {
    status,
    reason,
    extra,
  }: {
    readonly status: 'CREATE' | 'UPDATE';
    readonly reason?: string;
    readonly extra: Pick<StackResource, 'change' | 'before'>;
  },
): Promise<void> {
  const { workshop, stack, id, declared, place } = step;
  const provider = workshop.providers[declared.type];
  const name = nameOf(provider, properties, { stack: stack.name, logicalId: id });
  note(step, `${status}_IN_PROGRESS`, { physicalId: '', ...(reason !== undefined && { reason }) });
  const { made, adopted } = await madeOrAdopted(step, { logicalId: id, name, properties });
  const resource: StackResource = {
    logicalId: id,
    type: declared.type,
    properties,
    status: '',
    updatedAt: workshop.now(),
    order: place,
    ...policiesOf(declared),
    ...physical(made),
    ...extra,
    ...(adopted && { change: 'adopted' }),
  };
  save(step, resource, `${status}_COMPLETE`);
}

/** Creates it, or makes what is there already what is wanted, where the stack adopts and no other one has it. */
async function madeOrAdopted(
  { workshop: { providers, account, store }, stack, declared: { type } }: Step,
  wanted: Wanted,
): Promise<{ readonly made: Made; readonly adopted: boolean }> {
  try {
    return { made: await providers[type].create(wanted, account), adopted: false };
  } catch (error) {
    if (!(error instanceof AlreadyThere) || stack.wish.adopts !== true) throw error;
    if (store.list().some((each) => store.resources(each.id).some((other) => isThat(other, type, error.id))))
      throw error;
    return { made: await providers[type].update({ ...wanted, id: error.id }, account), adopted: true };
  }
}

function isThat(other: StackResource, type: StackResource['type'], id: string): boolean {
  return other.type === type && other.physicalId === id;
}

function physical({ id, attributes }: Made): Pick<StackResource, 'physicalId' | 'attributes'> {
  return { physicalId: id, attributes };
}

function policiesOf({ deletionPolicy, updateReplacePolicy }: TemplateResource) {
  return { deletionPolicy, updateReplacePolicy };
}

function existingOf({ type, physicalId, properties, attributes }: StackResource): Existing {
  return { type, physicalId, properties, attributes };
}

/** Names of properties that differ. */
export function changedNames(before: Mapping, after: Mapping): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

function save(step: Step, resource: StackResource, status: string): void {
  const { workshop, stack } = step;
  workshop.journal.write(() => {
    workshop.store.saveResource(stack.id, { ...resource, status, updatedAt: workshop.now() });
    note(step, status, { physicalId: resource.physicalId });
  });
}

function note(
  { workshop, stack, id, declared }: Step,
  status: string,
  { physicalId, reason }: { readonly physicalId: string; readonly reason?: string },
): void {
  noteResource(workshop, stack, { logicalId: id, type: declared.type, physicalId }, status, reason);
}

function asMapping(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}
