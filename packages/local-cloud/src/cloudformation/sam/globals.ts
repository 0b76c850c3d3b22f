import { isMapping, listOf, type Mapping, type Plain } from '../document.ts';
import { invalid } from '../errors.ts';

const SECTIONS = [
  'Function',
  'Api',
  'HttpApi',
  'SimpleTable',
  'StateMachine',
  'CapacityProvider',
  'LayerVersion',
  'WebSocketApi',
];

/** What a template says for all resources of a type, under what a resource says itself. */
export function mergeGlobals(type: string, globals: Mapping, own: Mapping): Mapping {
  const unknown = Object.keys(globals).find((name) => !SECTIONS.includes(name));
  if (unknown !== undefined)
    throw invalid(`'Globals' section is invalid. '${unknown}' is not supported. Must be one of ${SECTIONS}`);
  const shared = globals[type];
  return isMapping(shared) ? mergeMappings(shared, own) : own;
}

function mergeMappings(shared: Mapping, own: Mapping): Mapping {
  const members = Object.entries(own).map(([name, value]) => [name, merge(shared[name], value)] as const);
  return { ...shared, ...Object.fromEntries(members) };
}

/** Lists are joined, mappings merged, and of anything else the resource's own counts. */
function merge(shared: Plain | undefined, own: Plain): Plain {
  if (Array.isArray(shared) && Array.isArray(own)) return [...listOf(shared), ...listOf(own)];
  const merges = isMapping(shared) && isMapping(own) && !isFunction(shared) && !isFunction(own);
  return merges ? mergeMappings(shared, own) : own;
}

/** `{ Ref: … }` is one value. */
function isFunction(value: Mapping): boolean {
  const [name = '', ...more] = Object.keys(value);
  return more.length === 0 && (name === 'Ref' || name.startsWith('Fn::'));
}
