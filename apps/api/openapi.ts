import { Injectable, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ProblemBody, ReceiptBody } from './bodies.js';

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
      .addTag('Sales')
      .addTag('About')
      .build();
    this.#document = SwaggerModule.createDocument(app, config, { extraModels: [ProblemBody, ReceiptBody] });
  }
}
