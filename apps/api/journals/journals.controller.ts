import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { journalIdFor } from '../../../src/application/ids.js';
import { GetJournal } from '../../../src/application/journal/journals.query.js';
import { RunJournal } from '../../../src/application/journal/run-journal.handler.js';
import type { IssuedDocument } from '../../../src/application/issued-document.js';
import type { JournalEvent } from '../../../src/domain/journal/journal.events.js';
import { ApiCommand, ApiRead } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { Queries } from '../queries.js';
import { JournalBody, JournalPath, JournalQuery, PostJournalBody } from './journal.dto.js';

/** Postings by hand: what neither an order nor a credit note says. */
@ApiTags('Journals')
@Controller('v1/journals')
export class JournalsController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: Queries,
  ) {}

  @Post()
  @ApiCommand({
    id: 'postJournal',
    summary: 'Post by hand, with a description',
    description: 'At least two legs, in balance per currency. A posting is never changed, only reversed by another.',
    creates: 'It is posted.',
    problems: ['journal-already-posted', 'journal-unbalanced', 'amount-too-large'],
  })
  post(
    @Body() body: PostJournalBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    const journalId = body.journalId ?? journalIdFor(context.commandId);
    const legs = body.legs.map(({ account, side, minor, currency }) => ({
      account,
      side,
      amount: { minor: BigInt(minor), currency },
    }));
    const command = { type: 'PostJournal', data: { ...body, journalId, legs } } as const;
    return this.commands.run(new RunJournal(command, context), reply, journalId, `/v1/journals/${journalId}`);
  }

  @Get(':journalId')
  @ApiRead({
    id: 'getJournal',
    summary: 'One posting',
    description: 'Read where it was written: never behind.',
    answer: JournalBody,
    problems: ['journal-unknown', 'log-unavailable'],
  })
  get(
    @Param() { journalId }: JournalPath,
    @Query() query: JournalQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const journal = new GetJournal(journalId, this.queries.freshness(query, request, reply));
    return this.queries.one(journal, { code: 'journal-unknown' }, presentJournal, request, reply);
  }
}

function presentJournal({ data, principal, occurredAt, revision }: IssuedDocument<JournalEvent>): JournalBody {
  const legs = data.legs.map(({ account, side, amount: { minor, currency } }) => ({
    account,
    side,
    amount: { minor: minor.toString(), currency },
  }));
  return { object: 'journal', ...data, legs, principal, postedAt: occurredAt, revision };
}
