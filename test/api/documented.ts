import type { OpenAPIObject } from '@nestjs/swagger';
import type { Answered } from './api-harness.js';

type Operation = Readonly<{ responses: Record<string, Response> }>;
type Response = Readonly<{
  $ref?: string;
  content?: Record<string, { schema?: { allOf?: { properties?: { code?: { enum?: string[] } } }[] } }>;
}>;

/**
 * Holds an answer against what the OpenAPI document says of the operation: its status, and for a problem its code. A
 * path or a method that is no operation has nothing to be held against.
 */
export function refuseUndocumented(document: OpenAPIObject, method: string, path: string, answer: Answered): void {
  const [pathname = ''] = path.split('?');
  for (const [template, item] of Object.entries(document.paths)) {
    if (!new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname)) continue;
    const operation = (item as Record<string, Operation>)[method.toLowerCase()];
    if (!operation) continue;
    const { status, json } = answer;
    const documented = codesOf(document, operation.responses[status]);
    const code = json['code'] as string | undefined;
    if (documented === undefined || (code !== undefined && !documented.includes(code))) {
      throw new Error(`${method} ${template} answers ${status} ${code ?? ''}, which its OpenAPI does not list`);
    }
  }
}

/** The problem codes of one response, none for one without a problem; `undefined` where there is no such response. */
function codesOf(document: OpenAPIObject, response: Response | undefined): readonly string[] | undefined {
  const name = response?.$ref?.split('/').at(-1);
  const found = name === undefined ? response : (document.components?.responses?.[name] as Response | undefined);
  if (!found) return undefined;
  const parts = found.content?.['application/problem+json']?.schema?.allOf ?? [];
  return parts.flatMap(({ properties }) => properties?.code?.enum ?? []);
}
