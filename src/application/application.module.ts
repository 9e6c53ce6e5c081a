import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { RunCreditNoteHandler } from './credit-note/run-credit-note.handler.js';
import { RunJournalHandler } from './journal/run-journal.handler.js';
import { RunOrderHandler } from './order/run-order.handler.js';
import { RunPaymentHandler } from './payment/run-payment.handler.js';
import type { EventStore } from './ports/event-store.js';
import { RunProductHandler } from './product/run-product.handler.js';
import { RunStockHandler } from './stock/run-stock.handler.js';
import { StreamWriter } from './stream-writer.js';

/** The command side: one `StreamWriter` on `store`, and a handler for each context's commands on the `CommandBus`. */
@Module({})
export class ApplicationModule {
  static on(store: EventStore): DynamicModule {
    return {
      module: ApplicationModule,
      imports: [CqrsModule.forRoot()],
      providers: [
        { provide: StreamWriter, useValue: new StreamWriter(store) },
        RunProductHandler,
        RunStockHandler,
        RunOrderHandler,
        RunPaymentHandler,
        RunCreditNoteHandler,
        RunJournalHandler,
      ],
      exports: [CqrsModule, StreamWriter],
    };
  }
}
