import type { OpenAPIObject } from '@nestjs/swagger';
import { COMMAND_QUEUE, commandSubjects, type CommandSubject } from '../nats/command-subjects.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more });

const REPLIES = 'command-replies';
const REPLY_HEADERS = {
  'Ledger-Status': text('The status that HTTP would have: 2xx for a receipt, 4xx or 5xx for a problem.'),
  'content-type': text('`application/json`, or `application/problem+json` for a problem.'),
  'x-correlation-id': text('Ties the command to events and log lines.'),
  etag: text('The revision, as a strong entity tag for `If-Match`.'),
  'ledger-position': text('Position in the log, for `minPosition` of a query.'),
  'idempotent-replayed': text('`true` when this is the first answer again.'),
  location: text('Where what was created can be read over HTTP.'),
  'retry-after': text('Seconds after which to try again.'),
  traceparent: text('W3C Trace Context, where the command had one.'),
};

/** The commands that NATS takes, as parts of an AsyncAPI document: made of the OpenAPI document, so that they cannot differ. */
export function commandParts(openApi: Pick<OpenAPIObject, 'paths' | 'components'>) {
  const commands = commandSubjects(openApi);
  const ofEach = <T>(make: (command: CommandSubject) => T): Readonly<Record<string, T>> =>
    Object.fromEntries(commands.map((command) => [command.subject, make(command)]));
  return {
    channels: {
      ...ofEach(({ subject, summary }) => ({
        address: subject,
        summary,
        messages: { [subject]: { $ref: `#/components/messages/${subject}` } },
      })),
      [REPLIES]: {
        address: null,
        description: 'The subject of its own that a request names for its answer (its inbox).',
        messages: {
          receipt: { $ref: '#/components/messages/receipt' },
          problem: { $ref: '#/components/messages/problem' },
        },
      },
    },
    operations: ofEach(({ subject, summary }) => ({
      action: 'receive',
      summary,
      channel: { $ref: `#/channels/${subject}` },
      messages: [{ $ref: `#/channels/${subject}/messages/${subject}` }],
      bindings: { nats: { queue: COMMAND_QUEUE } },
      reply: {
        address: { location: '$message.header#/reply', description: 'The reply subject of the NATS message.' },
        channel: { $ref: `#/channels/${REPLIES}` },
        messages: [
          { $ref: `#/channels/${REPLIES}/messages/receipt` },
          { $ref: `#/channels/${REPLIES}/messages/problem` },
        ],
      },
    })),
    messages: {
      ...ofEach(messageOf),
      receipt: reply('receipt', 'The command was accepted', 'application/json', 'ReceiptBody'),
      problem: reply('problem', 'It was not, or nobody knows (RFC 9457)', 'application/problem+json', 'ProblemBody'),
    },
    messageTraits: { command: { headers: COMMAND_HEADERS } },
    schemas: reachable(openApi.components?.schemas ?? {}, commands),
  };
}

const COMMAND_HEADERS = {
  type: 'object',
  description: 'NATS tells upper from lower case; these names are taken in any.',
  properties: {
    'Idempotency-Key': text('Names this command for ever: repeat it under the same key, and it is done once.', {
      minLength: 1,
      maxLength: 512,
    }),
    'If-Match': text('The `etag` that the command was decided on; required where HTTP requires it.'),
    'X-Correlation-Id': text('Comes back, and goes into the events.'),
    traceparent: text('W3C Trace Context.'),
  },
  required: ['Idempotency-Key'],
};

function messageOf({ subject, summary, parameters, parameterSchemas, schema }: CommandSubject): object {
  const ofPath = { type: 'object', properties: parameterSchemas, required: parameters };
  return {
    name: subject,
    title: subject,
    summary,
    contentType: 'application/json',
    traits: [{ $ref: '#/components/messageTraits/command' }],
    payload: schema ? { allOf: [...(parameters.length > 0 ? [ofPath] : []), schema] } : ofPath,
  };
}

const reply = (name: string, summary: string, contentType: string, schema: string) => ({
  name,
  summary,
  contentType,
  headers: { type: 'object', properties: REPLY_HEADERS, required: ['Ledger-Status', 'x-correlation-id'] },
  payload: { $ref: `#/components/schemas/${schema}` },
});

/** The schemas that the commands and their answers refer to, directly or through others. */
function reachable(all: Schemas, commands: readonly CommandSubject[]): Schemas {
  const found: Schemas = {};
  const take = (name: string): void => {
    const schema = all[name];
    if (!schema || Object.hasOwn(found, name)) return;
    found[name] = schema;
    takeAllIn(schema);
  };
  const takeAllIn = (part: object): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) take(name);
  };
  for (const { schema } of commands) if (schema) takeAllIn(schema);
  for (const name of ['ReceiptBody', 'ProblemBody']) take(name);
  return found;
}
