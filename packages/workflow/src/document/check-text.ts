import { isStatebagError } from '@statebag/contracts';
import type { ParseText } from '../expressions/create-evaluator.ts';
import { readsAsExpression, takenAsText, unknownNames } from '../expressions/expression-remarks.ts';
import { mendOfFunction } from '../expressions/known-names.ts';
import type { ParsedExpression } from '../expressions/parse-expression.ts';
import { expressionsOf, type ParsedText } from '../expressions/parse-text.ts';
import type { ConfigRule } from '../nodes/config-rules.ts';
import { kindOfKey } from '../secrets/looks-like-key.ts';
import { secretsOfText } from '../secrets/secret-references.ts';
import type { Finding, Path, Report } from './diagnostics.ts';
import { placeAt } from './read-text.ts';

/** A text that is evaluated, as it stands in the document or in a file that the document names. */
export interface WrittenText {
  readonly at: Path;
  readonly parsed: ParsedText;
  /** Whether what it comes to is kept as a value, not as a text. */
  readonly isValue: boolean;
  /** The field that takes what it comes to, where that is one. */
  readonly writes?: string;
  /** The place of a part of it, where it stands in a file of its own. */
  readonly placeOf: (offset: number) => Pick<Finding, 'beside'>;
}

/** What checking a text needs from around it. */
export interface TextChecking {
  readonly report: Report;
  readonly at: Path;
  readonly rule: ConfigRule;
  readonly parse: ParseText;
  /** Takes every text that is evaluated, for what only the whole document shows. */
  readonly texts: WrittenText[];
  /** The field that takes the result of the node. */
  readonly outputKey?: string;
  /** The file of which the text was read, where it is not the document's own. */
  readonly beside?: string;
}

/**
 * Parses a text, so that a bad expression is found before anything runs, and remarks on what reads like
 * one.
 */
export function checkText(text: string, checking: TextChecking): void {
  const parsed = parsedText(text, checking);
  if (!parsed) return;
  refuseSecrets(parsed, checking);
  remarkOnKeys(text, checking);
  const { texts, at, rule } = checking;
  const { kind } = rule;
  const isValue = (kind === 'value' || kind === 'values') && rule.asText !== true;
  texts.push({
    at,
    parsed,
    isValue,
    ...fieldWritten(checking),
    placeOf: (offset) => besideAt(text, offset, checking),
  });
  const isHalf = text.includes('{%') || text.trimEnd().endsWith('%}');
  if (parsed.kind !== 'expression' && isHalf)
    checking.report.add({
      code: 'bad-expression',
      at,
      message: '"{% … %}" must be the whole text',
      mend: 'inside of a text use {{ … }}',
      ...besideAt(text, Math.max(0, text.indexOf('{%')), checking),
    });
  else if (parsed.kind === 'plain' && readsAsExpression(text))
    checking.report.add({
      code: 'plain-expression',
      at,
      message: takenAsText(text),
      ...besideAt(text, 0, checking),
    });
  for (const expression of expressionsOf(parsed)) checkNamesIn(expression, text, checking);
}

function refuseSecrets(parsed: ParsedText, { report, at, rule }: TextChecking): void {
  const [name] = secretsOfText(parsed);
  if (name === undefined || rule.secrets) return;
  const message = `$secret(${JSON.stringify(name)}) cannot stand here: what comes of it would be seen`;
  report.add({ code: 'misplaced-secret', at, message });
}

/** Remarks on a text that looks like a key: it lies in the definition, readable for whoever reads that. */
function remarkOnKeys(text: string, { report, at }: Pick<TextChecking, 'report' | 'at'>): void {
  const kind = kindOfKey(text);
  if (kind !== null) report.add({ code: 'looks-like-key', at, message: `this looks like ${kind}` });
}

/** `set.<field>` of an operator, or the whole value of a node with an `output_key`. */
function fieldWritten({ at, rule, outputKey }: TextChecking): Pick<WrittenText, 'writes'> {
  const [above, last] = at.slice(-2);
  if (rule.kind === 'values' && above === 'set' && typeof last === 'string') return { writes: last };
  return above === 'config' && outputKey !== undefined ? { writes: outputKey } : {};
}

function parsedText(text: string, checking: TextChecking): ParsedText | undefined {
  try {
    return checking.parse(text);
  } catch (error) {
    if (!isStatebagError(error)) throw error;
    const { mend, offset } = error.details;
    checking.report.add({
      code: 'bad-expression',
      at: checking.at,
      message: error.message,
      ...(typeof mend === 'string' && { mend }),
      ...besideAt(text, Number(offset ?? 0), checking),
    });
    return undefined;
  }
}

/** The place in the file of which the text was read; nothing where the document holds the text itself. */
function besideAt(text: string, offset: number, { beside }: TextChecking): Pick<Finding, 'beside'> {
  return beside === undefined ? {} : { beside: { path: beside, ...placeAt(text, offset) } };
}

function checkNamesIn(expression: ParsedExpression, text: string, checking: TextChecking): void {
  for (const { name, isCalled, position } of unknownNames(expression)) {
    const place = besideAt(
      text,
      expression.stands.offset + Math.max(position - name.length - 1, 0),
      checking,
    );
    checking.report.add(
      isCalled
        ? {
            code: 'unknown-function',
            at: checking.at,
            message: `there is no function $${name}`,
            mend: mendOfFunction(name),
            ...place,
          }
        : {
            code: 'unknown-variable',
            at: checking.at,
            message: `nothing sets the variable $${name}`,
            ...place,
          },
    );
  }
}

/** Remarks on brackets in a place that nothing evaluates. */
export function refuseBrackets(text: string, { at, report }: Pick<TextChecking, 'at' | 'report'>): void {
  if (!/\{%[\s\S]*%\}|\{\{[\s\S]*\}\}/.test(text)) return;
  report.add({
    code: 'plain-expression',
    at,
    message: 'this text is taken as it is: nothing is evaluated here',
    mend: 'write the value itself, or compute it in an `operator` or `data_transform` node',
  });
}
