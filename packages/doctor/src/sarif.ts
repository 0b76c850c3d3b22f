import type { Diagnosed } from './diagnose.ts';
import { RULES } from './rules.ts';

const DOCUMENTS = 'https://github.com/statebag/statebag/blob/main/docs/doctor';

/** What SARIF needs of one definition. */
export interface SarifFile {
  readonly uri: string;
  readonly lines: ReadonlyMap<string, number>;
  readonly findings: readonly Diagnosed[];
}

/** The findings in the format of code scanning, SARIF 2.1.0. */
export function sarif(files: readonly SarifFile[]): object {
  const rules = RULES.map(({ code, title, why, mend, level }) => ({
    id: code,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: mend },
    helpUri: `${DOCUMENTS}/${code}.md`,
    defaultConfiguration: { level },
  }));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'statebag doctor', informationUri: `${DOCUMENTS}.md`, rules } },
        results: files.flatMap(({ uri, lines, findings }) =>
          findings.map((each) => resultOf(each, uri, lines)),
        ),
      },
    ],
  };
}

function resultOf({ code, level, state, message, mends }: Diagnosed, uri: string, lines: SarifFile['lines']) {
  const startLine = (state !== undefined && lines.get(state)) || 1;
  const [mend] = mends ?? [];
  return {
    ruleId: code,
    ruleIndex: RULES.findIndex((rule) => rule.code === code),
    level,
    message: {
      text: `${state === undefined ? '' : `${state}: `}${message}${mend ? `. Mend: ${mend.why}` : ''}`,
    },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri }, region: { startLine } },
        ...(state !== undefined && { logicalLocations: [{ name: state, kind: 'object' }] }),
      },
    ],
    partialFingerprints: { 'state/v1': `${code}:${state ?? ''}` },
  };
}
