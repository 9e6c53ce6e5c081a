import type { OpenAPIObject } from '@nestjs/swagger';
import {
  CLOUD_EVENT_JSON,
  dataSchemaOf,
  sourceOf,
  type CloudEvent,
} from '../../../src/application/public-events/cloud-event.js';
import type { Published } from '../../../src/application/public-events/publication.js';
import { publicEvents } from '../../../src/application/public-events/registry.js';
import { DEFAULT_STREAM } from '../../../src/infrastructure/config/nats-setting.js';
import {
  DUPLICATE_WINDOW_MS,
  EVENT_STREAM,
  EVENT_SUBJECTS,
} from '../../../src/infrastructure/messaging/event-stream.js';
import { BODY_LIMIT_BYTES } from '../body-parser.js';
import { DEFAULT_GATE } from '../nats/command-gate.js';
import { commandParts } from './asyncapi-commands.js';

const DESCRIPTION = `What the ledger tells the outside, as CloudEvents 1.0.2 in JSON (structured mode). Each type has a subject of NATS,
which is its name. Over HTTP the same events are at \`/v1/feed\`, live, and at \`/v1/events\`, in pages.

Delivery is at least once: an event that comes again has the same \`id\`, which NATS carries as \`Nats-Msg-Id\`. Within one
\`subject\` events come in order, and \`sequence\` counts them, those that are not public included. Events of different
subjects come in the order of the log, too, and nobody should need it. A type changes only by added fields, which
readers pass over; anything else is a type with the next version, beside it.

Amounts are minor units as decimal text, prices decimals in major units as text, times RFC 3339 in UTC. No event holds
free text that people wrote as a reason, nor who asked for what.

Commands are requests: a message to the command's subject, answered on its reply subject with the receipt or the problem that
HTTP gives. The JSON of the message holds what stands in HTTP's path beside the fields of its body. One process of the API
does ${DEFAULT_GATE.atOnce} at once, and has ${DEFAULT_GATE.waiting} wait for ${DEFAULT_GATE.waitMs / 1_000} seconds; the rest it refuses (\`too-many-commands\`). A message is at most ${BODY_LIMIT_BYTES}
bytes long (\`body-too-large\`). A request that is not answered in time is sent again under the same \`Idempotency-Key\`.`;

const text = (description: string) => ({ type: 'string', description });
const instant = (description: string) => ({ type: 'string', format: 'date-time', description });

/** The envelope: what every event has around its `data`. */
const ATTRIBUTES = {
  specversion: { type: 'string', const: '1.0' },
  id: text('Names the event for ever.'),
  source: text('`/ledger/` and the identity of the log. Another one: positions start anew.'),
  subject: text('The stream in the log.'),
  time: instant('When it happened in the business.'),
  datacontenttype: { type: 'string', const: 'application/json' },
  sequence: text('Revision of its stream, as 20 digits, so that it sorts as text.'),
  partitionkey: text('Its stream: within one, order matters.'),
  position: text('Of the log, decimal: for `Last-Event-ID` and `after`. Do not calculate with it.'),
  recordedtime: instant('When the log recorded it.'),
  correlationid: text('Ties together what one request set off.'),
  causationid: text('The id of the command, or event, that caused it.'),
} as const;

/** The AsyncAPI 3.0 document, out of the registry that the events themselves are made by, and of the commands in OpenAPI. */
export function asyncApiDocument(openApi: Pick<OpenAPIObject, 'paths' | 'components'>): object {
  const commands = commandParts(openApi);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Commerce Ledger: public events, and commands over NATS',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: CLOUD_EVENT_JSON,
    servers: {
      nats: {
        host: 'localhost:4222',
        protocol: 'nats',
        description: 'The NATS server in `NATS_URL`, with JetStream.',
        'x-jetstream': {
          stream: EVENT_STREAM,
          subjects: EVENT_SUBJECTS,
          retention: 'limits',
          discard: 'old',
          storage: 'file',
          maxAgeDays: DEFAULT_STREAM.maxAgeDays,
          replicas: DEFAULT_STREAM.replicas,
          duplicateWindowSeconds: DUPLICATE_WINDOW_MS / 1_000,
          deduplicateBy: 'Nats-Msg-Id',
        },
      },
    },
    channels: {
      ...each(({ type, summary }) => ({
        address: type,
        summary,
        messages: { [type]: { $ref: `#/components/messages/${type}` } },
      })),
      ...commands.channels,
    },
    operations: {
      ...each(({ type, summary }) => ({
        action: 'send',
        summary,
        channel: { $ref: `#/channels/${type}` },
        messages: [{ $ref: `#/channels/${type}/messages/${type}` }],
      })),
      ...commands.operations,
    },
    components: {
      messages: { ...each(messageOf), ...commands.messages },
      messageTraits: {
        ...commands.messageTraits,
        published: {
          headers: {
            type: 'object',
            properties: {
              'Nats-Msg-Id': text('The `id` of the event.'),
              'Content-Type': { type: 'string', const: CLOUD_EVENT_JSON },
            },
            required: ['Nats-Msg-Id', 'Content-Type'],
          },
        },
      },
      schemas: { ...commands.schemas, ...each(({ type, data }) => ({ $id: dataSchemaOf(type), ...data.schema })) },
    },
  };
}

function messageOf(event: Published): object {
  const { type, summary } = event;
  const payload = exampleOf(event);
  return {
    name: type,
    title: type,
    summary,
    contentType: CLOUD_EVENT_JSON,
    traits: [{ $ref: '#/components/messageTraits/published' }],
    payload: {
      type: 'object',
      properties: {
        ...ATTRIBUTES,
        type: { type: 'string', const: type },
        dataschema: { type: 'string', const: dataSchemaOf(type) },
        traceparent: text('W3C Trace Context, where the request had one.'),
        data: { $ref: `#/components/schemas/${type}` },
      },
      required: [...Object.keys(ATTRIBUTES), 'type', 'dataschema', 'data'],
    },
    examples: [{ name: 'example', headers: { 'Nats-Msg-Id': payload.id, 'Content-Type': CLOUD_EVENT_JSON }, payload }],
  };
}

/** An event around the example of its data. */
function exampleOf({ type, data }: Published): CloudEvent {
  const stream = `${type.split('.')[1]}-example`;
  return {
    specversion: '1.0',
    id: '0f0b2c5e-8f0e-5d0a-9c11-2f5b8a6e4d03',
    source: sourceOf('6f1ed002-ab55-4d3c-8a1f-0d3f2b3c4d5e'),
    type,
    subject: stream,
    time: '2026-03-01T12:30:00.000Z',
    datacontenttype: 'application/json',
    dataschema: dataSchemaOf(type),
    sequence: '00000000000000000003',
    partitionkey: stream,
    position: '1042',
    recordedtime: '2026-03-01T12:30:00.125Z',
    correlationid: 'checkout-7f3a',
    causationid: '0198c5f1-7b44-7d0a-9c11-2f5b8a6e4d03',
    data: data.example as object,
  };
}

/** Something for every public event, under its type. */
const each = <T>(make: (event: Published) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(publicEvents.map((event) => [event.type, make(event)]));
