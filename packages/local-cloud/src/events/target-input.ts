import type { BusEvent } from './event-recorder.ts';
import type { Rule, Target } from './rule-store.ts';

/** What a target gets: the event, a part of it, a fixed text, or a template filled from it. */
export function inputOf(target: Target, event: BusEvent, rule: Pick<Rule, 'name'>): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) return JSON.stringify(pathValue(event, target.inputPath) ?? null);
  if (target.inputTransformer === undefined) return JSON.stringify(event);
  const { paths, template } = target.inputTransformer;
  const values = new Map<string, unknown>(
    Object.entries(paths).map(([name, path]) => [name, pathValue(event, path)]),
  );
  values
    .set('aws.events.rule-name', rule.name)
    .set('aws.events.event.json', event)
    .set('aws.events.event.ingestion-time', event.time);
  return fill(template, values);
}

/** A placeholder stands for a JSON value; inside quotes a text fills in without quotes of its own. */
function fill(template: string, values: ReadonlyMap<string, unknown>): string {
  const withTexts = template.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) =>
    quoted.replace(/<([\w.-]+)>/g, (whole, name: string) =>
      values.has(name) ? JSON.stringify(asText(values.get(name))).slice(1, -1) : whole,
    ),
  );
  return withTexts.replace(/<([\w.-]+)>(?=(?:[^"]*"[^"]*")*[^"]*$)/g, (whole, name: string) =>
    values.has(name) ? (JSON.stringify(values.get(name)) ?? '""') : whole,
  );
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function pathValue(event: unknown, path: string): unknown {
  const names = path
    .replace(/^\$\.?/, '')
    .split('.')
    .filter(Boolean);
  return names.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    event,
  );
}
