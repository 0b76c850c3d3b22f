import { test } from 'node:test';
import { called, mustHold, runWorkflow, stayedUnder, succeeded, tookPath } from '@statebag/testing';

const WORKFLOW = new URL('workflow.json', import.meta.url);
const contract = {
  supplier: 'Halden Print GmbH',
  clauses: ['Delivery in ten days.', 'Liable without limit.'],
};

/** The model finds the clause risky that has no limit. */
const readClause = ({ asked }) =>
  asked.prompt.includes('without limit') ? { risk: 5, why: 'no limit' } : { risk: 1, why: 'usual' };

test('a risky contract is sent back where a person rejects it', async () => {
  const run = await runWorkflow(WORKFLOW, {
    input: { contract },
    answers: { 'read-clause': readClause, 'send-back': 'Please limit the liability.' },
    approve: { ask: 'reject' },
  });
  mustHold(succeeded(run));
  mustHold(tookPath(run, ['read', 'ask', 'send-back', 'mark-sent-back']));
  mustHold(called(run, 'read-clause', { times: 2 }));
  mustHold(stayedUnder(run, 16_000));
});

test('a harmless contract is signed, and nobody is asked', async () => {
  const run = await runWorkflow(WORKFLOW, {
    input: { contract },
    answers: { 'read-clause': { risk: 2, why: 'usual' } },
  });
  mustHold(tookPath(run, ['risky', 'accept']));
});
