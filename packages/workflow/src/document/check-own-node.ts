import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { expressionsOf } from '../expressions/parse-text.ts';
import { OWN_RULES, type OwnConfig } from '../nodes/own-node.ts';
import { startsWith } from '../own/config-check.ts';
import type { OwnNode } from '../own/own-nodes.ts';
import { type ConfigSurroundings, checkConfig, checkFieldName } from './check-config.ts';
import type { Path } from './diagnostics.ts';

/** A node of a project's own type, as its declaration makes it. */
export interface CheckedOwn {
  readonly config: OwnConfig & JsonObject;
  readonly reads: readonly string[];
  /** Whether it stores its result in `output_key`. */
  readonly output: 'required' | 'optional' | 'none';
}

/** Holds the config against the schema of the type, as far as it is known before a run. */
export function checkOwnNode(
  own: OwnNode,
  value: JsonObject,
  at: Path,
  around: ConfigSurroundings,
): CheckedOwn {
  checkConfig({ config: value }, { config: OWN_RULES.config }, at, around);
  const problems = isFinal(own, value, at, around);
  const named = (fields: OwnNode['reads']) => (problems ? [] : fieldsOf(fields, value, at, around));
  const { effect, retry, version, expectedMs: expected_ms } = own;
  return {
    config: {
      config: value,
      version,
      expected_ms,
      ...(effect !== null && { effect }),
      ...(own.writes !== null && { writes: named(own.writes) }),
      ...(retry !== null && { retry: { attempts: retry.attempts, ...secondsOf(retry) } }),
    },
    reads: named(own.reads),
    output: own.writes !== null ? 'none' : effect === null ? 'required' : 'optional',
  };
}

function secondsOf({ intervalS, backoff }: NonNullable<OwnNode['retry']>) {
  return {
    ...(intervalS !== undefined && { interval_s: intervalS }),
    ...(backoff !== undefined && { backoff }),
  };
}

/**
 * Reports what does not fit. What an expression decides is known only when it has run, and is checked then.
 */
function isFinal(own: OwnNode, value: JsonObject, at: Path, { report, parse }: ConfigSurroundings): boolean {
  const checked = attempt(() => own.check(value));
  if (!checked.ok) {
    report.add({ code: 'wrong-shape', at: [...at, 'config'], message: checked.message });
    return true;
  }
  if (checked.value.ok) return false;
  const open = openPlaces(value, [], parse);
  const problems = checked.value.problems.filter(
    ({ path }) => !open.some((place) => startsWith(place, path)),
  );
  for (const { path, message } of problems)
    report.add({
      code: message === 'is not known here' ? 'unknown-key' : 'wrong-shape',
      at: [...at, 'config', ...path],
      message: `${own.type}: ${message}`,
      mend: 'the schema of the node type says what fits',
    });
  return problems.length > 0;
}

/** Where the texts stand that are evaluated. */
function openPlaces(
  value: Json,
  at: readonly (string | number)[],
  parse: ConfigSurroundings['parse'],
): readonly (readonly (string | number)[])[] {
  if (typeof value === 'string') return isOpen(value, parse) ? [at] : [];
  if (Array.isArray(value))
    return value.flatMap((member, index) => openPlaces(member, [...at, index], parse));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => openPlaces(member, [...at, key], parse));
}

function isOpen(text: string, parse: ConfigSurroundings['parse']): boolean {
  const parsed = attempt(() => parse(text)); // one that cannot be parsed is reported by its own check
  return !parsed.ok || expressionsOf(parsed.value).length > 0;
}

function fieldsOf(
  fields: OwnNode['reads'],
  value: JsonObject,
  at: Path,
  { report, parse }: ConfigSurroundings,
): readonly string[] {
  const named = attempt(() => fields(value));
  const place = [...at, 'config'];
  if (!named.ok || !Array.isArray(named.value) || !named.value.every((name) => typeof name === 'string')) {
    const message = named.ok ? 'its declaration names fields that are no texts' : named.message;
    report.add({ code: 'wrong-shape', at: place, message });
    return [];
  }
  for (const name of named.value) {
    checkFieldName(name, place, report);
    if (isOpen(name, parse))
      report.add({
        code: 'reserved-field',
        at: place,
        message: `${JSON.stringify(name)} names a field by an expression`,
        mend: 'write the name of the field out: what a node reads and writes is known before it runs',
      });
  }
  return named.value;
}

type Attempt<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

/** The project's code, and texts of the workflow, may be wrong: that is a finding. */
function attempt<Value>(work: () => Value): Attempt<Value> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
