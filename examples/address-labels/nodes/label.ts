import { defineNode } from '@statebag/node';
import { postCode } from './post/post-code.ts';

type Address = {
  readonly name: string;
  readonly street: string;
  readonly code: string;
  readonly town: string;
};

/** A node without an effect: it computes, and may be run again wherever that is needed. */
export const label = defineNode({
  type: 'post.label',
  doc: 'Writes the label for a parcel.',
  config: {
    type: 'object',
    properties: {
      field: { type: 'string' },
      country: { enum: ['DE', 'NL'] },
    },
    required: ['field', 'country'],
    additionalProperties: false,
  } as const,
  reads: ({ field }) => [field],
  run: ({ config, state }) => {
    const addresses = state[config.field] as readonly Address[]; // the input node of the workflow has checked it
    return addresses.map(({ name, street, code, town }) =>
      [name, street, `${postCode(code, config.country)} ${town}`].join('\n'),
    );
  },
});
