import type { Json } from '@statebag/contracts';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Place } from './check-document.ts';
import type { Path } from './diagnostics.ts';
import { isTooDeep, refuseForbiddenKey, TOO_DEEP } from './readable-json.ts';

/** A text as JSON, with the places of its parts, or what makes it unreadable. */
export type ReadText =
  | { readonly ok: true; readonly value: Json; readonly locate: (path: Path) => Place | null }
  | { readonly ok: false; readonly problems: readonly (Place & { readonly message: string })[] };

const MOST_ALIASES = 100;

/** Reads JSON (a file that ends in `.json`) or YAML. Positions are only worked out when somebody asks. */
export function readText(text: string, file: string): ReadText {
  const read = file.endsWith('.json') ? readJson(text) : readYaml(text);
  if (!read.ok || !isTooDeep(read.value)) return read;
  return { ok: false, problems: [{ line: 1, column: 1, message: TOO_DEEP }] };
}

function readJson(text: string): ReadText {
  try {
    return { ok: true, value: JSON.parse(text, refuseForbiddenKey), locate: locator(text) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = placeAt(text, Number(/position (\d+)/.exec(message)?.[1] ?? text.length));
    return { ok: false, problems: [{ ...place, message: `this is not JSON: ${message.replace(/ in JSON at position.*| \(line.*/, '')}` }] };
  }
}

function readYaml(text: string): ReadText {
  try {
    return readYamlDocument(text);
  } catch (error) {
    return { ok: false, problems: [{ line: 1, column: 1, message: error instanceof Error ? error.message : String(error) }] }; // aliases or nesting without end
  }
}

function readYamlDocument(text: string): ReadText {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true });
  const [first] = document.errors; // the others mostly follow from it
  if (first)
    return { ok: false, problems: [{ ...placeOf(counter, first.pos[0]), message: `this is not YAML: ${first.message.replace(/ at line [\s\S]*/, '')}` }] };
  const value: Json = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: MOST_ALIASES }) ?? null), refuseForbiddenKey);
  return { ok: true, value, locate: locator(text) };
}

/** The place of the deepest part of a path that the text has. */
function locator(text: string): (path: Path) => Place | null {
  let parsed: { readonly counter: LineCounter; readonly document: ReturnType<typeof parseDocument> } | null = null;
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

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
