/**
 * In which line of a definition's text each state begins, by its name. Found by reading the text as JSON from
 * the front, so that a name in a string or in a comment field is not taken for a state.
 */
export function stateLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const path: string[] = [];
  let key = '';
  let line = 1;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?=\s*(:)?)|[{}[\]\n]/g)) {
    if (token === '\n') line += 1;
    else if (token === '{' || token === '[') {
      if (path.at(-1) === 'States' && token === '{') lines.set(key, line);
      path.push(key);
      key = '';
    } else if (token === '}' || token === ']') path.pop();
    else key = JSON.parse(token);
  }
  return lines;
}
