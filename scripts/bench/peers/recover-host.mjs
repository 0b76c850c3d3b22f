// node recover-host.mjs <engine> begin|again <plan>: what is killed, and what is started after that.
import { readFileSync } from 'node:fs';
import { check } from './work.mjs';

const [, , name, part, plan] = process.argv;
const { PEER_MODULES: modules, PEER_DATA: data, PEER_OUTSIDE: outside } = process.env;
const workflows = JSON.parse(readFileSync(plan, 'utf8'));
const { open } = await import(`./${name}.mjs`);
const engine = await open({ modules, data, work: 'calls', outside });
if (part === 'begin') for (const [id, state] of workflows) void engine.run(id, state);
else await finish();

async function finish() {
  const again = engine.again ?? engine.run;
  const results = await Promise.all(workflows.map(([id, state]) => again(id, { ...state })));
  console.log('last result');
  for (const [at, result] of results.entries())
    check(workflows[at][1], typeof result === 'function' ? await result() : result);
  await engine.close();
  process.exit(0);
}
