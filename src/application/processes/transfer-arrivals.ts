import { transfersView, type TransferDocument } from '../../projections/transfers.view.js';
import type { ViewStore } from '../ports/view-store.js';
import { receiveTransfer } from '../stock/receive-transfer.js';
import type { StreamWriter } from '../stream-writer.js';
import { sweepDue } from './sweep-due.js';
import type { Sweep, Swept } from './sweep.js';

const PAGE = 100;

/** Takes in what was sent to arrive at once, at the business time at which it was sent. */
export class TransferArrivals implements Sweep {
  readonly name = 'transfer-arrivals@1';
  readonly view = transfersView;

  constructor(private readonly options: Readonly<{ writer: StreamWriter; views: ViewStore }>) {}

  sweep(signal: AbortSignal): Promise<Swept> {
    const due = { index: 'due', limit: PAGE };
    return sweepDue(this.options.views, transfersView, [due], (document) => this.#takeIn(document), signal);
  }

  #takeIn({ sku, from, to, transferId, quantity, sentAt = '' }: TransferDocument): Promise<unknown> {
    return receiveTransfer(
      this.options.writer,
      { type: 'ReceiveTransfer', data: { sku, location: to, transferId, from, quantity } },
      { commandId: `arrival/${from}/${transferId}`, principal: 'transfer-arrivals', occurredAt: sentAt },
    );
  }
}
