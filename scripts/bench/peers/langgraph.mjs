// In this process, a checkpoint in SQLite before each node goes on.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { STEPS, step } from './work.mjs';

export async function open({ modules, data }) {
  const require = createRequire(join(modules, 'package.json'));
  const { Annotation, END, START, StateGraph } = require('@langchain/langgraph');
  const { SqliteSaver } = require('@langchain/langgraph-checkpoint-sqlite');
  const fields = Object.fromEntries(
    Array.from({ length: 2 * STEPS }, (_, index) => [`f${index}`, Annotation()]),
  );
  const graph = new StateGraph(Annotation.Root(fields));
  for (let index = 0; index < STEPS; index++) {
    graph.addNode(`s${index}`, async (state) => ({ [`f${index + 10}`]: await step(state[`f${index}`]) }));
    graph.addEdge(index === 0 ? START : `s${index - 1}`, `s${index}`);
  }
  graph.addEdge(`s${STEPS - 1}`, END);
  const app = graph.compile({ checkpointer: SqliteSaver.fromConnString(join(data, 'checkpoints.sqlite')) });
  const invoke = (id, state) => app.invoke(state, { configurable: { thread_id: id }, durability: 'sync' });
  return {
    run: invoke,
    again: (id) => invoke(id, null),
    close: async () => {},
  };
}
