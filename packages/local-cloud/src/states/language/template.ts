import { compileExpression, type Evaluate } from './expression.ts';
import { isArray, isObject, type Json, setMember } from './json.ts';

/** Compiles a payload template. A part without expressions is handed out as it is, so it costs nothing at run time. */
export function compileTemplate(template: Json): Evaluate {
  return compilePart(template) ?? (() => template);
}

/** Undefined: the part holds no expression. */
function compilePart(part: Json): Evaluate | undefined {
  if (isArray(part)) return compileList(part);
  return isObject(part) ? compileObject(Object.entries(part)) : undefined;
}

function compileList(list: readonly Json[]): Evaluate | undefined {
  const parts = list.map(compilePart);
  if (parts.every((part) => part === undefined)) return undefined;
  return (scope) =>
    list.map((item, index) => {
      const evaluate = parts[index];
      return evaluate ? evaluate(scope) : item;
    });
}

function compileObject(entries: readonly (readonly [string, Json])[]): Evaluate | undefined {
  let constant = true;
  const members = entries.map(([key, value]) => {
    const expression = key.endsWith('.$');
    const evaluate = expression ? compileMember(key, value) : compilePart(value);
    constant &&= evaluate === undefined;
    return { key: expression ? key.slice(0, -2) : key, evaluate, value };
  });
  if (constant) return undefined;
  return (scope) => {
    const object: Record<string, Json> = {};
    for (const { key, evaluate, value } of members) setMember(object, key, evaluate ? evaluate(scope) : value);
    return object;
  };
}

function compileMember(key: string, value: Json): Evaluate {
  if (typeof value !== 'string') throw new SyntaxError(`the value of '${key}' has to be a path or an intrinsic function`);
  return compileExpression(value, key);
}
