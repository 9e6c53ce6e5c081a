import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { CreditNoteEvent } from '../../domain/credit-note/credit-note.events.js';
import { creditNoteStream } from '../../domain/streams.js';
import { readIssued, type IssuedDocument } from '../issued-document.js';
import { EVENT_STORE, type EventStore } from '../ports/event-store.js';
import type { Answer, Freshness } from '../views/view-reader.js';

/** One credit note, or `undefined`. */
export class GetCreditNote extends Query<Answer<IssuedDocument<CreditNoteEvent> | undefined>> {
  constructor(
    readonly creditNoteId: string,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(GetCreditNote)
export class GetCreditNoteHandler implements IQueryHandler<GetCreditNote> {
  constructor(@Inject(EVENT_STORE) private readonly log: EventStore) {}

  execute({ creditNoteId, freshness }: GetCreditNote): Promise<Answer<IssuedDocument<CreditNoteEvent> | undefined>> {
    return readIssued<CreditNoteEvent>(this.log, creditNoteStream(creditNoteId), freshness);
  }
}
