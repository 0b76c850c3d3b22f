import type { Json } from '@statebag/contracts';
import { FORBIDDEN_KEYS } from '@statebag/contracts/control-fields';
import {
  isAlias,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import type { DiagnosticCode, Path, Place } from './diagnostics.ts';
import {
  isTooDeep,
  notAllowed,
  notFinite,
  notWellFormed,
  TOO_DEEP,
  tooLargeNumber,
} from './readable-json.ts';
import { scanJson, type TextProblem } from './scan-json.ts';

/** A text as JSON, with the places of its parts, or what makes it unreadable. */
export type ReadText =
  | { readonly ok: true; readonly value: Json; readonly locate: (path: Path) => Place | null }
  | { readonly ok: false; readonly problems: readonly PlacedProblem[] };

/** What is wrong with a text, and where. */
export interface PlacedProblem extends Place {
  readonly code: DiagnosticCode;
  readonly at: Path;
  readonly message: string;
  readonly mend?: string;
}

const MOST_ALIASES = 100;

/** Some editors put it before a text; it is no part of it. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/** Reads JSON (a file that ends in `.json`) or YAML. Positions are only worked out when somebody asks. */
export function readText(from: string, file: string): ReadText {
  const text = from.replace(BYTE_ORDER_MARK, '');
  return file.endsWith('.json') ? readJson(text) : readYaml(text);
}

/** Reads JSON strictly: what `JSON.parse` would change or lose in silence is a problem. */
function readJson(text: string): ReadText {
  const problems = scanJson(text);
  if (problems.length > 0) return { ok: false, problems: problems.map((problem) => placed(text, problem)) };
  return { ok: true, value: JSON.parse(text), locate: locator(text) };
}

function readYaml(text: string): ReadText {
  try {
    return readYamlDocument(text);
  } catch (error) {
    // aliases or nesting without end
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [{ code: 'unreadable', at: [], line: 1, column: 1, message }] };
  }
}

function readYamlDocument(text: string): ReadText {
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'error' });
  const [first] = document.errors; // the others mostly follow from it
  if (first) {
    const message = `this is not YAML: ${first.message.replace(/ at line [\s\S]*/, '')}`;
    return {
      ok: false,
      problems: [placed(text, { code: 'unreadable', at: [], offset: first.pos[0], message })],
    };
  }
  const found: unknown = document.toJS({ maxAliasCount: MOST_ALIASES }) ?? null;
  if (isTooDeep(found))
    return { ok: false, problems: [{ code: 'unreadable', at: [], line: 1, column: 1, message: TOO_DEEP }] };
  const problems = yamlProblems(document);
  if (problems.length > 0) return { ok: false, problems: problems.map((problem) => placed(text, problem)) };
  return { ok: true, value: JSON.parse(JSON.stringify(found)), locate: locator(text) };
}

const CORE = 'tag:yaml.org,2002:';
const JSON_TAGS: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `${CORE}${name}`),
);

/** What YAML can say and JSON cannot, or that would be changed or lost in silence. */
function yamlProblems(document: ReturnType<typeof parseDocument>): readonly TextProblem[] {
  const problems: TextProblem[] = [];
  visit(document, {
    Scalar: (_key, scalar, ancestors) => {
      const problem = scalarProblem(scalar);
      if (problem) problems.push({ ...problem, at: pathTo(scalar, ancestors), offset: offsetOf(scalar) });
    },
    Map: (_key, map, ancestors) => {
      problems.push(...keyProblems(map.items, pathTo(map, ancestors)));
    },
  });
  visit(document, {
    Node: (_key, part, ancestors) => {
      const { tag, range } = part;
      if (tag === undefined || JSON_TAGS.has(tag)) return;
      const message = `a value of the tag ${tag.replace(CORE, '!!')} has no form in JSON`;
      problems.push({ code: 'not-json', at: pathTo(part, ancestors), offset: range?.[0] ?? 0, message });
    },
  });
  return problems;
}

/** The keys and indices that lead to a part of a document. */
function pathTo(part: unknown, ancestors: readonly unknown[]): Path {
  const parts = [...ancestors, part];
  return ancestors.flatMap((ancestor, index): Path => {
    if (isPair(ancestor)) return [isScalar(ancestor.key) ? String(ancestor.key.value) : ''];
    return isSeq(ancestor) ? [ancestor.items.indexOf(parts[index + 1])] : [];
  });
}

function scalarProblem({
  value,
  source = String(value),
}: Scalar): Omit<TextProblem, 'offset' | 'at'> | undefined {
  if (typeof value === 'string' && !value.isWellFormed())
    return { code: 'not-json', message: notWellFormed() };
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  if (!Number.isFinite(Number(value)) && !/^[-+\d.eE_]+$/.test(source))
    return { code: 'bad-number', message: notFinite(source), mend: 'leave it out, or write null or a text' };
  const message = tooLargeNumber(/^[-+]?0[xo]/.test(source) ? String(value) : source);
  return message === undefined ? undefined : { code: 'bad-number', message };
}

/** Keys that stand twice, and those that no document may have. */
function keyProblems(pairs: readonly Pair[], above: Path): readonly TextProblem[] {
  const seen = new Set<string>();
  return pairs.flatMap(({ key }): readonly TextProblem[] => {
    if (!isScalar(key)) return isNode(key) && !isAlias(key) ? [compoundKey(key, above)] : [];
    const name = String(key.value);
    const isRepeated = seen.has(name);
    seen.add(name);
    const offset = offsetOf(key);
    const at = [...above, name];
    if (FORBIDDEN_KEYS.has(name)) return [{ code: 'unreadable', at, offset, message: notAllowed(name) }];
    const message = `the key ${JSON.stringify(name)} stands here a second time`;
    return isRepeated ? [{ code: 'duplicate-key', at, offset, message }] : [];
  });
}

function compoundKey(key: Node, above: Path): TextProblem {
  const message = 'a key is a text; a list or an object stands here';
  return { code: 'not-json', at: above, offset: offsetOf(key), message };
}

function offsetOf({ range }: Node): number {
  return range?.[0] ?? 0;
}

/** The place of the deepest part of a path that the text has. */
function locator(text: string): (path: Path) => Place | null {
  let parsed: { readonly counter: LineCounter; readonly document: ReturnType<typeof parseDocument> } | null =
    null;
  return (path) => {
    if (!parsed) {
      const counter = new LineCounter();
      parsed = { counter, document: parseDocument(text, { lineCounter: counter }) };
    }
    for (let length = path.length; length >= 0; length -= 1) {
      const node = parsed.document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return placeOf(parsed.counter, node.range[0]);
    }
    return null;
  };
}

function placeOf(counter: LineCounter, offset: number): Place {
  const { line, col } = counter.linePos(offset);
  return { line, column: col };
}

function placed(text: string, { offset, ...problem }: TextProblem): PlacedProblem {
  return { ...problem, ...placeAt(text, offset) };
}

/** Line and column, from 1, of a place that is counted in UTF-16 units from 0. */
export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
