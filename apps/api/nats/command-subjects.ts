import type { OpenAPIObject } from '@nestjs/swagger';

/**
 * A command's subject, `ledger.commands.<context>.<action>`: the first part of its path, and its operation id in kebab
 * case (`ledger.commands.orders.place-order`).
 * `path`        with a name in braces for each parameter
 * `parameters`  those names; `parameterSchemas` what each may be
 * `schema`      of the body over HTTP; absent where it has none
 */
export type CommandSubject = Readonly<{
  subject: string;
  operationId: string;
  summary: string;
  path: string;
  parameters: readonly string[];
  parameterSchemas: Readonly<Record<string, object>>;
  schema?: object;
}>;

/** What the API subscribes to, in one queue group: each command is answered by one process. */
export const COMMAND_SUBJECTS = 'ledger.commands.>';
export const COMMAND_QUEUE = 'ledger-api';

type Operation = Readonly<{
  operationId?: string;
  summary?: string;
  parameters?: readonly Readonly<{ name: string; in: string; required?: boolean; schema?: object }>[];
  requestBody?: Readonly<{ content?: Readonly<Record<string, Readonly<{ schema?: object }>>> }>;
}>;

/** Every command of the API: the operations that ask for an `Idempotency-Key`. */
export function commandSubjects({ paths }: Pick<OpenAPIObject, 'paths'>): readonly CommandSubject[] {
  const found: CommandSubject[] = [];
  for (const [path, item] of Object.entries(paths)) {
    const { post } = item as { post?: Operation };
    const isCommand = post?.parameters?.some(({ name, required }) => name === 'Idempotency-Key' && required);
    if (!post || !isCommand) continue;
    const { operationId = '', summary = '', requestBody, parameters = [] } = post;
    const schema = requestBody?.content?.['application/json']?.schema;
    found.push({
      subject: `ledger.commands.${contextOf(path)}.${kebab(operationId)}`,
      operationId,
      summary,
      path,
      parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''),
      parameterSchemas: Object.fromEntries(
        parameters.filter((each) => each.in === 'path').map(({ name, schema: of = {} }) => [name, of]),
      ),
      ...(schema && { schema }),
    });
  }
  return found;
}

const contextOf = (path: string): string => path.split('/')[2] ?? '';
const kebab = (camel: string): string => camel.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
