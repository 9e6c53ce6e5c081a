import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EditOrderHandler, PreviewEditHandler } from '../../src/application/order/edit-order.js';
import { GetCreditNoteHandler } from '../../src/application/credit-note/credit-notes.query.js';
import { RunCreditNoteHandler } from '../../src/application/credit-note/run-credit-note.handler.js';
import {
  FindCustomersByEmailHandler,
  FindCustomersHandler,
  GetCustomerHandler,
} from '../../src/application/customer/customers.query.js';
import { RunCustomerHandler } from '../../src/application/customer/run-customer.handler.js';
import { GetJournalHandler } from '../../src/application/journal/journals.query.js';
import { RunJournalHandler } from '../../src/application/journal/run-journal.handler.js';
import {
  AwaitFulfilmentHandler,
  FindFulfilmentsHandler,
  GetFulfilmentHandler,
} from '../../src/application/order/fulfilment.query.js';
import { FindOrdersHandler, GetOrderHandler } from '../../src/application/order/orders.query.js';
import { PlaceDraftHandler } from '../../src/application/order/place-draft.js';
import { PlaceOrderHandler } from '../../src/application/order/place-order.js';
import { RunOrderHandler } from '../../src/application/order/run-order.handler.js';
import { ReceiveProviderEventHandler } from '../../src/application/payment/receive-provider-event.js';
import { InitiatePaymentHandler } from '../../src/application/payment/initiate-payment.js';
import {
  PAYMENT_SETTINGS,
  SANDBOX_PAYMENTS,
  type PaymentSettings,
} from '../../src/application/payment/payment-settings.js';
import { FindPaymentsHandler, GetPaymentHandler } from '../../src/application/payment/payments.query.js';
import { RecordPaymentHandler } from '../../src/application/payment/record-payment.js';
import { RunPaymentHandler } from '../../src/application/payment/run-payment.handler.js';
import { CLOCK, type Clock } from '../../src/application/ports/clock.js';
import { EVENT_STORE, type EventStore } from '../../src/application/ports/event-store.js';
import { KEY_STORE, type KeyStore } from '../../src/application/ports/key-store.js';
import { SANDBOX_BANK, type SandboxBank } from '../../src/application/ports/sandbox-bank.js';
import { VIEW_STORE, type ViewStore } from '../../src/application/ports/view-store.js';
import { FindProductsHandler, GetProductHandler } from '../../src/application/product/products.query.js';
import { RunProductHandler } from '../../src/application/product/run-product.handler.js';
import { FindSalesHandler } from '../../src/application/sales/sales.query.js';
import { ReceiveTransferHandler } from '../../src/application/stock/receive-transfer.js';
import { FindReservationsHandler, GetReservationHandler } from '../../src/application/stock/reservations.query.js';
import { FindStockHandler, GetStockHandler } from '../../src/application/stock/stock.query.js';
import { RunStockHandler } from '../../src/application/stock/run-stock.handler.js';
import { FindTransfersHandler, GetTransferHandler } from '../../src/application/stock/transfers.query.js';
import type { SnapshotOptions } from '../../src/application/stream-writer/snapshots.js';
import { StreamWriter } from '../../src/application/stream-writer.js';
import { backgroundWith } from '../../src/infrastructure/processes/background.js';
import { ViewReader } from '../../src/application/views/view-reader.js';
import { Commands } from './commands.js';
import { CreditNotesController } from './credit-notes/credit-notes.controller.js';
import { CustomersController } from './customers/customers.controller.js';
import { FeedController } from './feed/feed.controller.js';
import { DEFAULT_FEED, Feed, FEED_SETTINGS, type FeedSettings } from './feed/feed.js';
import { BACKGROUND, HealthController } from './health/health.controller.js';
import { LogHealth } from './health/log-health.js';
import { IndexController } from './index.controller.js';
import { JournalsController } from './journals/journals.controller.js';
import { Lifecycle } from './lifecycle.js';
import { OpenApi } from './openapi.js';
import { DraftsController } from './orders/drafts.controller.js';
import { FulfilmentController } from './orders/fulfilment.controller.js';
import { OrderChangesController } from './orders/order-changes.controller.js';
import { OrderCommands } from './orders/order-commands.js';
import { OrdersController } from './orders/orders.controller.js';
import { ReturnsController } from './orders/returns.controller.js';
import { PaymentsController } from './payments/payments.controller.js';
import { ProblemsController } from './problems/problems.controller.js';
import { ProductsController } from './products/products.controller.js';
import { Queries } from './queries.js';
import { RecordedPaymentsController } from './recorded-payments/recorded-payments.controller.js';
import { SandboxController } from './sandbox/sandbox.controller.js';
import { SalesController } from './sales/sales.controller.js';
import { ReservationQueriesController } from './stock/reservation-queries.controller.js';
import { ReservationsController } from './stock/reservations.controller.js';
import { StockQueriesController } from './stock/stock-queries.controller.js';
import { StockController } from './stock/stock.controller.js';
import { TransfersController } from './stock/transfers.controller.js';
import { StripeWebhookController } from './webhooks/stripe-webhook.controller.js';

/**
 * `sandbox`     where payments are with the embedded one
 * `background`  names of what a projector should be at, with these settings; as if nothing were set
 */
export type Ports = Readonly<{
  store: EventStore;
  views: ViewStore;
  keys: KeyStore;
  clock: Clock;
  snapshots?: SnapshotOptions;
  feed?: Partial<FeedSettings>;
  payments?: PaymentSettings;
  sandbox?: SandboxBank;
  background?: readonly string[];
}>;

const COMMAND_HANDLERS = [
  RunCustomerHandler,
  RunProductHandler,
  RunStockHandler,
  ReceiveTransferHandler,
  RunOrderHandler,
  PlaceOrderHandler,
  PlaceDraftHandler,
  EditOrderHandler,
  RunCreditNoteHandler,
  RunJournalHandler,
];
const PAYMENT_HANDLERS = [InitiatePaymentHandler, RecordPaymentHandler, RunPaymentHandler, ReceiveProviderEventHandler];
const QUERY_HANDLERS = [
  GetCustomerHandler,
  FindCustomersHandler,
  FindCustomersByEmailHandler,
  FindProductsHandler,
  GetProductHandler,
  FindStockHandler,
  GetStockHandler,
  FindReservationsHandler,
  GetReservationHandler,
  FindTransfersHandler,
  GetTransferHandler,
  FindOrdersHandler,
  GetFulfilmentHandler,
  FindFulfilmentsHandler,
  AwaitFulfilmentHandler,
  GetOrderHandler,
  FindPaymentsHandler,
  GetPaymentHandler,
  PreviewEditHandler,
  GetCreditNoteHandler,
  GetJournalHandler,
  FindSalesHandler,
];

@Module({})
export class ApiModule {
  static over(ports: Ports): DynamicModule {
    const { store, views, keys, clock, snapshots, feed, payments = SANDBOX_PAYMENTS, sandbox } = ports;
    const { background = backgroundWith({}) } = ports;
    return {
      module: ApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        IndexController,
        ProductsController,
        StockController,
        ReservationsController,
        StockQueriesController,
        ReservationQueriesController,
        TransfersController,
        DraftsController,
        OrdersController,
        FulfilmentController,
        PaymentsController,
        RecordedPaymentsController,
        CreditNotesController,
        JournalsController,
        StripeWebhookController,
        ...(sandbox ? [SandboxController] : []),
        OrderChangesController,
        ReturnsController,
        CustomersController,
        SalesController,
        FeedController,
        ProblemsController,
        HealthController,
      ],
      providers: [
        { provide: EVENT_STORE, useValue: store },
        { provide: VIEW_STORE, useValue: views },
        { provide: KEY_STORE, useValue: keys },
        { provide: CLOCK, useValue: clock },
        { provide: PAYMENT_SETTINGS, useValue: payments },
        { provide: SANDBOX_BANK, useValue: sandbox },
        { provide: BACKGROUND, useValue: background },
        { provide: LogHealth, useFactory: () => new LogHealth(store) },
        {
          provide: StreamWriter,
          useFactory: (log: LogHealth) => new StreamWriter(log, { snapshots }),
          inject: [LogHealth],
        },
        { provide: ViewReader, useFactory: () => new ViewReader(views, store) },
        { provide: FEED_SETTINGS, useValue: { ...DEFAULT_FEED, ...feed } },
        Feed,
        Commands,
        OrderCommands,
        Queries,
        Lifecycle,
        OpenApi,
        ...COMMAND_HANDLERS,
        ...PAYMENT_HANDLERS,
        ...QUERY_HANDLERS,
      ],
    };
  }
}
