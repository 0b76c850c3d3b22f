import { isSecretName } from '@statebag/contracts/secret-name';
import { everyNode, type SyntaxNode } from './syntax-tree.ts';

/** No expression can write a variable with a colon, so nothing else sets these. */
export const SECRET_VARIABLE = 'secret:';

/**
 * Makes every `$secret('name')` of a syntax tree a variable of its own. What the variable holds is the
 * reference or the value, as whoever evaluates it decides. Gives what is wrong with a use of `$secret`.
 */
export function nameSecrets(
  tree: SyntaxNode,
): { readonly problem: string; readonly position: number } | null {
  for (const node of [...everyNode(tree)]) {
    if (node.type !== 'function' || node.procedure?.value !== 'secret') continue;
    const [name, ...others] = node.arguments ?? [];
    if (name?.type === 'string' && others.length === 0 && isSecretName(String(name.value)))
      Object.assign(node, {
        type: 'variable',
        value: SECRET_VARIABLE + String(name.value),
        procedure: undefined,
        arguments: undefined,
      });
  }
  for (const node of everyNode(tree))
    if (node.type === 'variable' && node.value === 'secret')
      return { problem: MISUSE, position: node.position ?? 0 };
  return null;
}

const MISUSE =
  "$secret takes one name between quotes, as in $secret('shop-key'): letters, digits, _ and -, at most 64, a letter first; secrets-manager/ before it says that it lies there";
