import { addressBlocks } from './address-blocks.ts';
import { isMapping, listOf, type Mapping, type Plain } from './document.ts';
import { invalid, malformed } from './errors.ts';

/** What a template's functions can ask for. */
export interface Scope {
  readonly region: string;
  readonly mappings: Mapping;
  readonly conditions: Mapping;
  /** A parameter, a pseudo parameter or a resource; undefined for none of them. */
  ref(name: string): Plain | undefined;
  attribute(logicalId: string, name: string): Plain | undefined;
  imported(name: string): string | undefined;
  /** The value behind `{{resolve:…}}`. */
  resolved(reference: string): string;
}

/** Stands for `AWS::NoValue` until the member that has it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');
type Result = Plain | typeof NO_VALUE;

/** Ends the text that stands, before anything is made, for what only its making gives. */
export const KNOWN_LATER = 'is known after it is made}}';

type Run = (argument: Plain, scope: Scope) => Result;

/** A value with every function in it carried out. */
export function evaluate(value: Plain, scope: Scope): Plain {
  const result = resolve(value, scope);
  return result === NO_VALUE ? null : result;
}

/** As `evaluate`, for what has to be a text, a number or a truth. */
export function evaluateText(value: Plain, scope: Scope): string {
  const result = evaluate(value, scope);
  if (result === null || typeof result === 'object')
    throw malformed(`${JSON.stringify(value)} is not a text where one is needed.`);
  return String(result);
}

/** Whether a condition of the template holds. */
export function holds(name: string, scope: Scope, underWay: readonly string[] = []): boolean {
  const condition = scope.conditions[name];
  if (condition === undefined) throw malformed(`Unresolved condition dependency ${name}`);
  if (underWay.includes(name))
    throw malformed(`Circular dependency between conditions: [${[...underWay, name].join(', ')}]`);
  return decide(condition, scope, [...underWay, name]);
}

function resolve(value: Plain, scope: Scope): Result {
  if (typeof value === 'string') return withReferences(value, scope);
  if (Array.isArray(value)) return value.map((each: Plain) => resolve(each, scope)).filter(isPresent);
  if (!isMapping(value)) return value;
  const [[name, argument] = ['', null], ...others] = Object.entries(value);
  if (others.length > 0 || !(name === 'Ref' || name.startsWith('Fn::'))) return resolveMembers(value, scope);
  const run = FUNCTIONS[name];
  if (run === undefined) throw malformed(`Unsupported function: ${name}; the local cloud does not know it`);
  return run(argument, scope);
}

function resolveMembers(value: Mapping, scope: Scope): Mapping {
  const members = Object.entries(value).flatMap(([name, each]) => {
    const member = resolve(each, scope);
    return isPresent(member) ? [[name, member] as const] : [];
  });
  return Object.fromEntries(members);
}

function isPresent(value: Result): value is Plain {
  return value !== NO_VALUE;
}

function withReferences(text: string, scope: Scope): string {
  return text.includes('{{resolve:')
    ? text.replace(/\{\{resolve:([^}]*)\}\}/g, (_, reference: string) => scope.resolved(reference))
    : text;
}

const FUNCTIONS: Readonly<Record<string, Run>> = {
  Ref: (argument, scope) => {
    const name = String(argument);
    if (name === 'AWS::NoValue') return NO_VALUE;
    return known(scope.ref(name), name);
  },
  'Fn::GetAtt': (argument, scope) => attributeOf(argument, scope),
  'Fn::Sub': (argument, scope) => substitute(argument, scope),
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = pair(argument, 'Fn::Join');
    return list(parts, 'Fn::Join', scope)
      .map((part) => evaluateText(part, scope))
      .join(String(separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, from] = pair(argument, 'Fn::Select');
    const items = list(from, 'Fn::Select', scope);
    const later = items.find((each) => String(each).includes(KNOWN_LATER));
    const chosen = items[Number(evaluateText(index, scope))] ?? later;
    if (chosen === undefined) throw malformed(`Fn::Select cannot select nonexistent value at index ${index}`);
    return chosen;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = pair(argument, 'Fn::Split');
    return evaluateText(text, scope).split(String(separator));
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = listOf(argument).map((each) => evaluateText(each, scope));
    const found = [map, first, second].reduce<Plain | undefined>(
      (node, name) => (isMapping(node) && name !== undefined ? node[name] : undefined),
      scope.mappings,
    );
    if (found === undefined) throw malformed(`Unable to get mapping for ${map}::${first}::${second}`);
    return found;
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = listOf(argument);
    if (yes === undefined || no === undefined)
      throw malformed('Fn::If requires a list argument with three elements');
    return resolve(holds(String(condition), scope) ? yes : no, scope);
  },
  'Fn::Base64': (argument, scope) => Buffer.from(evaluateText(argument, scope)).toString('base64'),
  'Fn::GetAZs': (argument, scope) => {
    const region = evaluateText(argument, scope) || scope.region;
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
  'Fn::Cidr': (argument, scope) => {
    const [block = '', count = '', bits] = listOf(argument).map((each) => evaluateText(each, scope));
    return addressBlocks(block, Number(count), Number(bits ?? 8));
  },
  'Fn::ImportValue': (argument, scope) => {
    const name = evaluateText(argument, scope);
    const value = scope.imported(name);
    if (value === undefined) throw invalid(`No export named ${name} found.`);
    return value;
  },
  ...Object.fromEntries(
    ['Fn::Equals', 'Fn::And', 'Fn::Or', 'Fn::Not'].map((name): [string, Run] => [
      name,
      () => {
        throw malformed(`${name} stands outside of the section Conditions.`);
      },
    ]),
  ),
};

function attributeOf(argument: Plain, scope: Scope): Plain {
  const [id = '', ...rest] = typeof argument === 'string' ? argument.split('.') : listOf(argument);
  const attribute = rest.map((each) => evaluateText(each, scope)).join('.');
  return known(scope.attribute(String(id), attribute), `${id}.${attribute}`);
}

function substitute(argument: Plain, scope: Scope): string {
  const [template, given] = typeof argument === 'string' ? [argument, {}] : listOf(argument);
  if (typeof template !== 'string' || !isMapping(given ?? {}))
    throw malformed('Fn::Sub expressions must be a string, or a list with a string and a mapping.');
  const values: Mapping = isMapping(given) ? given : {};
  const text = template.replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
    const own = values[name.trim()];
    return own === undefined ? evaluateText(referenceOf(name.trim()), scope) : evaluateText(own, scope);
  });
  return withReferences(
    text.replace(/\$\{!([^}]*)\}/g, (_, name: string) => `\${${name}}`),
    scope,
  );
}

/** `${Name.Attribute}` is what `Fn::GetAtt` gives, `${Name}` what `Ref` does. */
export function referenceOf(name: string): Mapping {
  const dot = name.indexOf('.');
  return dot < 0 ? { Ref: name } : { 'Fn::GetAtt': [name.slice(0, dot), name.slice(dot + 1)] };
}

function known(value: Plain | undefined, name: string): Plain {
  if (value === undefined) throw malformed(`Unresolved resource dependencies [${name}] in the template`);
  return value;
}

function pair(argument: Plain, name: string): readonly [Plain, Plain] {
  const [first, second, ...more] = Array.isArray(argument) ? argument : [];
  if (first === undefined || second === undefined || more.length > 0)
    throw malformed(`${name} object requires two parameters.`);
  return [first, second];
}

function list(value: Plain, name: string, scope: Scope): readonly Plain[] {
  const items = evaluate(value, scope);
  if (!Array.isArray(items)) throw malformed(`${name} requires a list.`);
  return items;
}

function decide(condition: Plain, scope: Scope, underWay: readonly string[]): boolean {
  const [[name, argument] = ['', null]] = isMapping(condition) ? Object.entries(condition) : [];
  const each = (): boolean[] => listOf(argument).map((part) => decide(part, scope, underWay));
  if (name === 'Condition') return holds(String(argument), scope, underWay);
  if (name === 'Fn::And') return each().every(Boolean);
  if (name === 'Fn::Or') return each().some(Boolean);
  if (name === 'Fn::Not') return !each().every(Boolean);
  if (name !== 'Fn::Equals')
    throw malformed('Conditions can only be boolean operations on parameters and other conditions');
  const [one, other] = pair(argument, name);
  return evaluateText(one, scope) === evaluateText(other, scope);
}
