import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { JournalEvent } from '../../domain/journal/journal.events.js';
import { journalStream } from '../../domain/streams.js';
import { readIssued, type IssuedDocument } from '../issued-document.js';
import { EVENT_STORE, type EventStore } from '../ports/event-store.js';
import type { Answer, Freshness } from '../views/view-reader.js';

/** One posting, or `undefined`. */
export class GetJournal extends Query<Answer<IssuedDocument<JournalEvent> | undefined>> {
  constructor(
    readonly journalId: string,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

@QueryHandler(GetJournal)
export class GetJournalHandler implements IQueryHandler<GetJournal> {
  constructor(@Inject(EVENT_STORE) private readonly log: EventStore) {}

  execute({ journalId, freshness }: GetJournal): Promise<Answer<IssuedDocument<JournalEvent> | undefined>> {
    return readIssued<JournalEvent>(this.log, journalStream(journalId), freshness);
  }
}
