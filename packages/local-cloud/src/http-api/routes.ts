import type { KeptResource } from '../cloudformation/kept-resources.ts';
import { decode } from '../gateway/request.ts';

/** A route of an API, and what its path says. */
export interface MatchedRoute {
  readonly route: KeptResource;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The route of a request: the one with most fixed parts; `$default` where none fits. */
export function matchRoute(
  routes: readonly KeptResource[],
  { method, path }: { readonly method: string; readonly path: string },
): MatchedRoute | undefined {
  const fitting = routes.flatMap((route) => {
    const routeKey = String(route.properties['RouteKey']);
    const [wanted = '', pattern = ''] = routeKey.split(' ');
    if (routeKey === '$default') return [{ route, routeKey, pathParameters: {}, rank: -1 }];
    const pathParameters = wanted === method || wanted === 'ANY' ? parametersOf(pattern, path) : undefined;
    const rank =
      pattern.split('/').filter((part) => !part.startsWith('{')).length + (wanted === 'ANY' ? 0 : 0.5);
    return pathParameters === undefined ? [] : [{ route, routeKey, pathParameters, rank }];
  });
  const [best] = fitting.sort((one, other) => other.rank - one.rank);
  return best;
}

function parametersOf(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  const greedy = /^\{(\w+)\+\}$/.exec(wanted.at(-1) ?? '')?.[1];
  if (greedy !== undefined) {
    const before = wanted.slice(0, -1).join('/');
    const rest = given.slice(wanted.length - 1).join('/');
    const found = rest === '' ? undefined : parametersOf(before, given.slice(0, wanted.length - 1).join('/'));
    return found && { ...found, [greedy]: decode(rest) };
  }
  if (wanted.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const [name, value = ''] = [/^\{(\w+)\}$/.exec(part)?.[1], given[index]];
    if (name === undefined ? part !== value : value === '') return undefined;
    if (name !== undefined) found[name] = decode(value);
  }
  return found;
}
