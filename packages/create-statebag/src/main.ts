import { parseArgs } from 'node:util';
import { CreateError, create } from './create.ts';

const USAGE = `npm create statebag <folder> [-- --statebag <version, tarball or folder> --node <the same of @statebag/node>]

Makes a folder with a first workflow, its test and its settings.`;

/** `npm create statebag <folder>`. */
function main(): number {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        statebag: { type: 'string' },
        node: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const [folder, more] = positionals;
    if (values.help === true) return said(USAGE);
    if (folder === undefined || more !== undefined)
      throw new CreateError(`give one folder\n  mend: ${USAGE}`);
    const { statebag, node } = values;
    const name = create(folder, {
      ...(statebag !== undefined && { statebag }),
      ...(node !== undefined && { node }),
    });
    return said(
      `${name} is made. Go on with:\n\n  cd ${folder}\n  npm install\n  npm start\n  npm test\n\nREADME.md says how to deploy it.`,
    );
  } catch (error) {
    const isMistake = error instanceof CreateError || (error instanceof TypeError && 'code' in error);
    if (!isMistake) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

function said(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

process.exitCode = main();
