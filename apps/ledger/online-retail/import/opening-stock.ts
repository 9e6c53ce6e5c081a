import type { EventStore } from '../../../../src/application/ports/event-store.js';
import { creditNoteStream, journalStream, orderStream, stockStream } from '../../../../src/domain/streams.js';
import type { InvoiceClass } from './invoice.js';
import { LOCATION } from './plan.js';
import type { Planner } from './planner.js';
import type { Survey } from './survey.js';

/** `receive` the opening stock that the file needs, or `skip` it, because it is in the ledger already. */
export type OpeningStock = 'receive' | 'skip';

/** Invoices of this file are in the ledger, but came with another file: nobody but the user knows what that means. */
export class ImportedFromAnotherFile extends Error {
  override readonly name = 'ImportedFromAnotherFile';
  constructor(readonly invoice: string) {
    super(`Invoice ${invoice} of this file was imported before, with another file`);
  }
}

/**
 * Opening stock is named by the file's content, so that another year brings its own. But a corrected copy of a file is
 * another content too, and would bring all of it a second time.
 * @throws ImportedFromAnotherFile the first or the last invoice is in the ledger, and this file's opening stock is not
 */
export async function refuseASecondOpening(log: EventStore, survey: Survey, planner: Planner): Promise<void> {
  const [opening] = planner.openings();
  const [shelf] = survey.openings;
  if (!opening || !shelf) return;
  if (await holds(log, stockStream(shelf.sku, LOCATION), opening.context.commandId)) return;
  const documents = [...survey.invoices].flatMap(([number, invoice]) => documentOf(number, invoice.class) ?? []);
  for (const { number, stream, step } of [...documents.slice(0, 1), ...documents.slice(-1)]) {
    if (await holds(log, stream, `online-retail:${number}:${step}`)) throw new ImportedFromAnotherFile(number);
  }
}

/** The stream that an invoice's document begins, and the step that does it; a correction of stock has none. */
function documentOf(number: string, invoiceClass: InvoiceClass) {
  switch (invoiceClass) {
    case 'order':
      return { number, stream: orderStream(number), step: 'place' };
    case 'credit':
      return { number, stream: creditNoteStream(number), step: 'issue' };
    case 'journal':
      return { number, stream: journalStream(number), step: 'post' };
    case 'adjustment':
      return undefined;
  }
}

async function holds(log: EventStore, stream: string, commandId: string): Promise<boolean> {
  for await (const events of log.readStream(stream)) {
    if (events.some(({ metadata }) => metadata.commandId === commandId)) return true;
  }
  return false;
}
