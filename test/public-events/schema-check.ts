import { fastify } from 'fastify';
import type { FastifyValidationResult } from 'fastify/types/schema.js';
import type { JsonSchema } from '../../src/application/public-events/shape.js';

/** What a value has against a schema; `undefined` when nothing. Fastify's own validator (Ajv), told to change nothing. */
export type SchemaCheck = (schema: JsonSchema, value: unknown) => string | undefined;

export async function openSchemaCheck(): Promise<SchemaCheck> {
  const server = fastify({
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  });
  await server.post('/', { schema: { body: { type: 'object' } } }, () => '').ready();
  const compiled = new Map<string, FastifyValidationResult>();
  return (schema, value) => {
    const text = JSON.stringify(schema);
    const validate = compiled.get(text) ?? server.validatorCompiler?.({ schema, method: 'POST', url: '/' });
    if (!validate) throw new Error('Fastify has no validator');
    compiled.set(text, validate);
    return validate(value) === true ? undefined : JSON.stringify(validate.errors);
  };
}

/** The schema, but one that knows no other fields: what a mapping lets slip through fails. */
export function closed(schema: JsonSchema): JsonSchema {
  const { items, properties } = schema;
  return {
    ...schema,
    ...(items && { items: closed(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, closed(field)])),
      additionalProperties: false,
    }),
  };
}
