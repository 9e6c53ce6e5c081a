import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GetCreditNote } from '../../../src/application/credit-note/credit-notes.query.js';
import { RunCreditNote } from '../../../src/application/credit-note/run-credit-note.handler.js';
import { creditNoteIdFor } from '../../../src/application/ids.js';
import { ApiCommand, ApiRead } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { Queries } from '../queries.js';
import { CreditNoteBody, CreditNotePath, CreditNoteQuery, IssueCreditNoteBody } from './credit-note.dto.js';
import { presentCreditNote } from './credit-note.presenter.js';

/** What is given back on paper (docs/adr/0010): goods, orders and money that go back have commands of their own. */
@ApiTags('Credit notes')
@Controller('v1/credit-notes')
export class CreditNotesController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: Queries,
  ) {}

  @Post()
  @ApiCommand({
    id: 'issueCreditNote',
    summary: 'Issue a credit note, with a reason',
    description:
      'It is never changed. Revenue counts it; what comes back is told by `return` of the stock and of the order, what is ' +
      'paid back by a refund.',
    creates: 'The credit note is issued.',
    problems: [
      'credit-note-already-issued',
      'origins-exceed-line',
      'origin-order-unknown',
      'origin-currency-differs',
      'origin-line-unknown',
      'origin-product-differs',
      'origin-exceeds-ordered',
      'quantity-too-large',
      'total-too-large',
    ],
  })
  issue(
    @Body() body: IssueCreditNoteBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    const creditNoteId = body.creditNoteId ?? creditNoteIdFor(context.commandId);
    const command = { type: 'IssueCreditNote', data: { ...body, creditNoteId } } as const;
    const created = `/v1/credit-notes/${creditNoteId}`;
    return this.commands.run(new RunCreditNote(command, context), reply, creditNoteId, created);
  }

  @Get(':creditNoteId')
  @ApiRead({
    id: 'getCreditNote',
    summary: 'One credit note',
    description: 'Read where it was written: never behind.',
    answer: CreditNoteBody,
    problems: ['credit-note-unknown', 'log-unavailable'],
  })
  get(
    @Param() { creditNoteId }: CreditNotePath,
    @Query() query: CreditNoteQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const creditNote = new GetCreditNote(creditNoteId, this.queries.freshness(query, request, reply));
    return this.queries.one(creditNote, { code: 'credit-note-unknown' }, presentCreditNote, request, reply);
  }
}
