import { isDistributed, type Machine, resourceOf, type Site, typeOf, waysFrom } from '../definition.ts';
import { textAt, textsIn } from '../json.ts';
import { readAfter } from '../reads.ts';
import type { Finding, StaticRule } from '../rule.ts';
import { CALL, each, ITEM, one, two } from './example-states.ts';

/** What a definition lets travel. */
export const DATA_RULES: readonly StaticRule[] = [
  {
    kind: 'static',
    code: 'D110',
    title: 'The envelope of a call travels on',
    level: 'note',
    why: 'lambda:invoke gives the reply in an envelope with status, headers and request id: about 1 KB that every later transition carries, and that counts against 256 KB.',
    mend: 'Select the reply: ResultSelector { "Payload.$": "$.Payload" } keeps the paths of later states.',
    failing: two({ ...CALL, TimeoutSeconds: 60, ResultPath: '$.work' }, { Type: 'Pass' }),
    passing: two(
      { ...CALL, TimeoutSeconds: 60, ResultSelector: { 'Payload.$': '$.Payload' }, ResultPath: '$.work' },
      { Type: 'Pass' },
    ),
    check: (machine) =>
      each(machine, (site) => {
        const { state, language } = site;
        const isInvoke = /:states:::lambda:invoke$/.test(resourceOf(site));
        const isCut =
          ['ResultSelector', 'Output'].some((field) => field in state) || state['ResultPath'] === null;
        if (!isInvoke || isCut || /Payload/.test(textAt(state, 'OutputPath') ?? '')) return undefined;
        const set =
          language === 'JSONata'
            ? { Output: { Payload: '{% $states.result.Payload %}' } }
            : { ResultSelector: { 'Payload.$': '$.Payload' } };
        const mend = { state: site.name, why: 'later paths stay as they are, the envelope goes', set };
        return {
          state: site.name,
          message: 'the envelope of lambda:invoke travels with the reply',
          mends: [mend],
        };
      }),
  },
  {
    kind: 'static',
    code: 'D111',
    title: 'A Map gathers the whole result of every item',
    level: 'warning',
    why: 'The output of a Map is the list of the results of its items. It grows with the list, and one long list is enough for the limit of 256 KB, after all the work was done and paid for.',
    mend: 'Let each item return little (a key, a status), drop the list with "ResultPath": null, or use a distributed Map with a ResultWriter.',
    failing: one({ Type: 'Map', ItemsPath: '$.items', ItemProcessor: ITEM }),
    passing: one({ Type: 'Map', ItemsPath: '$.items', ItemProcessor: ITEM, ResultPath: null }),
    check: (machine) => each(machine, (site) => gatheringMap(machine, site)),
  },
  {
    kind: 'static',
    code: 'D112',
    title: 'Every item of a Map carries everything',
    level: 'warning',
    why: 'An ItemSelector that passes `$` gives each item the whole input, list included: what travels grows with the square of the list.',
    mend: 'Pass only the members that an item needs.',
    failing: one({
      Type: 'Map',
      ItemsPath: '$.items',
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'all.$': '$' },
      ItemProcessor: ITEM,
      ResultPath: null,
    }),
    passing: one({
      Type: 'Map',
      ItemsPath: '$.items',
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'order.$': '$.order' },
      ItemProcessor: ITEM,
      ResultPath: null,
    }),
    check: (machine) =>
      each(machine, (site) => {
        if (typeOf(site) !== 'Map') return undefined;
        const selector = site.state['ItemSelector'] ?? site.state['Parameters'] ?? null;
        const carriesAll = textsIn(selector).some(
          (text) => text === '$' || /^\{%\s*\$states\.input\s*%\}$/.test(text),
        );
        return carriesAll
          ? { state: site.name, message: 'each item gets the whole input of the Map' }
          : undefined;
      }),
  },
  {
    kind: 'static',
    code: 'D113',
    title: 'Branches return what they were given',
    level: 'note',
    why: 'A Parallel hands on the list of the outputs of its branches. Where branches keep their input, it stands in the list once for each branch.',
    mend: 'Let each branch end with its own result (OutputPath of its last state), or select it with ResultSelector.',
    failing: one({
      Type: 'Parallel',
      Branches: [
        { StartAt: 'A', States: { A: { Type: 'Pass', Result: 1, ResultPath: '$.a', End: true } } },
        { StartAt: 'B', States: { B: { Type: 'Pass', Result: 2, ResultPath: '$.b', End: true } } },
      ],
    }),
    passing: one({
      Type: 'Parallel',
      Branches: [
        { StartAt: 'A', States: { A: { Type: 'Pass', Result: 1, End: true } } },
        { StartAt: 'B', States: { B: { Type: 'Pass', Result: 2, End: true } } },
      ],
    }),
    check: (machine) =>
      each(machine, (site) => {
        if (
          typeOf(site) !== 'Parallel' ||
          'ResultSelector' in site.state ||
          site.state['ResultPath'] === null
        )
          return undefined;
        const keeping = [...machine.sites.values()].filter(
          ({ within, state }) =>
            within?.name === site.name &&
            state['End'] === true &&
            typeof state['ResultPath'] === 'string' &&
            state['ResultPath'] !== '$' &&
            !('OutputPath' in state),
        );
        if (keeping.length < 2) return undefined;
        const named = keeping.map(({ name }) => name).join(', ');
        return { state: site.name, message: `its input comes back ${keeping.length} times, from ${named}` };
      }),
  },
];

function gatheringMap(machine: Machine, site: Site): Finding | undefined {
  const { state } = site;
  const isSmall =
    ['ResultWriter', 'ResultSelector', 'Output'].some((field) => field in state) ||
    state['ResultPath'] === null;
  if (typeOf(site) !== 'Map' || isSmall) return undefined;
  const isRead = readAfter(machine, site).length > 0 || state['End'] === true || waysFrom(site).length === 0;
  const mend = site.language === 'JSONata' ? { Output: '{% $states.input %}' } : { ResultPath: null };
  const why = 'no later state reads the list';
  return {
    state: site.name,
    message: `hands on the results of all its items${isDistributed(site) ? ', without a ResultWriter' : ''}`,
    ...(!isRead && { mends: [{ state: site.name, why, set: mend }] }),
  };
}
