import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { AWS_LIMITS } from '@statebag/contracts/limits';
import { isLambda, type Machine, resourceOf, type Site, typeOf } from './definition.ts';
import { bytesOf, memberPath, objectAt, stepsOf, textAt, valueAt, withValueAt } from './json.ts';
import { below, outermost, readAfter, type Steps } from './reads.ts';
import type { Mend } from './rule.ts';

const LIMIT = AWS_LIMITS.transitionBytes;

/** What is known of a state whose data is too large, or soon will be. */
export interface Overfull {
  readonly machine: Machine;
  readonly site: Site;
  /** Its input, where the history has it. */
  readonly input: Json | undefined;
  /** The result of its work, as the service gave it. */
  readonly result: Json | undefined;
  /** The reply itself was refused: nothing that is done with a result comes to it. */
  readonly isReplyRefused?: boolean;
}

/**
 * Ways to make a state's data smaller, the least change first. Each keeps the paths that later states
 * read.
 */
export function mendsOf(overfull: Overfull): readonly Mend[] {
  const { site } = overfull;
  if (overfull.isReplyRefused === true) return [...offloadMends(site), ...lessMends(overfull)];
  if (site.language === 'JSONata') return [...queryMends(overfull), ...offloadMends(site)];
  const place = placeOfResult(site);
  const reads = outermost(readAfter(overfull.machine, site));
  return [
    ...(place === undefined ? [] : resultMends(overfull, below(reads, place))),
    ...(place === undefined || place.length > 0 ? inputMends(overfull, reads) : []),
    ...mapMends(site),
    ...branchMends(overfull),
    ...offloadMends(site),
  ];
}

/** Where the result stands in the output; undefined: it is dropped, or there is none. */
function placeOfResult(site: Site): Steps | undefined {
  const { state } = site;
  if (state['ResultPath'] === null || !['Task', 'Map', 'Parallel', 'Pass'].includes(typeOf(site)))
    return undefined;
  return stepsOf(textAt(state, 'ResultPath') ?? '$');
}

const whole = (steps: Steps): boolean => steps.length === 0;

function resultMends({ site, input, result }: Overfull, reads: readonly Steps[]): readonly Mend[] {
  if (site.state['End'] === true) return [];
  if (reads.length === 0)
    return [
      {
        state: site.name,
        why: `no state after ${site.name} reads its result, so it need not travel (the output of the execution loses it)`,
        set: { ResultPath: null },
      },
    ];
  if (reads.some(whole) || !isSelectable(site)) return [];
  const kept = bytesKept(site, input, result, reads);
  if (kept !== undefined && kept >= LIMIT) return [];
  const read = reads.map((steps) => steps.reduce(memberPath, '$')).join(', ');
  const size =
    kept === undefined
      ? 'how large these are cannot be known'
      : `then about ${kept.toLocaleString('en-US')} bytes travel`;
  return [
    {
      state: site.name,
      why: `later states read of the result only ${read}; ${size}. Their paths stay as they are`,
      set: { ResultSelector: selector(site, reads) },
    },
  ];
}

/** What a Map or a Parallel gives is a list: no members to select. */
const isSelectable = (site: Site): boolean => typeOf(site) === 'Task';

/** A template that keeps the members in their places, through a ResultSelector that is there already. */
function selector({ state }: Site, reads: readonly Steps[]): JsonObject {
  const before = state['ResultSelector'];
  return reads.reduce<JsonObject>((made, steps) => {
    const [parents, last] = [steps.slice(0, -1), steps.at(-1) ?? ''];
    const path = steps.reduce(memberPath, '$');
    const known = isJsonObject(before) ? selected(before, steps) : path;
    const holder = objectAtSteps(made, parents);
    const put = withValueAt(made, parents, { ...holder, [`${last}.$`]: known });
    return isJsonObject(put) ? put : made;
  }, {});
}

/** The path into the raw result that a ResultSelector gives a member of the selected one. */
function selected(template: JsonObject, steps: Steps): string {
  const [first = '', ...onward] = steps;
  const path = textAt(template, `${first}.$`);
  return path === undefined ? steps.reduce(memberPath, '$') : onward.reduce(memberPath, path);
}

function objectAtSteps(value: JsonObject, steps: Steps): JsonObject {
  const found = valueAt(value, steps);
  return isJsonObject(found) ? found : {};
}

/** Input and kept members together; undefined where the history does not have them. */
function bytesKept(site: Site, input: Json | undefined, result: Json | undefined, reads: readonly Steps[]) {
  if (input === undefined || result === undefined) return undefined;
  const selectedResult = applySelector(site, result);
  if (selectedResult === undefined) return undefined;
  const place = placeOfResult(site) ?? [];
  const before = place.length === 0 ? 0 : bytesOf(input);
  return reads.reduce((sum, steps) => sum + bytesOf(valueAt(selectedResult, steps) ?? null) + 16, before);
}

/** The result after ResultSelector; undefined where its template does more than copy members. */
export function applySelector({ state }: Site, result: Json): Json | undefined {
  const template = state['ResultSelector'];
  return isJsonObject(template) ? filled(template, result) : result;
}

function filled(template: JsonObject, result: Json): JsonObject | undefined {
  const made: Record<string, Json> = {};
  for (const [name, value] of Object.entries(template)) {
    if (name.endsWith('.$')) {
      const steps = typeof value === 'string' ? stepsOf(value) : undefined;
      const found = steps && valueAt(result, steps);
      if (found === undefined) return undefined;
      made[name.slice(0, -2)] = found;
    } else if (isJsonObject(value)) {
      const inner = filled(value, result);
      if (inner === undefined) return undefined;
      made[name] = inner;
    } else made[name] = value;
  }
  return made;
}

/** What the state would hand on, where that can be worked out from copies of members alone. */
export function outputOf(site: Site, input: Json, result: Json): Json | undefined {
  if (site.language === 'JSONata') return 'Output' in site.state ? undefined : result;
  const { state } = site;
  if (state['ResultPath'] === null) return input;
  const base = stepsOf(textAt(state, 'InputPath') ?? '$');
  const effective = base && valueAt(input, base);
  const chosen = applySelector(site, result);
  const place = placeOfResult(site);
  if (effective === undefined || chosen === undefined || place === undefined) return undefined;
  return withValueAt(effective, place, chosen);
}

/** Members of the input that nobody reads any more, dropped by a state in front. */
function inputMends({ site, input }: Overfull, reads: readonly Steps[]): readonly Mend[] {
  if (!isJsonObject(input) || reads.some(whole)) return [];
  const own = ownReads(site);
  if (own.some(whole)) return [];
  const read = new Set([...reads, ...own].map(([member = '']) => member));
  const place = placeOfResult(site)?.[0];
  const idle = Object.keys(input).filter((name) => !read.has(name) && name !== place);
  const freed = idle.reduce((sum, name) => sum + bytesOf(input[name] ?? null), 0);
  if (freed < LIMIT / 10) return [];
  const kept = Object.keys(input).filter((name) => !idle.includes(name));
  return [
    {
      state: `Before${site.name}`,
      why: `no state from ${site.name} on reads ${idle.map((name) => memberPath('$', name)).join(', ')} (${freed.toLocaleString('en-US')} bytes): a new Pass state in front of it lets go of them; lead to it what leads to ${site.name} now`,
      set: {
        Type: 'Pass',
        Parameters: Object.fromEntries(kept.map((name) => [`${name}.$`, memberPath('$', name)])),
        Next: site.name,
      },
    },
  ];
}

/** What the state itself reads of its input: as if it came after a state that changes nothing. */
function ownReads(site: Site): readonly Steps[] {
  const before: Site = { ...site, name: '', state: { Type: 'Pass', Next: site.name } };
  return readAfter({ definition: {}, sites: new Map([[site.name, site]]) }, before);
}

function mapMends(site: Site): readonly Mend[] {
  if (typeOf(site) !== 'Map' || 'ResultWriter' in site.state) return [];
  const field = 'ItemProcessor' in site.state ? 'ItemProcessor' : 'Iterator';
  const program = objectAt(site.state, field);
  const ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
  const Parameters = { Bucket: 'my-results', Prefix: site.name.replaceAll(/\W+/g, '-') };
  return [
    {
      state: site.name,
      why: 'a distributed Map writes the results of its items to S3 and hands on only where they lie; its items have histories of their own',
      remove: field === 'Iterator' ? ['Iterator'] : [],
      set: {
        ItemProcessor: { ...program, ProcessorConfig },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters },
      },
    },
  ];
}

/** What the called function could leave out of its reply. */
function lessMends({ machine, site }: Overfull): readonly Mend[] {
  const place = site.language === 'JSONata' ? [] : placeOfResult(site);
  const reads = place === undefined ? [] : below(outermost(readAfter(machine, site)), place);
  if (reads.some(whole)) return [];
  const read = reads.map((steps) => steps.reduce(memberPath, '$')).join(', ');
  return [{ why: `let what it calls reply with less: later states read of it only ${read || 'nothing'}` }];
}

/** Branches that hand their whole input back: their own result is enough. */
function branchMends({ machine, site }: Overfull): readonly Mend[] {
  if (typeOf(site) !== 'Parallel') return [];
  return [...machine.sites.values()]
    .flatMap(({ name, within, state }) => {
      const place = textAt(state, 'ResultPath') ?? '$';
      if (within?.name !== site.name || state['End'] !== true || place === '$' || 'OutputPath' in state)
        return [];
      const why = `the branch of ${name} hands on only its own result; what later states read as $[…]${place.slice(1)} is then $[…]`;
      return [{ state: name, why, set: { OutputPath: place } }];
    })
    .map((mend, index) => (index === 0 ? mend : { ...mend, joined: true }));
}

/** @statebag/offload in the function of a task, with the lines of both sides. */
function offloadMends(site: Site): readonly Mend[] {
  if (!isLambda(site)) return [];
  const isInvoke = resourceOf(site).includes(':::lambda:invoke');
  const set = isInvoke ? withExecution(site) : undefined;
  const reserve = isInvoke ? 'event+invoke' : 'event';
  const place = set ? '' : `, prefix: ({ order_id }) => \`offload/\${order_id}/\``;
  return [
    {
      state: site.name,
      why: 'where later states need the data, @statebag/offload moves what is too large to S3 and leaves a pointer; functions that read it get it back',
      ...(set && { set }),
      lines: [
        "import { offload } from '@statebag/offload';",
        `export const handler = middy(work).use(offload({ bucket: 'my-payloads', reserve: '${reserve}'${place} }));`,
      ],
    },
  ];
}

const NAMED = `States.StringToJson(States.Format('\\{"execution_id":"{}"\\}', $$.Execution.Name))`;

/** The arguments of lambda:invoke with the name of the execution in the payload. */
function withExecution({ state, language }: Site): Readonly<Record<string, Json>> {
  const field = language === 'JSONata' ? 'Arguments' : 'Parameters';
  const { Payload, 'Payload.$': path, ...rest } = objectAt(state, field);
  if (language === 'JSONata') {
    const named = "{'execution_id': $states.context.Execution.Name}";
    const given = typeof Payload === 'string' ? Payload.replace(/^\{%\s*|\s*%\}$/g, '') : '$states.input';
    const merged = isJsonObject(Payload)
      ? { ...Payload, execution_id: '{% $states.context.Execution.Name %}' }
      : `{% $merge([${given}, ${named}]) %}`;
    return { [field]: { ...rest, Payload: merged } };
  }
  if (typeof path === 'string')
    return { [field]: { ...rest, 'Payload.$': `States.JsonMerge(${path}, ${NAMED}, false)` } };
  const payload = isJsonObject(Payload) ? Payload : {};
  return { [field]: { ...rest, Payload: { ...payload, 'execution_id.$': '$$.Execution.Name' } } };
}

function queryMends({ machine, site }: Overfull): readonly Mend[] {
  const { Output } = site.state;
  if (site.state['End'] === true || typeOf(site) === 'Pass') return [];
  const reads = outermost(readAfter(machine, site));
  if (Output === undefined && reads.length === 0)
    return [
      {
        state: site.name,
        why: `no state after ${site.name} reads its result, so it need not travel`,
        set: { Output: '{% $states.input %}' },
      },
    ];
  if (reads.length === 0 || reads.some(whole) || typeOf(site) !== 'Task') return mapMends(site);
  const named = reads.map((steps) => steps.join('.')).join(', ');
  const why = `later states read only ${named}. Their expressions stay as they are`;
  if (Output === undefined)
    return [{ state: site.name, why, set: { Output: copies(reads, '$states.result') } }];
  if (typeof Output !== 'string') return [];
  const before = Output.replace(/^\{%\s*|\s*%\}$/g, '');
  const members = [...new Set(reads.map(([member = '']) => member))];
  const kept = members.map((member) => `'${member}': $all.${member}`).join(', ');
  return [{ state: site.name, why, set: { Output: `{% ($all := ${before}; {${kept}}) %}` } }];
}

/** An object of expressions that copies members from a variable. */
const copies = (reads: readonly Steps[], from: string): Json =>
  reads.reduce<Json>((made, steps) => withValueAt(made, steps, `{% ${[from, ...steps].join('.')} %}`), {});
