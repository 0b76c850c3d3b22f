import type { WrittenText } from '../document/check-text.ts';
import type { Path, Report } from '../document/diagnostics.ts';
import type { Workflow } from '../document/workflow.ts';
import {
  fieldsUsedAsNumbers,
  hyphenated,
  KEYWORDS,
  makesNoText,
  needsBackticks,
  piecesOf,
  readsFields,
  takenAsText,
  unquotedAt,
} from '../expressions/expression-remarks.ts';
import { nearestName } from '../expressions/nearest-name.ts';
import { expressionsOf } from '../expressions/parse-text.ts';
import { localName } from '../nodes/field-scope.ts';
import { type CompiledNode, type Flow, writesOf } from '../nodes/flow.ts';
import { branchesOf, nestedFlows } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';

interface Surroundings {
  readonly report: Report;
  readonly places: ReadonlyMap<string, Path>;
  /** Every text of the document that is evaluated. */
  readonly texts: readonly WrittenText[];
}

/**
 * What only the compiled flow shows: fields nobody writes, branches that write the same, pauses where none
 * can be.
 */
export function analyseFlow(flow: Flow, workflow: Workflow, around: Surroundings): void {
  const known = new Set([
    ...Object.keys(workflow.initial_state),
    ...declaredInput(workflow),
    ...everyWrite(flow),
  ]);
  const names = new Set([...known].map(localName));
  const unquoted = remarkOnNames(names, around);
  remarkOnFields(names, around);
  remarkOnTexts(around);
  for (const node of everyNodeOf(flow)) {
    const at = around.places.get(node.id) ?? [];
    checkReads(node, [known, piecesBelow(at, unquoted)], { at, report: around.report });
    checkBranches(node, { at, report: around.report });
  }
  checkOutput(workflow, known, around);
  checkPauses(flow, null, around);
}

type Here = { readonly at: Path; readonly report: Report };

function* everyNodeOf(flow: Flow): Generator<CompiledNode> {
  for (const node of Object.values(flow.nodes)) {
    yield node;
    for (const inner of nestedFlows(node)) yield* everyNodeOf(inner);
  }
}

function everyWrite(flow: Flow): readonly string[] {
  return [...everyNodeOf(flow)].flatMap(({ writes }) => writes);
}

/** What nodes at the start declare, and properties of `state.schema`. */
function declaredInput({ nodes, fields }: Workflow): readonly string[] {
  const starts = nodes
    .filter(({ use }) => use === undefined)
    .map((node) => ({ ...definitionOf(node), node }))
    .filter(({ marks }) => marks === 'start');
  return [...starts.flatMap((start) => start.fields(start.node.config)), ...fields];
}

/** A node with a body reads what its inner nodes read: the innermost one is told. */
function checkReads(
  node: CompiledNode,
  [known, reported]: readonly [ReadonlySet<string>, readonly string[]],
  { at, report }: Here,
): void {
  if (nestedFlows(node).length > 0) return;
  if (node.reads === null)
    report.add({
      code: 'reads-everything',
      at,
      message: `node ${JSON.stringify(node.id)} uses the state as a whole, so all of it is loaded`,
    });
  for (const field of node.reads ?? []) {
    if (!known.has(field) && !reported.includes(localName(field)))
      report.add({
        code: 'unwritten-read',
        at,
        message: `node ${JSON.stringify(node.id)} reads ${JSON.stringify(localName(field))}, which nothing writes`,
      });
  }
}

/** A field of the output that nothing writes is missing in every output. */
function checkOutput(
  { nodes }: Workflow,
  known: ReadonlySet<string>,
  { report, places }: Surroundings,
): void {
  for (const node of nodes) {
    const { marks, fields } = definitionOf(node);
    if (marks !== 'end' || node.use !== undefined) continue;
    for (const [index, field] of fields(node.config).entries()) {
      if (known.has(field)) continue;
      const nearest = nearestName(field, known);
      report.add({
        code: 'unwritten-output',
        at: [...(places.get(node.id) ?? []), 'config', 'fields', index],
        message: `nothing writes ${JSON.stringify(field)}, so it is missing in the output`,
        ...(nearest !== undefined && { mend: `did you mean ${JSON.stringify(nearest)}?` }),
      });
    }
  }
}

/** Names without their backticks at one place, as the pieces they fall into. */
type Unquoted = { readonly at: Path; readonly pieces: readonly string[] };

/**
 * Remarks on `user-name`, which is `user` minus `name`, where a field of that name is known or the pieces are
 * not. Gives the pieces, so that they are not reported as fields that nothing writes.
 */
function remarkOnNames(known: ReadonlySet<string>, { texts, report }: Surroundings): readonly Unquoted[] {
  const unusual = [...known].filter(needsBackticks);
  return texts.flatMap(({ at, parsed, placeOf }) =>
    expressionsOf(parsed).flatMap(({ source, stands, reads }): readonly Unquoted[] => {
      const names = new Set([
        ...unusual.filter((field) => unquotedAt(source, field) >= 0),
        ...hyphenated(source),
      ]);
      return [...names].flatMap((name) => {
        const pieces = piecesOf(name);
        const isMeant = pieces.some((piece) => !known.has(piece) && (reads === 'all' || reads.has(piece)));
        if (!isMeant && !KEYWORDS.has(name)) return [];
        report.add({
          code: 'unquoted-name',
          at,
          message: `${JSON.stringify(name)} is not read as one name here`,
          mend: `write it in backticks: \`${name}\``,
          ...placeOf(stands.offset + source.indexOf(name)),
        });
        return [{ at, pieces }];
      });
    }),
  );
}

function piecesBelow(node: Path, unquoted: readonly Unquoted[]): readonly string[] {
  const isBelow = (at: Path) => node.every((step, index) => at[index] === step);
  return unquoted.filter(({ at }) => isBelow(at)).flatMap(({ pieces }) => pieces);
}

/** Remarks on `"{{ a + 1 }}"` where the value is kept: the text "2" is stored, not the number. */
function remarkOnTexts({ texts, report }: Surroundings): void {
  const alone = texts.flatMap((text) => {
    const [only, ...others] = text.isValue && text.parsed.kind === 'template' ? text.parsed.parts : [];
    return only === undefined || typeof only === 'string' || others.length > 0 ? [] : [{ ...text, only }];
  });
  if (alone.length === 0) return;
  const numbers = new Set(texts.flatMap(({ parsed }) => expressionsOf(parsed).flatMap(fieldsUsedAsNumbers)));
  for (const { at, only, writes, placeOf } of alone) {
    if (makesNoText(only.tree) || (writes !== undefined && numbers.has(writes)))
      report.add({
        code: 'text-for-value',
        at,
        message: `"{{ ${only.source} }}" makes a text, also of a number`,
        mend: `write "{% ${only.source} %}" for the value itself`,
        ...placeOf(0),
      });
  }
}

/** Remarks on `"price * count"` where the value is kept: it is a text as it stands. */
function remarkOnFields(fields: ReadonlySet<string>, { texts, report }: Surroundings): void {
  for (const { at, parsed, isValue, placeOf } of texts) {
    if (isValue && parsed.kind === 'plain' && readsFields(parsed.text, fields))
      report.add({ code: 'plain-expression', at, message: takenAsText(parsed.text), ...placeOf(0) });
  }
}

function checkBranches(node: CompiledNode, { at, report }: Here): void {
  const writers = new Map<string, string>();
  for (const { id, flow } of branchesOf(node)) {
    for (const field of writesOf(flow)) {
      const other = writers.get(field);
      if (other !== undefined && !Object.hasOwn(node.reducers, field))
        report.add({
          code: 'write-conflict',
          at,
          message: `the branches ${JSON.stringify(other)} and ${JSON.stringify(id)} both write ${JSON.stringify(localName(field))}`,
        });
      writers.set(field, id);
    }
  }
}

/** An item runs inside of one invocation, which cannot wait; told once, whatever lists are around. */
function checkPauses(flow: Flow, list: CompiledNode | null, around: Surroundings): void {
  for (const node of Object.values(flow.nodes)) {
    const { pauses, eachItem } = definitionOf(node);
    if (list && pauses)
      around.report.add({
        code: 'pause-in-body',
        at: around.places.get(node.id) ?? [],
        message: `node ${JSON.stringify(node.id)} pauses inside of the list ${JSON.stringify(list.id)}, whose items run without a break`,
      });
    for (const inner of nestedFlows(node)) checkPauses(inner, eachItem ? node : list, around);
  }
}
