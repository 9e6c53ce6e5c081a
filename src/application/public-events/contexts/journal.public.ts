import type { JournalEvent } from '../../../domain/journal/journal.events.js';
import { withhold, type Publications } from '../publication.js';

export const journal: Publications<JournalEvent> = {
  JournalPosted: withhold('A posting by hand is internal bookkeeping, explained in free text.'),
};
