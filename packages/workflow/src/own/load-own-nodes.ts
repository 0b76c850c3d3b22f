import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StatebagError } from '@statebag/contracts';
import { isNode, type Node } from '@statebag/node';
import { placeInCode } from './code-place.ts';
import { DEPLOYED_MODULES } from './deployed-nodes.ts';
import { NO_FOLDER, nodeModules } from './node-modules.ts';
import { noNodes, type OpenOwnNodes, type OwnNodes, ownNodes } from './own-nodes.ts';

/**
 * Every node type that the modules of a folder export, or that one module exports. This runs the project's
 * own code. @throws `Contract.Misconfigured` naming the module that cannot be used
 */
export async function loadOwnNodes(path: string): Promise<OwnNodes> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === undefined) throw new StatebagError('Contract.Misconfigured', `${path}: ${NO_FOLDER}`);
  const folder = realpathSync(isFolder ? path : dirname(path)); // as stacks name it
  const declared: Node[] = [];
  for (const file of isFolder ? nodeModules(folder) : [path]) declared.push(...(await nodesOf(file, folder)));
  return ownNodes(declared, folder);
}

/**
 * In the bundle of a function, which is CommonJS and has no address of its own, an import is a `require`,
 * which takes paths.
 */
function addressOf(file: string): string {
  const own: string | undefined = import.meta.url;
  return own === undefined ? file : pathToFileURL(file).href;
}

/** What a module exports under several names is one node. */
function nodesIn(module: object): readonly Node[] {
  return [...new Set(Object.values(module).filter(isNode))];
}

/**
 * The node types of a deployed function: those that packaging put into it, else those of the folder that its
 * setting names, which holds behind # the state of the folder. Loaded when first asked for.
 */
export function deployedNodes(setting: string | undefined): OpenOwnNodes {
  const deployed = DEPLOYED_MODULES.flatMap(nodesIn);
  if (deployed.length > 0) return async () => ownNodes(deployed);
  const [, folder] = /^(.*)#[0-9a-f]*$/.exec(setting ?? '') ?? [];
  if (folder === undefined) return noNodes;
  // a folder inside of the function's package is named from there
  const place = resolve(process.env['LAMBDA_TASK_ROOT'] ?? '', folder);
  let opened: Promise<OwnNodes> | undefined;
  return () => {
    opened ??= loadOwnNodes(place);
    return opened;
  };
}

async function nodesOf(file: string, folder: string): Promise<readonly Node[]> {
  try {
    return nodesIn(await import(addressOf(file)));
  } catch (error) {
    const place = placeInCode(error, folder) ?? join(basename(folder), basename(file));
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new StatebagError('Contract.Misconfigured', `${place}: ${message}`, { cause: error });
  }
}
