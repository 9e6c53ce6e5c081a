import { Injectable, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { HEADERS, problemExamples } from './api-docs.js';
import { ProblemBody, ReceiptBody } from './bodies.js';
import { OrderReceiptBody } from './orders/fulfilment.dto.js';

type Components = NonNullable<OpenAPIObject['components']>;
type Responses = NonNullable<Components['responses']>;

const DESCRIPTION = `The system of record of a shop. Orders, stock and products change only by commands; every accepted command
becomes events in an append-only log, and everything that is read is folded from that log.

**Commands** need an \`Idempotency-Key\`: repeat one with the same key and content and it is done once. What they answer is
durable. \`If-Match\` with an \`ETag\` makes one conditional. \`Ledger-Position\` says where in the log it is.

**Queries** read views, which follow the log. Each answer says how far behind its view is (\`Ledger-View-Lag\`, in log
positions). To read your own writes, send \`minPosition\` with the \`Ledger-Position\` of the command.

**Problems** are \`application/problem+json\` with a stable \`code\`; each has [a page](/problems).

Amounts are minor units as decimal text, unit prices decimals in major units as text, times RFC 3339 in UTC.`;

/** The OpenAPI 3.1 document of this very application, made once at start. */
@Injectable()
export class OpenApi {
  #document: OpenAPIObject | undefined;

  get document(): OpenAPIObject {
    if (!this.#document) throw new Error('The OpenAPI document is made by describe(), at start');
    return this.#document;
  }

  describe(app: INestApplication): void {
    const config = new DocumentBuilder()
      .setOpenAPIVersion('3.1.0')
      .setTitle('Commerce Ledger')
      .setDescription(DESCRIPTION)
      .setVersion('1')
      .setLicense('MIT', 'https://opensource.org/license/mit')
      .addTag('Products')
      .addTag('Stock')
      .addTag('Orders')
      .addTag('Payments')
      .addTag('Sandbox')
      .addTag('Credit notes')
      .addTag('Journals')
      .addTag('Sales')
      .addTag('Events')
      .addTag('About')
      .build();
    const document = SwaggerModule.createDocument(app, config, {
      extraModels: [ProblemBody, ReceiptBody, OrderReceiptBody],
    });
    document.components = { ...document.components, headers: HEADERS, examples: problemExamples() };
    this.#document = shareResponses(document);
  }
}

/** Says each problem response once: as a component, named by its status and a number. */
function shareResponses(document: OpenAPIObject): OpenAPIObject {
  const shared = new Map<string, { name: string; response: Responses[string] }>();
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item as Record<string, { responses?: Responses }>)) {
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        const text = JSON.stringify(response);
        if (!operation.responses || !text.includes('application/problem+json')) continue;
        const count = [...shared.values()].filter(({ name }) => name.startsWith(`${status}-`)).length;
        const known = shared.get(text) ?? { name: `${status}-${count + 1}`, response };
        shared.set(text, known);
        operation.responses[status] = { $ref: `#/components/responses/${known.name}` };
      }
    }
  }
  const responses = Object.fromEntries([...shared.values()].map(({ name, response }) => [name, response]));
  return { ...document, components: { ...document.components, responses } };
}
