import { defineNode } from '@statebag/node';

const WORDS = { en: 'Hello', de: 'Guten Tag', fr: 'Bonjour' } as const;

/** A node type of this project: workflows use it as `app.greeting`. */
export const greeting = defineNode({
  type: 'app.greeting',
  doc: 'Greets people by their names.',
  config: {
    type: 'object',
    properties: { language: { enum: ['en', 'de', 'fr'] } },
    required: ['language'],
    additionalProperties: false,
  } as const,
  reads: ['people'],
  run: ({ config, state }) => {
    const people = state.people as readonly string[]; // the schema of the input node says so
    return people.map((name) => `${WORDS[config.language]}, ${name}!`);
  },
});
