import { isStatebagError, StatebagError } from '@statebag/contracts';
import { createExpressionClock, type ExpressionClock } from './expression-clock.ts';
import { type ParsedExpression, parseExpression } from './parse-expression.ts';

/**
 * What a text of a document is: plain, one expression (evaluated to JSON), or a template (evaluated to text).
 */
export type ParsedText =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'expression'; readonly expression: ParsedExpression }
  | { readonly kind: 'template'; readonly parts: readonly (string | ParsedExpression)[] };

const WHOLE = /^\s*\{%([\s\S]*)%\}\s*$/;

/** @throws `Expression.Failed` */
export function parseText(text: string, clock = createExpressionClock()): ParsedText {
  const whole = WHOLE.exec(text);
  if (whole?.[1] !== undefined)
    return {
      kind: 'expression',
      expression: parseExpression(whole[1].trim(), clock, {
        offset: offsetOf(whole[1], text.indexOf('{%') + 2),
        form: 'whole',
      }),
    };
  if (!text.includes('{{')) return { kind: 'plain', text };
  return { kind: 'template', parts: parseParts(text, clock) };
}

/** The expressions of a parsed text. */
export function expressionsOf(parsed: ParsedText): readonly ParsedExpression[] {
  if (parsed.kind === 'plain') return [];
  return parsed.kind === 'expression'
    ? [parsed.expression]
    : parsed.parts.filter((part) => typeof part !== 'string');
}

function parseParts(text: string, clock: ExpressionClock): (string | ParsedExpression)[] {
  const parts: (string | ParsedExpression)[] = [];
  let from = 0;
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', from)) {
    const { expression, end } = parseInterpolation(text, open, clock);
    if (open > from) parts.push(text.slice(from, open));
    parts.push(expression);
    from = end;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** Where an expression begins behind its bracket. */
function offsetOf(inside: string, from: number): number {
  return from + inside.length - inside.trimStart().length;
}

/** The shortest `}}` that leaves a complete expression, so that objects may stand inside. */
function parseInterpolation(
  text: string,
  open: number,
  clock: ExpressionClock,
): { expression: ParsedExpression; end: number } {
  let failure = neverClosed(text, open);
  let tries = 0;
  for (let close = text.indexOf('}}', open); close >= 0 && tries < 8; close = text.indexOf('}}', close + 1)) {
    const inside = text.slice(open + 2, close);
    const stands = { offset: offsetOf(inside, open + 2), form: 'within' } as const;
    try {
      return { expression: parseExpression(inside.trim(), clock, stands), end: close + 2 };
    } catch (error) {
      if (!isStatebagError(error)) throw error;
      // a later "}}" may complete it; if none does, the first complaint is the one about what was meant
      if (tries === 0 && !inside.includes('{{')) failure = error;
      tries += 1;
    }
  }
  throw failure;
}

/** Said also where the next "}}" belongs to the next "{{". */
function neverClosed(text: string, open: number): StatebagError {
  const [line = ''] = text.slice(open).split('\n');
  return new StatebagError(
    'Expression.Failed',
    `${JSON.stringify(line.slice(0, 40))}: "{{" is never closed by "}}"`,
    { details: { position: open, offset: open, mend: 'close it with "}}" behind the expression' } },
  );
}
