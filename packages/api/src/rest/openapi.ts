import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { z } from 'zod';

/** Leaves out what zod says for its own sake and readers of the document would trip over. */
const zodToJsonConfig = {
  override({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) {
    // Of TypeScript's `readonly`; here it would mean that a request must not carry the field.
    delete jsonSchema.readOnly;
    if (jsonSchema.format) delete jsonSchema.pattern;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  },
};

const nameSchemas = createJsonSchemaTransformObject({ zodToJsonConfig });

/** The OpenAPI document follows from the routes and their schemas; this is what they cannot know. */
export function openapiOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Anima',
        version,
        description: 'Long-term memory for AI agents.',
        license: { name: 'Apache-2.0' },
      },
      tags: [
        { name: 'memories', description: 'Add, recall, bootstrap, cite' },
        { name: 'associations', description: 'What was recalled together' },
        { name: 'spaces', description: 'What a space decides for itself' },
        { name: 'bench', description: 'What was measured' },
        { name: 'service', description: 'Health and metrics' },
      ],
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig }),
    transformObject(document) {
      const named = nameSchemas(document);
      // Every named schema is one of an answer; the copies for requests are never referred to.
      const schemas = 'components' in named ? (named.components?.schemas ?? {}) : {};
      for (const name of Object.keys(schemas)) if (name.endsWith('Input')) delete schemas[name];
      return named;
    },
  };
}
